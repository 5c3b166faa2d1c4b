"""States that last: below a limit for longer than six months, say.

Between two results no longer apart than ``max_gap`` a state is taken to have gone on. Across a
longer gap nobody knows, so a state that may have lasted long enough is *not assessable* rather than
*not met*. One result outside the range ends it. Time since the newest result is such a gap too.
"""

from datetime import date

from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Lasting
from afterdose.monitoring.verdicts import Verdict, beyond, decide, undecided
from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.tables import Lab


def lasting(predicate: Lasting, known: Known, row: Lab) -> Verdict:
    """Whether the state that ``row`` is part of has lasted long enough by the day of ``row``.

    Not met: ``row`` lies outside the range, or the state cannot have begun early enough. Met: an
    unbroken chain of results inside the range reaches far enough back. Not assessable: it may
    have, but a gap between tests, or a result that is only a bound, leaves it open.
    """
    here = is_inside(predicate, row)
    if here is not Answer.MET:
        return decide(here, row)
    earlier = _up_to(known, row)
    chain = _chain(predicate, earlier)
    today = row.specimen_date
    if len(chain) >= predicate.results and _lasts(predicate, chain[0].specimen_date, today):
        return Verdict(Answer.MET, tuple(chain))
    if _lasts(predicate, _possible_start(predicate, known, earlier), today):
        return undecided(
            tuple(chain),
            f"results of {need_title(row.analyte)} not more than "
            f"{predicate.max_gap.in_words()} apart",
        )
    return Verdict(Answer.NOT_MET, tuple(chain))


def may_last_by(predicate: Lasting, known: Known, row: Lab) -> bool:
    """Whether the state may have lasted long enough by the morning, nothing tested since ``row``.

    Looked at where it had not lasted long enough by the day of ``row`` itself.
    """
    if is_inside(predicate, row) is not Answer.MET:
        return False
    start = _possible_start(predicate, known, _up_to(known, row))
    return _lasts(predicate, start, known.as_of)


def is_inside(predicate: Lasting, row: Lab) -> Answer:
    """Whether a result lies in the range of the state."""
    below = beyond(row, "below", predicate.below)
    if predicate.at_least is None or below is Answer.NOT_MET:
        return below
    high_enough = beyond(row, "at_least", predicate.at_least)
    if high_enough is Answer.MET:
        return below
    return high_enough


def _lasts(predicate: Lasting, since: date, until: date) -> bool:
    return predicate.lasting.after(since) < until


def _up_to(known: Known, row: Lab) -> list[Lab]:
    """Results of the analyte up to and including ``row``, newest first."""
    results = known.results[row.analyte]
    place = next(place for place, lab in enumerate(results) if lab is row)
    return list(reversed(results[: place + 1]))


def _chain(predicate: Lasting, newest_first: list[Lab]) -> list[Lab]:
    """The newest results that are all inside the range with no gap between them, oldest first."""
    chain = [newest_first[0]]
    for lab in newest_first[1:]:
        if is_inside(predicate, lab) is not Answer.MET or _is_gap(
            predicate, lab.specimen_date, chain[-1].specimen_date
        ):
            break
        chain.append(lab)
    return chain[::-1]


def _possible_start(predicate: Lasting, known: Known, newest_first: list[Lab]) -> date:
    """The earliest day the state can have begun on.

    Results that may lie inside the range are taken as inside, and gaps are taken as spent inside.
    """
    first = newest_first[0].specimen_date
    for lab in newest_first[1:]:
        if is_inside(predicate, lab) is Answer.NOT_MET:
            return lab.specimen_date if _is_gap(predicate, lab.specimen_date, first) else first
        first = lab.specimen_date
    start = known.courses[0].start
    return start if start < first and _is_gap(predicate, start, first) else first


def _is_gap(predicate: Lasting, earlier: date, later: date) -> bool:
    return predicate.max_gap.after(earlier) < later
