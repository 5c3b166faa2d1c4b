"""From a number of the report back to the people and rows behind it.

The report says who was asked and who counted, from whatever engine; the plain code is then asked
about these people one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from afterdose.cohort import Cohort
from afterdose.engines.reference.extension import outcome_tables
from afterdose.outcomes.brain_volume import volume_start
from afterdose.outcomes.person import evaluate_person
from afterdose.outcomes.timeline import timeline_of
from afterdose.study.identifiers import Place
from afterdose.study.model import Behind, Report
from afterdose.study.questions import OUTCOMES, Asked, Told, untreated


@dataclass(frozen=True, slots=True)
class PersonTrace:
    """One person behind a number.

    Attributes
    ----------
    person_id : str
    is_counted : bool
        In the numerator; everybody asked is, in a median.
    told : tuple of Told
        The plain code's answers, with the rows that decided.
    """

    person_id: str
    is_counted: bool
    told: tuple[Told, ...]


@dataclass(frozen=True)
class Trace:
    """What a number rests on.

    Attributes
    ----------
    place : Place
    asked, counted : int
        People.
    people : iterator of PersonTrace
        In the record's order, evaluated as they are taken.
    """

    place: Place
    asked: int
    counted: int
    people: Iterator[PersonTrace]


def trace_number(
    cohort: Cohort,
    report: Report,
    place: Place,
    *,
    not_counted: bool = False,
    limit: int | None = None,
) -> Trace | None:
    """The people and rows behind a number of a report.

    Parameters
    ----------
    cohort : Cohort
        The one the report is of.
    report : Report
    place : Place
        From `afterdose.study.identifiers.number_ids`.
    not_counted : bool, default False
        Also those who were asked and did not count.
    limit : int, optional
        Only so many people, in the record's order.

    Returns
    -------
    Trace or None
        None: the number rests on no person's rows but on other numbers.
    """
    behind = place.number.behind
    if behind is None:
        return None
    asked, counted = behind.asked, frozenset(behind.counted.tolist())
    shown = [one for one in asked.tolist() if not_counted or one in counted][:limit]
    people = _people(outcome_tables(cohort), report, behind, shown, counted)
    return Trace(place, len(asked), len(counted), people)


def _people(
    cohort: Cohort, report: Report, behind: Behind, shown: list[int], counted: frozenset[int]
) -> Iterator[PersonTrace]:
    if not shown:
        return
    ask, start = OUTCOMES[behind.outcome], volume_start(report.volume_from_month)
    histories = cohort.histories(cohort.person_ids[one] for one in shown)
    for position, history in zip(shown, histories, strict=True):
        outcomes = evaluate_person(history, report.drug, as_of=report.as_of, volume_start=start)
        if outcomes is None:
            told = untreated(history, timeline_of(history, report.drug, as_of=report.as_of))
        else:
            asked = Asked(history, outcomes, start)
            years = behind.years_of(position)
            # An outcome that has no years is told once, not once a year.
            told = list(dict.fromkeys(one for year in years for one in ask(asked, year)))
        yield PersonTrace(history.person.person_id, position in counted, tuple(told))
