"""When a predicate is met by one result: met, not met, or not assessable and what is missing."""

from bisect import bisect_left, bisect_right
from math import inf
from operator import attrgetter

from afterdose.monitoring.known import Known
from afterdose.monitoring.lasting import lasting
from afterdose.monitoring.model import (
    AllOf,
    AnyOf,
    BaselineRise,
    ByBaseline,
    Fall,
    Grade,
    Lasting,
    Limit,
    Predicate,
    RangeMultiple,
)
from afterdose.monitoring.verdicts import Verdict, beyond, bounds_of, decide, undecided
from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.dates import Period
from afterdose.record.tables import Lab

_SPECIMEN_DATE = attrgetter("specimen_date")


def judge(predicate: Predicate, known: Known, row: Lab) -> Verdict:
    """Whether ``predicate`` holds at ``row``.

    Parameters
    ----------
    predicate : Predicate
    known : Known
    row : Lab
        A usable result of one of the predicate's analytes. A single predicate looks at this row
        alone (and, for a rise or fall, at the row it compares with); a combination also at the
        results of other analytes taken up to ``within`` before this row.

    Returns
    -------
    Verdict
    """
    match predicate:
        case Limit():
            return decide(beyond(row, predicate.relation, predicate.value), row)
        case RangeMultiple():
            return _range(predicate, row)
        case BaselineRise():
            return _baseline_rise(predicate, known, row)
        case Fall():
            return _fall(predicate, known, row)
        case Lasting():
            return lasting(predicate, known, row)
        case ByBaseline():
            return _by_baseline(predicate, known, row)
        case Grade():
            return judge(predicate.when, known, row)
        case AllOf():
            return _all_of(predicate, known, row)
        case AnyOf():
            return _any_of(predicate, known, row, Period())


# Single predicates ------------------------------------------------------------------------------


def _range(predicate: RangeMultiple, row: Lab) -> Verdict:
    limit = row.ref_low if predicate.relation == "below" else row.ref_high
    if limit is None:
        side = "lower" if predicate.relation == "below" else "upper"
        return Verdict(
            Answer.NOT_ASSESSABLE,
            (row,),
            (f"the laboratory's {side} limit of {need_title(row.analyte)}",),
        )
    return decide(beyond(row, predicate.relation, predicate.times * limit), row)


def _baseline_rise(predicate: BaselineRise, known: Known, row: Lab) -> Verdict:
    baseline, note = baseline_of(predicate.analyte, known)
    if baseline is None or baseline is row:
        return Verdict(
            Answer.NOT_ASSESSABLE, (row,), (f"a baseline of {need_title(predicate.analyte)}",)
        )
    factor = 1 + predicate.percent / 100
    now, then = bounds_of(row), bounds_of(baseline)
    if now.low > factor * then.high:
        answer = Answer.MET
    elif now.high <= factor * then.low:
        answer = Answer.NOT_MET
    else:
        return undecided((baseline, row), f"an exact value of {need_title(row.analyte)}", note)
    return Verdict(answer, (baseline, row), note=note)


def baseline_of(analyte: str, known: Known) -> tuple[Lab | None, str]:
    """The person's own baseline: the last usable result on or before the first infusion.

    Where there is none, the first after it stands in, and the note says so.
    """
    results = known.results.get(analyte, ())
    if not results or not known.courses:
        return None, ""
    before = [lab for lab in results if lab.specimen_date <= known.courses[0].start]
    if before:
        return before[-1], ""
    return results[0], "No result before the first infusion: the first one after it stands in."


def _fall(predicate: Fall, known: Known, row: Lab) -> Verdict:
    previous = previous_result(known, row)
    if previous is None:
        return Verdict(
            Answer.NOT_ASSESSABLE, (row,), (f"an earlier result of {need_title(row.analyte)}",)
        )
    keep = 1 - predicate.percent / 100
    now, then = bounds_of(row), bounds_of(previous)
    floor = -inf if predicate.still_above is None else predicate.still_above
    if now.high <= keep * then.low and now.low > floor:
        answer = Answer.MET
    elif now.low > keep * then.high or now.high <= floor:
        answer = Answer.NOT_MET
    else:
        return undecided((previous, row), f"an exact value of {need_title(row.analyte)}")
    return Verdict(answer, (previous, row))


