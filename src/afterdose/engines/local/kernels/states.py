"""The states of a check, and what stands before any schedule: see `monitoring.due`."""

from afterdose.engines.local.compile import NO_TREATMENTS
from afterdose.engines.local.days import NEVER
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.folk import has_left
from afterdose.engines.local.kernels.spans import after

NOT_STARTED, NOT_YET_DUE, DUE, OVERDUE, PAUSED, ENDED, NOT_ASSESSABLE = range(7)


@inlined
def before_any_schedule(person, check, day, begin, stop, folk, rules):
    """`NOT_YET_DUE` where a schedule has its say."""
    checks = rules.checks
    if folk.rows[person].died <= day:
        return ENDED
    if begin == stop and checks[check].lacks_table != NO_TREATMENTS:
        return NOT_STARTED
    if begin < stop and has_left(person, day, folk):
        return PAUSED
    if folk.rows[person].broken or checks[check].lacks_table:
        return NOT_ASSESSABLE
    if checks[check].sex != 0 and folk.rows[person].sex == 0:
        return NOT_ASSESSABLE
    return NOT_YET_DUE


@inlined
def state_of(check, day, end, due, periods):
    """Where a repeated check stands on a day inside or after its span."""
    if due == NEVER or due > end:
        return ENDED if day > end else NOT_YET_DUE
    if end != NEVER and day > after(periods, check.closing, end):
        return ENDED
    if day < due:
        return NOT_YET_DUE
    return DUE if day <= after(periods, check.window, due) else OVERDUE
