"""Runs pymsprog over histories and option sets: a program of its own, in its own environment.

``python pymsprog_batch.py asked.json answered.json``. Asked: ``histories`` (days and values of
visits, days of relapses) and ``options`` (keyword arguments of ``MSprog``). Answered: per option
set, per history, a list of events, or ``null`` where pymsprog raised. It imports nothing of ours.
"""

import json
import math
import sys
import warnings
from pathlib import Path

# Without stable people in the answer it raises where nobody has an event.
EVERYTHING = {
    "subj_col": "id", "value_col": "value", "date_col": "day", "date_format": "day",
    "include_dates": True, "include_value": True, "include_stable": True, "verbose": 0,
}  # fmt: skip


def main(asked: str, answered: str) -> None:
    """Answer every option set for every history."""
    warnings.simplefilter("ignore")
    given = json.loads(Path(asked).read_text("utf-8"))
    answers = [
        _answer(given["histories"], {key: _spelt(value) for key, value in options.items()})
        for options in given["options"]
    ]
    Path(answered).write_text(json.dumps(answers), "utf-8")


def _spelt(value: object) -> object:
    """A value as pymsprog asks for it: JSON has no infinity, and pairs have to be tuples."""
    if isinstance(value, dict):
        return {key: tuple(one) if isinstance(one, list) else one for key, one in value.items()}
    if isinstance(value, list):
        return [_spelt(one) for one in value]
    return math.inf if value == "inf" else value


def _answer(histories: list, options: dict) -> list:
    """Events by history; where pymsprog raises, halve until it is known for whom."""
    try:
        return _events(histories, options)
    except Exception:  # whatever it raises, it gave no answer
        if len(histories) == 1:
            return [None]
        middle = len(histories) // 2
        return _answer(histories[:middle], options) + _answer(histories[middle:], options)


def _events(histories: list, options: dict) -> list:
    # Imported here: where the tests are collected neither is installed.
    import pandas as pd
    from pymsprog import MSprog

    visits = [(at, *visit) for at, one in enumerate(histories) for visit in one["visits"]]
    relapses = [(at, day) for at, one in enumerate(histories) for day in one["relapses"]]
    _, found = MSprog(
        pd.DataFrame(visits, columns=["id", "day", "value"]),
        relapse=pd.DataFrame(relapses, columns=["id", "day"]),
        **EVERYTHING,
        **options,
    )
    events: list = [[] for _ in histories]
    for row in found.to_dict("records"):
        if row["event_type"]:
            events[int(row["id"])].append(_event(row))
    return events


def _event(row: dict) -> dict:
    confirmed = [
        value
        for key, value in row.items()
        if key.startswith("conf") and key.endswith("_date") and value == value
    ]
    kind = row.get("CDW_type")
    return {
        "event": row["event_type"],
        "class": kind if isinstance(kind, str) else "",
        "days": row["time2event"],
        "reference": row["bl_date"],
        "reference_value": row["bl_value"],
        "value": row["value"],
        "confirmed": min(confirmed, default=None),
        "sustained": row["sust_days"],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
