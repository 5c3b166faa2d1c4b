"""How completely a clinic was monitored, counted by the kernels."""

from datetime import date

import numpy as np

from afterdose.cohort import Cohort
from afterdose.engines.local.days import number_of
from afterdose.engines.local.evaluate import Packed, evaluate
from afterdose.engines.local.people import courses_of_protocol
from afterdose.engines.reference.completeness import CheckCompleteness
from afterdose.monitoring import Protocol


def build_completeness(
    cohort: Cohort, protocol: Protocol, *, as_of: date
) -> list[CheckCompleteness]:
    """Completeness of every repeated check over everybody: as the reference engine counts it."""
    packed = Packed.of(cohort)
    answers = evaluate(packed, [protocol], as_of=as_of)
    offsets, _ = courses_of_protocol(packed.people, protocol, number_of(as_of))
    left_out = int((answers.broken & (np.diff(offsets) > 0)).sum())
    found = []
    for column, check in enumerate(protocol.checks):
        counted = answers.checks[:, column]
        counted = counted[counted["days"] > 0]
        if len(counted):
            found.append(
                CheckCompleteness(
                    check_id=check.id,
                    title=check.title_with_grade,
                    people=len(counted),
                    tests_due=int(counted["tests_due"].sum(dtype=np.int64)),
                    tests_in_window=int(counted["in_window"].sum(dtype=np.int64)),
                    days=int(counted["days"].sum(dtype=np.int64)),
                    days_in_window=int(counted["days_in_window"].sum(dtype=np.int64)),
                    median_longest_gap_days=float(np.median(counted["longest_gap"])),
                    left_out=left_out,
                )
            )
    return found
