"""What both engines say of everybody's outcomes, and the histories they are asked of."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines import local, reference
from afterdose.engines.extension import ExtensionColumns
from afterdose.outcomes.brain_volume import volume_start
from afterdose.record.history import History
from afterdose.record.tables import (
    EVENT_CATEGORIES,
    Assessment,
    Event,
    FollowUp,
    Mri,
    Person,
    Relapse,
    Treatment,
)

DRUG = "alemtuzumab"
SUMMED = ("slope", "low", "high")
"""Columns whose sums and squares the kernels may round otherwise; all others agree to the bit."""
_NEARLY = 1e-12
_NAMES = ("drug", "as_of", "volume_from_month", "in_record", "untreated", "first_course_unknown",
          "methods", "causes", "years")  # fmt: skip


def engines_agree_on_outcomes(
    cohort: Cohort, *, as_of: date, volume_from: int = 12
) -> ExtensionColumns:
    """Fail where a column of the local engine is not the plain code's; the columns otherwise."""
    asked = {"drug": DRUG, "as_of": as_of, "volume_start": volume_start(volume_from)}
    plain = reference.build_extension(cohort, **asked)
    found = local.build_extension(cohort, **asked)
    for name in _NAMES:
        assert getattr(found, name) == getattr(plain, name), name
    for (name, wanted), (same_name, own) in zip(plain.arrays(), found.arrays(), strict=True):
        assert name == same_name
        assert (own.dtype, own.shape) == (wanted.dtype, wanted.shape), name
        _agree(name, own, wanted, [cohort.person_ids[place] for place in plain.person])
    return found


def _agree(name: str, own: np.ndarray, wanted: np.ndarray, people: list[str]) -> None:
    if wanted.dtype.kind == "f":
        near = _NEARLY if name.rpartition(".")[2] in SUMMED else 0.0
        alike = np.isclose(own, wanted, rtol=near, atol=near, equal_nan=True)
    else:
        alike = own == wanted
    for person, *where in np.argwhere(~alike).tolist():
        place = (person, *where)
        raise AssertionError(
            f"{name} of {people[person]}, position {where}: the local engine says {own[place]}, "
            f"the plain code {wanted[place]}; {np.count_nonzero(~alike)} of {alike.size} differ"
        )


# Histories ------------------------------------------------------------------------------------

_STARTS = (date(2012, 2, 29), date(2012, 2, 28), date(2012, 3, 1), date(2011, 12, 31),
           date(2010, 6, 15), date(2013, 1, 1))  # fmt: skip
AS_OF = (date(2019, 9, 1), date(2019, 9, 1), date(2030, 1, 1), date(2016, 2, 29),
         date(2015, 2, 28), date(2014, 6, 14), date(2012, 6, 1), date(2011, 1, 1))  # fmt: skip
"""Days asked about: after everything, at and around anniversaries, before most first courses."""
_EDGES = (0, 0, 1, -1, 45, -45, 90, -90, 91, -91, 120, 200)
_SELDOM = (None,) * 20


def draw_person(random: Random, key: str) -> History:
    """One person with everything the outcomes look at, with many ties and edges."""
    pick = random.choice
    start = pick(_STARTS)
    treatments = tuple(_draw_treatments(random, key, start))
    days = [row.start_date for row in treatments if row.drug == DRUG] or [start]
    follow_up = tuple(_draw_follow_up(random, key, pick((start, *days))))
    ends = [row.end_date for row in follow_up if row.end_date] or [start]
    died = pick((*[None] * 8, pick(ends), pick(ends) + timedelta(3), pick(ends) - timedelta(9),
                 start - timedelta(5), start))  # fmt: skip
    return History(
        Person(
            key,
            ms_phenotype=pick((None, "cis", "rrms", "rrms", "spms", "ppms")),
            death_date=died,
            death_cause=pick((None, "sepsis", "accident", "MS")),
            prior_autoimmunity=pick((None, "none", "none", "thyroid")),
        ),
        treatments=treatments,
        assessments=tuple(_draw_scores(random, key, pick(days))),
        relapses=tuple(_draw_relapses(random, key, pick(days))),
        mri=tuple(_draw_scans(random, key, pick(days))),
        events=tuple(_draw_events(random, key, pick(days))),
        follow_up=follow_up,
    )


def draw_people(random: Random, count: int) -> list[History]:
    """A few people, so that each one's rows are told from the next one's."""
    return [draw_person(random, f"p{place:04d}") for place in range(count)]


def _late(random: Random, day: date) -> date | None:
    """When a row was recorded: mostly not said."""
    lag = random.choice((*_SELDOM, -30, 0, 40, 800, 3000))
    return None if lag is None else day + timedelta(lag)


def _near_a_year(random: Random, start: date, years: Sequence[int]) -> date:
    """A day at or near a year's end, or anywhere."""
    random_day = random.choice((False, False, True))
    if random_day:
        return start + timedelta(random.randint(-400, 3200))
    year = start.year + random.choice(years)
    day = 28 if (start.month, start.day) == (2, 29) and year % 4 else start.day
    return date(year, start.month, day) + timedelta(random.choice(_EDGES))


