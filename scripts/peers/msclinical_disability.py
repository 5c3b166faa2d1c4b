"""Each confirmed worsening of `scripts/disability.py`'s people by msclinical's defaults."""

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from msclinical.edssplus.core import Rules, events

DAY_0 = pd.Timestamp("2010-01-01")


def main() -> None:
    """Find them as often as asked; print the seconds of each run and the events as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    read = pd.read_csv(given.folder / f"visits-{given.people}.csv")
    visits = pd.DataFrame(
        {
            "patient": read["person"],
            "date": (DAY_0 + pd.to_timedelta(read["day"], "D")).dt.strftime("%Y-%m-%d"),
            "edss": read["value"],
        }
    )
    seconds = []
    for _ in range(given.runs):
        started = time.perf_counter()
        found = events(visits, Rules(), components=("edss",))
        seconds.append(time.perf_counter() - started)
    told = [
        [
            int(row["patient"]), (pd.Timestamp(row["onset_date"]) - DAY_0).days,
            (pd.Timestamp(row["confirmation_date"]) - DAY_0).days, float(row["reference_value"]),
        ]
        for row in found.to_dict("records")
        if row["status"] == "confirmed"
    ]  # fmt: skip
    print(json.dumps({"version": version("msclinical"), "seconds": seconds, "events": told}))


if __name__ == "__main__":
    main()
