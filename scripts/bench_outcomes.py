"""Measures outcomes and their estimators beside peers, on the same data in one run; prints JSON.

`python scripts/bench_outcomes.py [JOB ...]`; without a name every job is done. Peers live in an
environment of their own, made from `requirements/peers-outcomes.txt`.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
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


def disability() -> dict[str, Any]:
    """Confirmed worsening beside pymsprog and msclinical, then what they cannot do in a day."""
    return measure_disability(people=1_000_000, sizes=(1_000, 5_000), universe=100_000)


def measure_disability(*, people: int, sizes: Sequence[int], universe: int) -> dict[str, Any]:
    """As `disability`, of any size: ``people`` from Parquet, ``universe`` by 360 definitions."""
    folder = CACHE / "disability"
    shutil.rmtree(folder, ignore_errors=True)
    ours, peers = Path(sys.executable), peers_python("peers-outcomes")
    job = "disability.py"
    few = [str(size) for size in sizes]
    found = run(ours, job, "make", "--folder", folder, "--people", people, "--sizes", *few)
    for size in sizes:
        mine = run(ours, job, "beside", "--folder", folder, "--people", size)
        for peer, one in mine.items():
            script = f"peers/{peer}_disability.py"
            other = run(peers, script, "--folder", folder, "--people", size)
            found[f"{size:,} people, {peer}"] = {
                "ours, people/s": size / one["seconds"],
                f"{peer}, people/s": size / other["seconds"],
                "times faster": other["seconds"] / one["seconds"],
                "agrees": _agreement(one["events"], other["events"]),
            }
    found["kernel"] = run(ours, job, "kernel", "--people", universe)
    found["from Parquet"] = run(ours, job, "stream", "--folder", folder)
    found["multiverse"] = run(ours, job, "multiverse", "--people", universe)
    shutil.rmtree(folder)
    return found


def _agreement(ours: list[list[float]], theirs: list[list[float]]) -> str:
    """How many events are the same: person, onset, confirmation and reference value."""
    mine, other = ({tuple(event) for event in events} for events in (ours, theirs))
    return f"{len(mine & other):,} of {len(mine | other):,} events"


JOBS: dict[str, Callable[[], dict[str, Any]]] = {"survival": survival, "disability": disability}


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
