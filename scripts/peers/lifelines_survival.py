"""The estimates of `scripts/survival.py` by lifelines, in an environment of its own."""

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter


def main() -> None:
    """Fit each as often as asked; print the seconds of each run and the estimates as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    times, endings = np.load(given.folder / "times.npy"), np.load(given.folder / "endings.npy")
    asked = json.loads((given.folder / "asked.json").read_text())
    chosen, first = np.array(asked["chosen"]), slice(asked["incidence_people"])
    jobs = {
        "kaplan-meier": lambda: KaplanMeierFitter().fit(times, endings > 0),
        "aalen-johansen": lambda: AalenJohansenFitter(calculate_variance=True).fit(
            times[first], endings[first], event_of_interest=1
        ),
    }
    found: dict[str, Any] = {"version": version("lifelines")}
    for name, job in jobs.items():
        seconds = []
        for _ in range(given.runs):
            started = time.perf_counter()
            fitted = job()
            seconds.append(time.perf_counter() - started)
        found[name] = {"seconds": seconds, "values": fitted.predict(chosen).tolist()}
    places = np.searchsorted(fitted.variance_.index, chosen, side="right") - 1
    found["aalen-johansen"]["variances"] = fitted.variance_.to_numpy().ravel()[places].tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
