"""What definitions of outcomes say, as the numbers that kernels take.

Numbers are handed to a kernel, not compiled into it: a kept kernel would go on with yesterday's.
"""

from dataclasses import replace
from math import inf
from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import period_tables
from afterdose.engines.local.frozen import frozen
from afterdose.outcomes.ageing import FEWEST_SCANS, SHORTEST_SPAN
from afterdose.outcomes.brain_volume import Volume, VolumeStart
from afterdose.outcomes.definitions import BASELINE_MONTHS, SCANS_APART_MONTHS, YEAR_END_DAYS
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.outcomes.disability.choices import Direction, Start
from afterdose.outcomes.disability.parts import (
    Confirmation,
    Distance,
    Events,
    Intercurrent,
    Reference,
    RelapseWindows,
    Window,
)
from afterdose.outcomes.disability.steps import StepRule, Worse
from afterdose.record.dates import DAYS_PER_YEAR, Period
from afterdose.record.errors import DefinitionError


class ChangeRule(NamedTuple):
    """A first change from a fixed reference, that later visits confirm without a break.

    Attributes
    ----------
    sign : float
        1 for worsening, -1 for improvement.
    lowest : float
        Who begins below it cannot have the change.
    up_to, points : numpy.ndarray
        float64 a band of the reference: its end, and the step in points.
    after : numpy.ndarray
        int32 a day from `FIRST` on: the first day that is late enough to confirm.
    """

    sign: float
    lowest: float
    up_to: np.ndarray
    points: np.ndarray
    after: np.ndarray


def change_rule(definition: DisabilityDefinition) -> ChangeRule:
    """The numbers of a definition of the simple kind that the extension report asks.

    Raises
    ------
    DefinitionError
        It makes a choice that the extension's kernel does not know.

    Examples
    --------
    >>> from afterdose.outcomes.disability import CARE_MS_CDI
    >>> rule = change_rule(CARE_MS_CDI)
    >>> rule.sign, rule.lowest, rule.points.tolist()
    (-1.0, 2.0, [1.0])
    """
    kinds, step = definition.events.kinds, definition.step
    (window, *others) = definition.confirmation.windows
    start = definition.reference.start
    simple = replace(
        definition,
        measure="edss",
        worse=Worse.HIGHER,
        improvement_step=None,
        reference=Reference(
            start=start,
            at_most_before=Period(months=BASELINE_MONTHS),
            lowest=definition.reference.lowest,
        ),
        events=Events(kinds=kinds),
        confirmation=Confirmation(windows=(Window(window.after),)),
        relapses=RelapseWindows(Distance(), Distance(), Distance()),
        attribution=None,
        intercurrent=Intercurrent(),
    )
    is_known = definition == simple and start is Start.FIRST_COURSE and not others
    by_points = isinstance(step, StepRule) and all(band.percent == inf for band in step.bands)
    if not is_known or not by_points or kinds is Direction.BOTH:
        raise DefinitionError(
            f"'{definition.id}' makes a choice that the extension's kernel does not know. "
            "Permitted: a first change of one kind against the baseline, in bands of points, "
            "confirmed any time after one period. Ask it with `evaluate_disability`."
        )
    (after,) = period_tables((window.after,))
    return ChangeRule(
        sign=1.0 if kinds is Direction.WORSENING else -1.0,
        lowest=float(definition.reference.lowest),
        up_to=frozen(np.array([band.up_to for band in step.bands])),
        points=frozen(np.array([band.points for band in step.bands])),
        after=frozen(after),
    )


class VolumeRule(NamedTuple):
    """Which scans of brain volume are compared.

    Attributes
    ----------
    is_bpf : bool
        Fractions; otherwise changes since the scan before.
    near : int, unit day
        How far from a year's end a scan may lie.
    start_months : int
        Months from the first course to the re-baseline; 0: the scan before treatment.
    fewest : int
        Scans on a person's own line.
    days_per_year : float
    apart, span : numpy.ndarray
        int32 a day from `FIRST` on: the first day on which a later scan can be compared; the
        first one on which a line is long enough.
    """

    is_bpf: bool
    near: int
    start_months: int
    fewest: int
    days_per_year: float
    apart: np.ndarray
    span: np.ndarray


def volume_rule(measure: Volume, start: VolumeStart) -> VolumeRule:
    """The numbers of the definitions of brain volume.

    Parameters
    ----------
    measure : Volume
    start : VolumeStart
        The re-baseline.
    """
    apart, span = period_tables((Period(months=SCANS_APART_MONTHS), SHORTEST_SPAN))
    return VolumeRule(
        is_bpf=measure is Volume.BPF,
        near=YEAR_END_DAYS,
        start_months=start.months,
        fewest=FEWEST_SCANS,
        days_per_year=DAYS_PER_YEAR,
        apart=frozen(apart),
        span=frozen(span),
    )
