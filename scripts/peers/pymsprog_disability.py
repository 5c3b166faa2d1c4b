"""The first confirmed worsening of `scripts/disability.py`'s people by pymsprog's defaults."""

import argparse
import json
import time
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from pymsprog import MSprog


def main() -> None:
    """Find them as often as asked; print the seconds of each run and the events as JSON."""
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    visits = pd.read_csv(given.folder / f"visits-{given.people}.csv")
    relapses = pd.read_csv(given.folder / f"relapses-{given.people}.csv")
    seconds = []
    for _ in range(given.runs):
        started = time.perf_counter()
        _, found = MSprog(
            visits, "person", "value", "day", "edss", relapse=relapses, date_format="day",
            include_dates=True, include_value=True, include_stable=True, verbose=0,
        )  # fmt: skip
        seconds.append(time.perf_counter() - started)
    first = visits.groupby("person")["day"].min()
    events = [
        [int(row["person"]), int(first[row["person"]] + row["time2event"]),
         int(row["conf84_date"]), float(row["bl_value"])]
        for row in found.to_dict("records")
        if row["event_type"]
    ]  # fmt: skip
    print(json.dumps({"version": version("pymsprog"), "seconds": seconds, "events": events}))


if __name__ == "__main__":
    main()