def _draw_treatments(random: Random, key: str, start: date) -> Iterator[Treatment]:
    pick = random.choice
    day = start
    for number in range(pick((0, 1, 2, 2, 2, 3, 4, 5))):
        stated = pick((None, number + 1, number + 1, number + 1, number + 2, 1, 6))
        yield Treatment(key, DRUG, day, stated, recorded_date=_late(random, day))
        day += timedelta(pick((0, 365, 366, 365, 200, 800, -30, -400)))
    if pick((True, False, False)):
        yield Treatment(key, "ocrelizumab", start + timedelta(pick((-900, 0, 700))), 1)


def _draw_follow_up(random: Random, key: str, start: date) -> Iterator[FollowUp]:
    """Spans with gaps, that touch, overlap, hold each other, or end on an anniversary's eve."""
    pick = random.choice
    day = start + timedelta(pick((-800, -367, -366, -365, -30, *[0] * 6, 1, 60)))
    for _ in range(pick((0, 1, 1, 1, 2, 3, 5))):
        lasts = pick((0, 100, 364, 365, 366, 729, 730, 731, 1460, 2500, 2800, 3200))
        end = pick((day + timedelta(lasts), day + timedelta(lasts), day + timedelta(lasts), None))
        reason = pick((None, "death", "withdrawn", "lost", "moved", "data_cut", "other"))
        yield FollowUp(key, day, end, reason)
        if pick((True, False)):  # the next one by the calendar
            day = (end or day) + timedelta(pick((-50, 0, 1, 1, 2, 90)))
        else:
            day += timedelta(pick((0, 30, 365)))


def _draw_scores(random: Random, key: str, start: date) -> Iterator[Assessment]:
    pick = random.choice
    value = pick((0.0, 1.0, 1.5, 2.0, 3.5, 4.0, 5.5, 6.0))
    for _ in range(pick((0, 1, 2, 4, 8, 14, 20))):
        day = _near_a_year(random, start, range(9))
        if pick((True, False, False)):
            day = start + timedelta(pick((0, 0, -1, -181, -182, -183, -184, 181, 182, 184)))
        value = pick((value, min(10.0, max(0.0, value + pick((-1.5, -1.0, -0.5, 0.5, 1.0, 1.5))))))
        yield Assessment(
            key, day, pick(("edss",) * 7 + ("sdmt",)), value, recorded_date=_late(random, day)
        )


def _draw_relapses(random: Random, key: str, start: date) -> Iterator[Relapse]:
    pick = random.choice
    for _ in range(pick((0, 0, 1, 2, 4))):
        day = _near_a_year(random, start, range(-1, 7))
        stated = pick((None, True, True, False))
        yield Relapse(key, day, confirmed=stated, recorded_date=_late(random, day))


def _draw_scans(random: Random, key: str, start: date) -> Iterator[Mri]:
    """Scans of one or several methods and scanners, lesions and volumes in one row or two."""
    pick = random.choice
    one = ("siena",)
    methods = pick((one, one, one, (*one * 9, "other"), (*one, "other", "third", None)))
    scanners = pick((("s1",), ("s1",), (*["s1"] * 9, "s2"), ("s1", "s2", None)))
    counts = pick(((0,), (None, 0, 0, 0, 0, 1, 3)))
    level = 0.8
    yearly = pick((True, False))
    for place in range(pick((0, 1, 2, 5, 9, 9, 12, 16))):
        day = _near_a_year(random, start, (place % 9,) if yearly else range(9))
        if pick((True, False, False)) and not yearly:
            day = start + timedelta(pick((0, 0, -1, -170, -190, 270, 273, 274, 548, 549)))
        for _ in range(pick((1, 1, 1, 1, 2, 3))):
            level -= random.choice((0.0, 0.001, 0.004, -0.001))
            yield Mri(
                key, day, pick(counts), pick(counts),
                pick((None, level, level, 0.0 if pick((True, *[False] * 9)) else level)),
                pick((None, -0.3, -0.5, 0.1, 0.0)), method=pick(methods), scanner=pick(scanners),
                recorded_date=_late(random, day),
            )  # fmt: skip


def _draw_events(random: Random, key: str, start: date) -> Iterator[Event]:
    pick = random.choice
    categories = pick((EVENT_CATEGORIES, ("thyroid", "infection", "itp")))
    for _ in range(pick((0, 0, 1, 2, 5, 12))):
        day = pick((start + timedelta(pick((-1, 0, 1, 30))), _near_a_year(random, start, range(8))))
        onset = day.isoformat()[: pick((10, 10, 7, 4))]
        yield Event(
            key, onset, pick(categories), serious=pick((None, True, False)),
            recorded_date=_late(random, day),
        )  # fmt: skip


def without(history: History, *tables: str) -> History:
    """The history in a record that does not hold some tables."""
    empty: dict[str, Any] = dict.fromkeys((table for table in tables if table != "people"), ())
    return History(
        **{name: getattr(history, name) for name in History.__dataclass_fields__} | empty
        | {"absent": frozenset(tables)}
    )  # fmt: skip
