"""When the next test of a repeated check is due, given the last one."""

from datetime import date

from afterdose.monitoring.model import Check, Phase
from afterdose.monitoring.spans import Span


def next_due(check: Check, span: Span, last_done: date | None) -> date | None:
    """The day the next test is due, or None where the schedule asks for no more.

    Parameters
    ----------
    check : Check
        A repeated one.
    span : Span
        The stretch of monitoring the question is about.
    last_done : date or None
        The last satisfactory test since the span began.

    Returns
    -------
    date or None
        The oldest stated time for which no test has been done (a test counts for it from ``early``
        before it); when all are done, one interval after the last test. Stated times and the
        phases of an interval count from the newest start of the drug inside the span.

    Examples
    --------
    >>> from afterdose.monitoring.load import load_protocol
    >>> span = Span(date(2021, 3, 8), date(2025, 3, 12), began=date(2021, 3, 8))
    >>> next_due(load_protocol("alemtuzumab-eu").check("blood-count"), span, date(2021, 4, 30))
    datetime.date(2021, 5, 30)
    """
    for time in check.at:
        due = time.after(span.began)
        if last_done is None or last_done < check.early.before(due):
            return due
    if not check.phases:
        return None
    reference = last_done or span.start
    return phase_on(check, span, reference).every.after(reference)


def phase_on(check: Check, span: Span, day: date) -> Phase:
    """The phase whose interval follows a test done on ``day``."""
    for phase in check.phases:
        if phase.lasting is None or day < phase.lasting.after(span.began):
            return phase
    return check.phases[-1]


def counts_from_newest_start(check: Check) -> bool:
    """Whether a new start of the drug inside a span moves the due date."""
    return bool(check.at) or len(check.phases) > 1
