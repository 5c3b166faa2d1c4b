"""Measures outcomes and their estimators beside peers, on the same data in one run; prints JSON.

`python scripts/bench_outcomes.py [JOB ...]`; without a name every job is done. Peers live in an
environment of their own, made from `requirements/peers-outcomes.txt`.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench_registry import peers_python, run

CACHE = Path(__file__).parent.parent / ".cache" / "outcomes"


def survival() -> dict[str, Any]:
    """Kaplan-Meier, and Aalen-Johansen with its variance, beside lifelines."""
    folder = CACHE / "survival"
    ours, peers = Path(sys.executable), peers_python("peers-outcomes")
    found = run(ours, "survival.py", "make", "--folder", folder)
    mine = run(ours, "survival.py", "ours", "--folder", folder)
    theirs = run(peers, "peers/lifelines_survival.py", "--folder", folder)
    for name, one in mine.items():
        other = theirs[name]
        found[name] = {
            "ours, s": one["seconds"],
            "lifelines, s": other["seconds"],
            "times faster": other["seconds"] / one["seconds"],
        } | {
            f"largest difference of {what}": max(
                abs(a - b) for a, b in zip(one[what], other[what], strict=True)
            )
            for what in one
            if what != "seconds"
        }
    return found


JOBS: dict[str, Callable[[], dict[str, Any]]] = {"survival": survival}


def main() -> None:
    """Do the jobs asked for, each printed as it ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"one of {', '.join(JOBS)}")
    asked = parser.parse_args().jobs or list(JOBS)
    unknown = [name for name in asked if name not in JOBS]
    if unknown:
        parser.error(f"no job {', '.join(unknown)}; there are {', '.join(JOBS)}")
    for name in asked:
        print(json.dumps({name: JOBS[name]()}, indent=1), flush=True)


if __name__ == "__main__":
    main()
