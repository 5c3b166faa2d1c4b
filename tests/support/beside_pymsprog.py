"""Generated histories and option sets, and the events that pymsprog and we find in them."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from afterdose.outcomes.disability.msprog import translate_msprog
from afterdose.outcomes.disability.search import find_events
from afterdose.outcomes.disability.visits import Bout, Person, lay_out

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".cache" / "peers-outcomes" / "bin" / "python"
_DAY_0 = date(2000, 1, 1)
Event = tuple[str, str, int, int, float, float, int | None, int]
"""Kind, class, days, reference day, its value, value, confirmation day, days sustained."""

_STARTS = {
    "edss": (0, 1, 2, 3, 4, 4.5, 5, 5.5, 6),
    "sdmt": (10, 15, 20, 40, 55),
    "nhpt": (10, 20, 25, 17.5),
}
_CHANGES = {
    "edss": (-1.5, -1, -0.5, -0.5, 0, 0, 0, 0.5, 0.5, 1, 1.5),
    "sdmt": (-5, -4, -3, -2, -1, 0, 0, 0, 1, 2, 3, 4, 5),
    "nhpt": (-4, -2, -1, -0.5, 0, 0, 0, 0.5, 1, 2, 3, 4),
}
_LIMITS = {"edss": (0, 9), "sdmt": (0, 110), "nhpt": (5, 300)}
_EVENTS = ("firstCDW", "firstCDI", "first", "firstPIRA", "firstRAW", "multiple")
_INDEPENDENT = (
    {"prec": [0, 0], "event": [90, 30], "conf": [90, 30]},
    {"prec": [0, None], "event": [None, 30], "conf": [30, 30]},
    {"prec": [0, None], "event": [None, None], "conf": [None, 0]},
    {"prec": [0, 0], "event": [90, None], "conf": [None, 0]},
    {"prec": [0, None], "event": [None, 0], "conf": [0, 0]},
    {"prec": [30, 30], "event": [30, 30], "conf": [30, 30]},
    {"prec": [0, None], "event": [None, 0], "conf": [30, 0]},
)


@dataclass(frozen=True)
class Compared:
    """One option set over many histories."""

    options: dict[str, Any]
    histories: int
    raised: int
    events: int
    discordant: list[dict[str, Any]]


def draw_history(random: Random, measure: str, *, most_visits: int = 14) -> dict[str, Any]:
    """Visits at uneven distances with many ties and edges, and relapses near them."""
    day, value = random.choice((0, 0, 0, 5)), random.choice(_STARTS[measure])
    low, high = _LIMITS[measure]
    visits = []
    for _ in range(random.randint(1, most_visits)):
        visits.append([day, value])
        day += random.choice(
            (random.randint(0, 60), random.randint(60, 120), random.randint(80, 200), 84, 90, 30)
        )
        value = min(high, max(low, value + random.choice(_CHANGES[measure])))
    days = [visit[0] for visit in visits]
    near = [random.choice(days) - one for one in (0, 30, 90)]
    anywhere = [random.randint(-130, 20), random.randint(-30, 900)]
    wanted = random.choice((0, 0, 1, 1, 2, 3, 5))
    relapses = sorted({random.choice(near + anywhere + days) for _ in range(wanted)})
    return {"visits": visits, "relapses": relapses}


def draw_options(random: Random, measure: str) -> dict[str, Any]:
    """An option set that pymsprog can carry out, and that we mean to be equal in."""
    pick = random.choice
    options: dict[str, Any] = {
        "outcome": measure,
        "event": pick(
            ("firstCDW", "firstCDI", "first", "firstPIRA", "firstRAW", *["multiple"] * 4)
        ),
        "baseline": pick(("fixed", "roving", "roving", "roving_impr", "roving_wors")),
        "RAW_PIRA": pick((True, False)),
        # With several windows pymsprog raises where a worsening is rejected.
        "conf_days": pick((84, 84, 84, 168, 48, 180, [84, 168])),
    }

    def sometimes(share: float, name: str, *values: Any) -> None:
        if random.random() < share:
            options[name] = pick(values)

    sometimes(0.3, "proceed_from", "event")
    if measure != "sdmt":  # there it moves the reference the wrong way
        sometimes(0.3, "sub_threshold_rebl", "event", "improvement", "worsening")
    sometimes(0.3, "relapse_rebl", True)
    sometimes(0.2, "skip_local_extrema", "strict", "all")
    if measure != "sdmt" and "skip_local_extrema" not in options:  # we refuse both
        sometimes(0.3, "bl_geq", True)
    sometimes(0.6, "conf_tol_days", 7, 0, 30, [7, 60], [30, "inf"], [0, "inf"], [14, 365])
    sometimes(0.3, "require_sust_days", 90, 200, 400, "inf")
    sometimes(0.2, "check_intermediate", False)
    for name in ("relapse_to_bl", "relapse_to_event", "relapse_to_conf", "relapse_assoc"):
        sometimes(0.3, name, 0, 30, 90, [30, 30], [60, 0], [0, 30], [90, 14])
    if random.random() < 0.5:
        preceding = pick(("baseline", "last", "last_delta"))
        options["relapse_indep"] = {**pick(_INDEPENDENT), "prec_type": preceding}
    sometimes(0.15, "impute_last_visit", 1, 300, 600)
    return options


def compare(
    histories: Sequence[dict[str, Any]], option_sets: Sequence[dict[str, Any]], folder: Path
) -> Iterator[Compared]:
    """Every option set over every history, by both; pymsprog runs once."""
    asked, answered = folder / "asked.json", folder / "answered.json"
    asked.write_text(json.dumps({"histories": histories, "options": option_sets}))
    program = Path(__file__).with_name("pymsprog_batch.py")
    subprocess.run([PYTHON, program, asked, answered], check=True, capture_output=True, text=True)
    answers = json.loads(answered.read_text())
    for options, found in zip(option_sets, answers, strict=True):
        pairs = list(zip(histories, found, strict=True))
        answered_pairs = [(one, events) for one, events in pairs if events is not None]
        discordant = [
            {"history": one, "ours": ours, "theirs": theirs}
            for one, events in answered_pairs
            if (ours := our_events(one, options)) != (theirs := _their_events(one, events))
        ]
        yield Compared(
            options,
            histories=len(answered_pairs),
            raised=len(pairs) - len(answered_pairs),
            events=sum(len(events) for _, events in answered_pairs),
            discordant=discordant,
        )


def our_events(history: dict[str, Any], options: dict[str, Any]) -> list[Event]:
    """What our search finds by the definition the options amount to."""
    definition = translate_msprog({key: _spelt(value) for key, value in options.items()})
    by_day = dict(map(tuple, history["visits"]))  # of several on a day the last stands
    visits, relapses = lay_out(
        [(_DAY_0 + timedelta(day), value, None) for day, value in sorted(by_day.items())],
        [Bout(_DAY_0 + timedelta(day)) for day in history["relapses"]],
        definition.relapses,
    )
    first = visits[0].day
    return [
        (
            found.kind.upper(),
            found.event_class.value,
            (visits[found.onset].day - first).days,
            (visits[found.reference].day - first).days,
            found.reference_value,
            visits[found.onset].value,
            (found.confirmed_on - first).days if found.confirmed_on else None,
            (found.holds_until - visits[found.onset].day).days,
        )
        for found in find_events(Person(visits, relapses), definition)
    ]


def _their_events(history: dict[str, Any], events: list[dict[str, Any]]) -> list[Event]:
    first = min(day for day, _ in history["visits"])
    return [
        (
            one["event"],
            one["class"].lower(),
            int(one["days"]),
            int(one["reference"] - first),
            one["reference_value"],
            one["value"],
            None if one["confirmed"] is None else int(one["confirmed"] - first),
            int(one["sustained"]),
        )
        for one in events
    ]


def _spelt(value: Any) -> Any:
    if isinstance(value, list):
        return [_spelt(one) for one in value]
    return float("inf") if value == "inf" else value