def previous_result(known: Known, row: Lab) -> Lab | None:
    """The last result of the same analyte from an earlier day."""
    results = known.results.get(row.analyte, ())
    place = bisect_left(results, row.specimen_date, key=_SPECIMEN_DATE)
    return results[place - 1] if place else None


def _by_baseline(predicate: ByBaseline, known: Known, row: Lab) -> Verdict:
    """By the reading the baseline calls for; where that is not known, only if both agree."""
    baseline, _ = baseline_of(predicate.analyte, known)
    raised = (
        Answer.NOT_ASSESSABLE
        if baseline is None or baseline.ref_high is None
        else beyond(baseline, "above", baseline.ref_high)
    )
    if raised is Answer.MET:
        return judge(predicate.raised, known, row)
    if raised is Answer.NOT_MET:
        return judge(predicate.normal, known, row)
    first, second = judge(predicate.normal, known, row), judge(predicate.raised, known, row)
    if first.answer is second.answer:
        return first
    return Verdict(
        Answer.NOT_ASSESSABLE,
        (row,),
        (f"whether the baseline of {need_title(predicate.analyte)} was normal",),
    )


# Combinations -----------------------------------------------------------------------------------


def _all_of(predicate: AllOf, known: Known, row: Lab) -> Verdict:
    """One part that is not met settles it; else one that cannot be assessed leaves it open."""
    verdicts = []
    for part in predicate.parts:
        verdict = _nearby(part, known, row, predicate.within)
        if verdict.answer is Answer.NOT_MET:
            return verdict
        verdicts.append(verdict)
    return _together(verdicts, Answer.MET)


def _any_of(predicate: AnyOf, known: Known, row: Lab, within: Period) -> Verdict:
    """One part that is met settles it. A part that was never measured decides nothing."""
    verdicts = []
    for part in predicate.parts:
        verdict = _nearby(part, known, row, within)
        if verdict.answer is Answer.MET:
            return verdict
        verdicts.append(verdict)
    measured = [verdict for verdict in verdicts if verdict.rows]
    return _together(measured or verdicts, Answer.NOT_MET)


def _nearby(part: Predicate, known: Known, row: Lab, within: Period) -> Verdict:
    """The part's answer at ``row``, or at its own results taken up to ``within`` before it."""
    if isinstance(part, AllOf):
        return _all_of(part, known, row)
    if isinstance(part, AnyOf):
        return _any_of(part, known, row, within)
    if part.analyte == row.analyte:
        return judge(part, known, row)
    results = known.results.get(part.analyte, ())
    first = bisect_left(results, within.before(row.specimen_date), key=_SPECIMEN_DATE)
    last = bisect_right(results, row.specimen_date, key=_SPECIMEN_DATE)
    if first == last:
        return Verdict(
            Answer.NOT_ASSESSABLE, (), (f"a result of {need_title(part.analyte)} in time",)
        )
    verdicts = [judge(part, known, lab) for lab in results[first:last]]
    for answer in (Answer.MET, Answer.NOT_ASSESSABLE):
        found = [verdict for verdict in verdicts if verdict.answer is answer]
        if found:
            return found[-1]
    return verdicts[-1]


def _together(verdicts: list[Verdict], otherwise: Answer) -> Verdict:
    """Not assessable if any verdict is, and then for its reasons; ``otherwise`` if none is."""
    open_ones = [v for v in verdicts if v.answer is Answer.NOT_ASSESSABLE]
    used = open_ones or verdicts
    return Verdict(
        Answer.NOT_ASSESSABLE if open_ones else otherwise,
        tuple(dict.fromkeys(row for verdict in used for row in verdict.rows)),
        tuple(dict.fromkeys(missing for verdict in used for missing in verdict.missing)),
        " ".join(verdict.note for verdict in used if verdict.note),
        is_undecided=any(verdict.is_undecided for verdict in open_ones),
    )
