"""Freedom from relapses: in a year, and since the first course; and relapses before treatment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.first_events import FirstEvent, first_event
from afterdose.outcomes.relapses import counts_as_relapse
from afterdose.outcomes.timeline import Timeline, known_rows, observed_spans
from afterdose.record.answers import Answer
from afterdose.record.dates import add_months
from afterdose.record.history import History
from afterdose.record.tables import Relapse

BEFORE_MONTHS = 12
RELAPSE_FREE = Definition(
    id="relapse-free",
    title="Free of relapses",
    words=(
        "In a year: no relapse counted with onset in it, and every day of it under observation. A "
        "relapse in the year decides, whatever came after; without one, a year not seen to its end "
        "is not assessable. Since the first course: the time to the first relapse, until death or "
        "the end of continuous observation (Kaplan-Meier; death ends observation). Which relapses "
        "count is as for the relapse rate."
    ),
    source="policy",
)
RELAPSE_EPOCHS = Definition(
    id="relapse-epochs",
    title="Relapse rate by epoch",
    words=(
        f"Before treatment: the {BEFORE_MONTHS} months up to the day before the first course, of "
        "people under observation on every day of them; what a person recalls of a time when "
        "nobody was counting is not a rate. Years 1 and 2: from the first course to the second "
        "anniversary, the two planned courses. From year 3 on: everything after it."
    ),
    source="policy; the trials' core phase is years 1 and 2, their extension the years from 3 on",
)


@dataclass(frozen=True, slots=True)
class RelapsesBefore:
    """One person's relapses in the months before the first course.

    Attributes
    ----------
    relapses : int or None
        None: not assessable.
    days : int
        Days in those months; 0 where not assessable.
    because : Because
    """

    relapses: int | None
    days: int
    because: Because


def evaluate_first_relapse(timeline: Timeline, counted: list[Relapse]) -> FirstEvent:
    """Time to the first relapse after the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    counted : list of Relapse
        From `afterdose.outcomes.relapses.counted_relapses`.
    """
    first = min(counted, key=lambda row: row.onset_date, default=None)
    on = first.onset_date if first is not None else None
    return first_event(timeline, RELAPSE_FREE.id, on=on, row=first)


def is_relapse_free_in_year(
    timeline: Timeline, counted: list[Relapse], year: int
) -> tuple[Answer, Because]:
    """Whether a year passed under observation without a relapse.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    counted : list of Relapse
        From `afterdose.outcomes.relapses.counted_relapses`.
    year : int
    """
    first, following = timeline.year_start(year), timeline.year_start(year + 1)
    rows = tuple(row for row in counted if first <= row.onset_date < following)
    if rows:
        return Answer.NOT_MET, Because(RELAPSE_FREE.id, rows=rows)
    if timeline.days_in_year(year) == (following - first).days:
        return Answer.MET, Because(RELAPSE_FREE.id)
    return Answer.NOT_ASSESSABLE, Because(
        RELAPSE_FREE.id, missing=f"observation of the whole of year {year}"
    )


def count_relapses_before(
    timeline: Timeline, history: History, relapses: Iterable[Relapse]
) -> RelapsesBefore:
    """Relapses in the year before the first course.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    history : History
        For the spans of follow-up before it.
    relapses : iterable of Relapse
        Of the same person.
    """
    assert timeline.start is not None
    first = add_months(timeline.start, -BEFORE_MONTHS)
    last = timeline.start - timedelta(days=1)
    if observed_spans(history.follow_up, first, last) != ((first, last),):
        missing = f"observation of the whole of the {BEFORE_MONTHS} months before the first course"
        return RelapsesBefore(None, 0, Because(RELAPSE_EPOCHS.id, missing=missing))
    rows = tuple(
        row
        for row in known_rows(relapses, as_of=timeline.as_of)
        if counts_as_relapse(row) and first <= row.onset_date <= last
    )
    days = (last - first).days + 1
    return RelapsesBefore(len(rows), days, Because(RELAPSE_EPOCHS.id, rows=rows))
