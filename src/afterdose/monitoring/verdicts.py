"""Answers about one result, and the values it allows.

A result with a comparator stands for every value it allows: ``<5`` decides "below 10" and leaves
"below 3" open.
"""

from dataclasses import dataclass
from math import inf

from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.tables import Lab


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, the rows it used, and what was missing.

    ``is_expected``: it was met while the finding is expected, so it counts as not met.
    ``is_undecided``: a result may meet the predicate and another result would tell. A limit that a
    laboratory never gives is no such case: it is missing for everybody.
    """

    answer: Answer
    rows: tuple[Lab, ...] = ()
    missing: tuple[str, ...] = ()
    note: str = ""
    is_expected: bool = False
    is_undecided: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """The values a result allows; ``low_open`` and ``high_open`` exclude the end itself."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False


def bounds_of(row: Lab) -> Bounds:
    """The values a usable result allows."""
    assert row.value is not None  # usable results have a value
    if row.comparator in ("<", "<="):
        return Bounds(-inf, row.value, high_open=row.comparator == "<")
    if row.comparator in (">", ">="):
        return Bounds(row.value, inf, low_open=row.comparator == ">")
    return Bounds(row.value, row.value)


def beyond(row: Lab, relation: str, limit: float) -> Answer:
    """Whether every value, or no value, that ``row`` allows lies beyond ``limit``."""
    bounds = bounds_of(row)
    if relation in ("above", "at_least"):
        # Above a limit is the mirror image of below it.
        bounds = Bounds(-bounds.high, -bounds.low, bounds.high_open, bounds.low_open)
        limit = -limit
    includes_limit = relation in ("at_most", "at_least")
    if bounds.high < limit or (bounds.high == limit and (includes_limit or bounds.high_open)):
        return Answer.MET
    if bounds.low > limit or (bounds.low == limit and (not includes_limit or bounds.low_open)):
        return Answer.NOT_MET
    return Answer.NOT_ASSESSABLE


def decide(answer: Answer, row: Lab) -> Verdict:
    """A verdict about one row alone."""
    if answer is Answer.NOT_ASSESSABLE:
        return undecided((row,), f"an exact value of {need_title(row.analyte)}")
    return Verdict(answer, (row,))


def undecided(rows: tuple[Lab, ...], missing: str, note: str = "") -> Verdict:
    """Rows that may meet the predicate, and what it would take to tell."""
    return Verdict(Answer.NOT_ASSESSABLE, rows, (missing,), note, is_undecided=True)
