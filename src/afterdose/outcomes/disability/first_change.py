"""The first confirmed change after the first course, on the clock of the extension report."""

from dataclasses import dataclass
from datetime import date

from afterdose.outcomes.answers import Because
from afterdose.outcomes.disability.confirm import NOT_CONFIRMABLE, last_confirmable
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.search import find_events
from afterdose.outcomes.disability.visits import Person, lay_out
from afterdose.outcomes.timeline import Timeline
from afterdose.outcomes.visits import baseline_row
from afterdose.record.answers import Answer
from afterdose.record.tables import Assessment


@dataclass(frozen=True, slots=True)
class FirstChange:
    """Whether a confirmed change came, and when.

    Attributes
    ----------
    answer : Answer
        Not assessable: no baseline, a baseline outside the definition, no later visit, or none
        late enough to confirm a change. ``because`` says which.
    baseline : float or None
    onset, confirmed_on : date or None
        First visit of the change, and the visit that confirmed it.
    censored_on : date or None
        Not met: the last visit whose change could still have been confirmed.
    because : Because
    """

    answer: Answer
    baseline: float | None
    onset: date | None
    confirmed_on: date | None
    censored_on: date | None
    because: Because


def evaluate_first_change(
    timeline: Timeline, visits: list[Assessment], definition: DisabilityDefinition
) -> FirstChange:
    """The first change from the fixed baseline that a later visit confirms.

    Relapses are not looked at: `evaluate_disability` is for definitions that do.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        From `edss_visits`.
    definition : DisabilityDefinition
        Of a first event against a fixed reference.

    Returns
    -------
    FirstChange

    Examples
    --------
    >>> from afterdose.outcomes.disability.presets import CARE_MS_CDW
    >>> start = date(2012, 1, 1)
    >>> line = Timeline(date(2020, 1, 1), (), start, ((start, date(2015, 1, 1)),), None)
    >>> scores = [(start, 2.0), (date(2012, 7, 1), 3.0), (date(2013, 1, 1), 3.5)]
    >>> visits = [Assessment("P1", day, "edss", value) for day, value in scores]
    >>> evaluate_first_change(line, visits, CARE_MS_CDW).onset
    datetime.date(2012, 7, 1)
    """
    assert timeline.start is not None
    baseline = baseline_row(visits, timeline.start)
    if baseline is None:
        return _not_assessable(definition, None, "an EDSS before the first course")
    lowest = definition.reference.lowest
    if baseline.value < lowest:
        return _not_assessable(
            definition, baseline.value, f"a baseline EDSS of at least {lowest:.1f}"
        )
    rows = [baseline, *(row for row in visits if row.date > timeline.start)]
    if len(rows) == 1:
        return _not_assessable(definition, baseline.value, "an EDSS after the first course")
    person = Person(*lay_out([(one.date, one.value, one) for one in rows], (), definition.relapses))
    for found in find_events(person, definition):
        last = found.confirmations[0]
        return FirstChange(
            Answer.MET, baseline.value, rows[found.onset].date, found.confirmed_on, None,
            Because(definition.id, rows=(baseline, *rows[found.onset : last + 1])),
        )  # fmt: skip
    last_told = last_confirmable(person.visits, definition)
    if last_told is None:
        return _not_assessable(definition, baseline.value, NOT_CONFIRMABLE)
    return FirstChange(
        Answer.NOT_MET, baseline.value, None, None, person.visits[last_told].day,
        Because(definition.id, rows=tuple(rows)),
    )  # fmt: skip


def _not_assessable(
    definition: DisabilityDefinition, baseline: float | None, missing: str
) -> FirstChange:
    because = Because(definition.id, missing=missing)
    return FirstChange(Answer.NOT_ASSESSABLE, baseline, None, None, None, because)
