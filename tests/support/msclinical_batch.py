"""Runs msclinical over histories: a program of its own, in its own environment.

``python msclinical_batch.py asked.json answered.json``. Asked: ``visits`` by history (days and
EDSS) and ``rules`` (of ``Rules``). Answered: per history, the days of onset and confirmation and
the value of the reference of every confirmed worsening. It imports nothing of ours.
"""

import json
import sys
from pathlib import Path


def main(asked: str, answered: str) -> None:
    """Answer for every history."""
    # Imported here: where the tests are collected neither is installed.
    import pandas as pd
    from msclinical.edssplus.core import Rules, events

    day_0 = pd.Timestamp("2000-01-01")
    given = json.loads(Path(asked).read_text("utf-8"))
    visits = pd.DataFrame(
        [
            (at, (day_0 + pd.Timedelta(days=day)).date().isoformat(), value)
            for at, one in enumerate(given["visits"])
            for day, value in one
        ],
        columns=["patient", "date", "edss"],
    )
    found: list = [[] for _ in given["visits"]]
    for row in events(visits, Rules(**given["rules"]), components=("edss",)).to_dict("records"):
        if row["status"] == "confirmed":
            days = [
                (pd.Timestamp(row[key]) - day_0).days for key in ("onset_date", "confirmation_date")
            ]
            found[int(row["patient"])].append([*days, row["reference_value"]])
    Path(answered).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
