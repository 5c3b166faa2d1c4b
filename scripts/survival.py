"""Survival estimates of simulated continuous times, for benchmarks.

`python scripts/survival.py make --folder FOLDER` draws them; `ours` estimates and prints JSON.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from timing import timed

from afterdose.stats import aalen_johansen, kaplan_meier


def make(folder: Path, people: int, incidence_people: int) -> None:
    """Times without ties, what ended them, and the times at which answers are compared."""
    random = np.random.default_rng(1)
    event, end = random.exponential(5, people), random.uniform(0, 10, people)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "times.npy", np.minimum(event, end))
    np.save(folder / "endings.npy", np.where(event <= end, random.integers(1, 3, people), 0))
    few = {"incidence_people": incidence_people, "chosen": np.linspace(0.5, 9.5, 19).tolist()}
    (folder / "asked.json").write_text(json.dumps(few))


def ours(folder: Path, runs: int) -> dict[str, Any]:
    """Seconds of each run, and the estimates at the chosen times."""
    times, endings = np.load(folder / "times.npy"), np.load(folder / "endings.npy")
    asked = json.loads((folder / "asked.json").read_text())
    first = slice(asked["incidence_people"])
    jobs = {
        "kaplan-meier": lambda: kaplan_meier(times, endings > 0),
        "aalen-johansen": lambda: aalen_johansen(times[first], endings[first]),
    }
    found: dict[str, Any] = {}
    for name, job in jobs.items():
        job()
        seconds, curve = timed(job, runs)
        found[name] = {"seconds": seconds, "values": [curve.at(one)[0] for one in asked["chosen"]]}
    places = np.searchsorted(curve.times, asked["chosen"], side="right") - 1
    found["aalen-johansen"]["variances"] = curve.variance[places].tolist()
    return found


def main() -> None:
    """Draw, or estimate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["make", "ours"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--incidence-people", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    if given.job == "make":
        make(given.folder, given.people, given.incidence_people)
        print(json.dumps({"people": given.people, "incidence people": given.incidence_people}))
    else:
        print(json.dumps(ours(given.folder, given.runs)))


if __name__ == "__main__":
    main()
