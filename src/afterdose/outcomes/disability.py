"""Disability: EDSS against baseline at each year's end, and changes a later visit confirms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import CARE_MS_CDW, EDSS_AT_YEAR, ConfirmedChange
from afterdose.outcomes.timeline import Timeline, known_rows
from afterdose.outcomes.visits import baseline_row, last_per_day, year_end_row
from afterdose.record.answers import Answer
from afterdose.record.tables import Assessment

_BETTER_BY = 1.0


class Against(StrEnum):
    """A score beside the baseline's."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NOT_ASSESSABLE = "not assessable"


@dataclass(frozen=True, slots=True)
class EdssAtYear:
    """One person's EDSS at the end of one year.

    Attributes
    ----------
    year : int
    against : Against
    change : float or None, unit EDSS point
        Positive is worse.
    because : Because
    """

    year: int
    against: Against
    change: float | None
    because: Because


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whether a confirmed change came, and when.

    Attributes
    ----------
    answer : Answer
        Not assessable: no baseline, no later visit, or a baseline outside the definition.
    baseline : float or None
    onset, confirmed_on : date or None
        First visit of the change, and the visit that confirmed it.
    censored_on : date or None
        Without an event: the last visit that could still have been confirmed.
    because : Because
    """

    answer: Answer
    baseline: float | None
    onset: date | None
    confirmed_on: date | None
    censored_on: date | None
    because: Because


def edss_visits(timeline: Timeline, assessments: Iterable[Assessment]) -> list[Assessment]:
    """EDSS scores known on the timeline's day, one a day, by date."""
    rows = (row for row in assessments if row.measure == "edss")
    return last_per_day(known_rows(rows, as_of=timeline.as_of))


def evaluate_edss_at_year(timeline: Timeline, visits: list[Assessment], *, year: int) -> EdssAtYear:
    """EDSS against baseline at the end of one year.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        From `edss_visits`.
    year : int
    """
    assert timeline.start is not None
    baseline = baseline_row(visits, timeline.start)
    score = year_end_row(visits, timeline.year_start(year + 1))
    if baseline is None or score is None:
        missing = "an EDSS before the first course" if baseline is None else "an EDSS near the day"
        return EdssAtYear(
            year, Against.NOT_ASSESSABLE, None, Because(EDSS_AT_YEAR.id, missing=missing)
        )
    change = score.value - baseline.value
    if CARE_MS_CDW.is_reached(baseline.value, score.value):
        against = Against.WORSE
    else:
        against = Against.BETTER if change <= -_BETTER_BY else Against.SAME
    return EdssAtYear(year, against, change, Because(EDSS_AT_YEAR.id, rows=(baseline, score)))


def evaluate_confirmed_change(
    timeline: Timeline, visits: list[Assessment], definition: ConfirmedChange
) -> Confirmed:
    """The first change from the fixed baseline that a later visit confirms.

    The change begins at the first visit that reaches the step. It is confirmed by the first visit
    at least ``confirmed_after`` later, if that visit and every one between still reach the step.
    Otherwise the next visit that reaches the step is tried.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        From `edss_visits`.
    definition : ConfirmedChange

    Returns
    -------
    Confirmed

    Examples
    --------
    >>> from afterdose.outcomes.definitions import CARE_MS_CDW
    >>> start = date(2012, 1, 1)
    >>> line = Timeline(date(2020, 1, 1), (), start, ((start, date(2015, 1, 1)),), None)
    >>> scores = [(start, 2.0), (date(2012, 7, 1), 3.0), (date(2013, 1, 1), 3.5)]
    >>> visits = [Assessment("P1", day, "edss", value) for day, value in scores]
    >>> evaluate_confirmed_change(line, visits, CARE_MS_CDW).onset
    datetime.date(2012, 7, 1)
    """
    assert timeline.start is not None
    baseline = baseline_row(visits, timeline.start)
    if baseline is None:
        return _not_assessable(definition, None, "an EDSS before the first course")
    if baseline.value < definition.lowest_baseline:
        return _not_assessable(
            definition,
            baseline.value,
            f"a baseline EDSS of at least {definition.lowest_baseline:.1f}",
        )
    later = [row for row in visits if row.date > timeline.start]
    if not later:
        return _not_assessable(definition, baseline.value, "an EDSS after the first course")
    reached = [definition.is_reached(baseline.value, row.value) for row in later]
    for first, onset in enumerate(later):
        last = _confirming(later, first, definition) if reached[first] else None
        if last is not None and all(reached[first : last + 1]):
            return Confirmed(
                Answer.MET, baseline.value, onset.date, later[last].date, None,
                Because(definition.id, rows=(baseline, *later[first : last + 1])),
            )  # fmt: skip
    return Confirmed(
        Answer.NOT_MET, baseline.value, None, None, _censored_on(later, definition, timeline.start),
        Because(definition.id, rows=(baseline, *later)),
    )  # fmt: skip


def _confirming(later: list[Assessment], first: int, definition: ConfirmedChange) -> int | None:
    """Position of the first visit late enough to confirm a change that began at ``first``."""
    due = definition.confirmed_after.after(later[first].date)
    for place in range(first + 1, len(later)):
        if later[place].date >= due:
            return place
    return None


def _censored_on(later: list[Assessment], definition: ConfirmedChange, start: date) -> date:
    """The last visit whose change could have been confirmed; the first course if there is none."""
    return max(
        (row.date for place, row in enumerate(later) if _confirming(later, place, definition)),
        default=start,
    )


def _not_assessable(definition: ConfirmedChange, baseline: float | None, missing: str) -> Confirmed:
    because = Because(definition.id, missing=missing)
    return Confirmed(Answer.NOT_ASSESSABLE, baseline, None, None, None, because)
