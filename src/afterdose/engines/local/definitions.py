"""A definition of confirmed disability change as the kernels carry it out: numbers in records.

A new definition needs new numbers and no new compiled code. Every comparison of a whole number of
days with a length of time that may be fractional or infinite becomes one of whole numbers: rounded
to the side on which it answers the same.
"""

from enum import StrEnum
from math import ceil, floor, inf, isinf
from typing import NamedTuple

import numpy as np

from afterdose.engines.local.days import period_tables
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    ComparedWith,
    Direction,
    Extrema,
    Kind,
    Magnitude,
    MovesTo,
    Preceding,
    Proceed,
    RelapseDay,
    Report,
    Start,
    Strategy,
)
from afterdose.outcomes.disability.parts import Attribution, Distance, Interval, Window
from afterdose.outcomes.disability.steps import Step, StepRule
from afterdose.record.dates import Period
from afterdose.record.errors import DefinitionError

ENDLESS = 2**40
"""More days than lie between any two: what an infinite length of time becomes."""

KINDS, CLASSES, STRATEGIES = tuple(Kind), tuple(Class), tuple(Strategy)
"""Codes are positions in these, and in the other choices' own order."""

_FLAGS = (
    "from_course", "roves_better", "roves_worse", "any_change", "smaller_better", "smaller_worse",
    "compared_with_new", "after_relapse", "never_better", "better", "worse", "from_onset",
    "intermediate", "event_score", "last_counts", "looks_at_relapses", "to_end", "attributes",
)  # fmt: skip
_CODES = (
    "moves_to", "better_moves_to", "extrema", "report", "of_class", "preceding",
    "switch", "retreatment", "death",
)  # fmt: skip
_NUMBERS = (
    "worse_bands", "bands", "baseline", "settled", "sustained", "last_within", "seen",
    "reference_since", "reference_until", "onset_since", "onset_until", "confirmation_since",
    "confirmation_until", "associated", "relapse_free", "intervals",
)  # fmt: skip

CHOICES = np.dtype(
    [(name, np.float64) for name in ("sign", "lowest", "last_share")]
    + [(name, np.int64) for name in _NUMBERS]
    + [(name, np.int8) for name in _CODES]
    + [(name, np.bool_) for name in _FLAGS],
    align=True,
)
"""Every choice but lists. Bands of worsening come before ``worse_bands`` and those of improvement
up to ``bands``; intervals that associate before ``associated``, those to be free of relapses up to
``relapse_free``, those for scans up to ``intervals``; ``baseline`` is a row of the periods."""
BAND = np.dtype([(name, np.float64) for name in ("up_to", "points", "divisor")])
"""The step for reference values up to ``up_to``; ``divisor`` is infinite without a percentage."""
WINDOW = np.dtype([(name, np.int64) for name in ("period", "days", "early", "late")])
"""When a visit may confirm. ``period`` is a row of the periods, -1 for days alone."""
INTERVAL = np.dtype([(name, np.int64) for name in ("start", "before", "end", "after")])
"""An interval between checkpoints, by their codes."""


class DisabilityRules(NamedTuple):
    """A definition as the kernels read it.

    ``choices`` is one record of `CHOICES`; ``periods`` is as `period_tables` makes it.
    """

    choices: np.ndarray
    bands: np.ndarray
    windows: np.ndarray
    intervals: np.ndarray
    periods: np.ndarray


def compile_definition(definition: DisabilityDefinition) -> DisabilityRules:
    """A definition as numbers.

    Parameters
    ----------
    definition : DisabilityDefinition

    Raises
    ------
    DefinitionError
        A step is a Python function.

    Examples
    --------
    >>> from afterdose.outcomes.disability import CARE_MS_CDW
    >>> rules = compile_definition(CARE_MS_CDW)
    >>> rules.bands["points"].tolist(), rules.windows["period"].tolist()
    ([1.5, 1.0, 1.5, 1.0], [0])
    """
    worse = _bands(definition.step)
    better = worse if definition.improvement_step is None else _bands(definition.improvement_step)
    windows = definition.confirmation.windows
    moved = list(dict.fromkeys(one.after for one in windows if one.after.months))
    back = _back(definition.reference.at_most_before)
    attribution = definition.attribution
    lists = () if attribution is None else _lists(attribution)
    ends = np.cumsum([0, 0, 0] if attribution is None else [len(one) for one in lists])
    choices = np.zeros(1, CHOICES)
    for name, value in {
        **_reference(definition),
        **_events(definition),
        **_relapses(definition),
        "sign": definition.worse.sign,
        "worse_bands": len(worse),
        "bands": len(worse) + len(better),
        "baseline": len(moved),
        "attributes": attribution is not None,
        "associated": ends[0],
        "relapse_free": ends[1],
        "intervals": ends[2],
        "preceding": 0 if attribution is None else _code(attribution.preceding, Preceding),
        "switch": _code(definition.intercurrent.switch, Strategy),
        "retreatment": _code(definition.intercurrent.retreatment, Strategy),
        "death": _code(definition.intercurrent.death, Strategy),
    }.items():
        choices[name] = value
    return DisabilityRules(
        choices,
        np.array(worse + better, BAND),
        np.array([_window(one, moved) for one in windows], WINDOW),
        np.array([_interval(one) for some in lists for one in some], INTERVAL),
        period_tables((*moved, back)),
    )


def _reference(definition: DisabilityDefinition) -> dict[str, float]:
    rules = definition.reference
    # A fixed reference moves after no change; but any change still makes the search look back.
    fixed = rules.roves is Direction.NEITHER
    smaller = Direction.NEITHER if fixed else rules.sub_threshold
    return {
        "from_course": rules.start is Start.FIRST_COURSE,
        "lowest": rules.lowest,
        "roves_better": rules.roves.has(Kind.CDI),
        "roves_worse": rules.roves.has(Kind.CDW),
        "any_change": rules.sub_threshold is not Direction.NEITHER,
        "smaller_better": smaller.has(Kind.CDI),
        "smaller_worse": smaller.has(Kind.CDW),
        "moves_to": _code(rules.moves_to, MovesTo),
        "better_moves_to": _code(rules.improvement_moves_to or rules.moves_to, MovesTo),
        "compared_with_new": rules.compared_with is ComparedWith.NEW,
        "after_relapse": rules.after_relapse,
        "settled": _at_most(rules.settled_days),
        "never_better": rules.never_better,
        "extrema": _code(rules.extrema, Extrema),
    }


def _events(definition: DisabilityDefinition) -> dict[str, float]:
    events, confirmation = definition.events, definition.confirmation
    return {
        "report": _code(events.report, Report),
        "better": events.kinds.has(Kind.CDI),
        "worse": events.kinds.has(Kind.CDW),
        "of_class": _code(events.of_class, Class),
        "from_onset": events.proceed_from is Proceed.ONSET,
        "intermediate": confirmation.intermediate,
        "sustained": _at_least(confirmation.sustained_days),
        "event_score": confirmation.magnitude is Magnitude.EVENT_SCORE,
        "last_counts": confirmation.last_visit_within > 0,
        "last_within": _at_most(confirmation.last_visit_within),
        "last_share": confirmation.last_visit_share,
    }


def _relapses(definition: DisabilityDefinition) -> dict[str, float]:
    rules = definition.relapses
    found: dict[str, float] = {
        "to_end": rules.measured_from is RelapseDay.END,
        "seen": _at_most(rules.seen_before_days),
        "looks_at_relapses": {rules.reference, rules.onset, rules.confirmation} != {Distance()},
    }
    for name in ("reference", "onset", "confirmation"):
        distance: Distance = getattr(rules, name)
        found[f"{name}_since"] = _at_least(distance.since_last)
        found[f"{name}_until"] = _at_least(distance.until_next)
    return found


def _bands(step: Step) -> list[tuple[float, float, float]]:
    if not isinstance(step, StepRule):
        raise DefinitionError(
            "a step is a Python function, which the compiled engine cannot carry out. Permitted: "
            "bands of points and percent (StepRule). State it as bands, or ask "
            "afterdose.engines.reference."
        )
    return [
        (one.up_to, one.points, inf if isinf(one.percent) else 100 / one.percent)
        for one in step.bands
    ]


def _window(one: Window, moved: list[Period]) -> tuple[int, int, int, int]:
    period = moved.index(one.after) if one.after.months else -1
    return period, one.after.days, -_at_least(-one.early_days), _at_most(one.late_days)


def _lists(attribution: Attribution) -> tuple[tuple[Interval, ...], ...]:
    return attribution.associated, attribution.relapse_free, attribution.mri_free


def _interval(one: Interval) -> tuple[int, int, int, int]:
    return (
        _code(one.start, Checkpoint), _at_most(one.before_days),
        _code(one.end, Checkpoint), _at_most(one.after_days),
    )  # fmt: skip


def _code(choice: StrEnum, choices: type[StrEnum]) -> int:
    return list(choices).index(choice)


def _at_most(days: float) -> int:
    """The most whole days that are no more than ``days``."""
    return floor(max(-ENDLESS, min(ENDLESS, days)))


def _at_least(days: float) -> int:
    """The least whole days that are no fewer than ``days``."""
    return ceil(max(-ENDLESS, min(ENDLESS, days)))


def _back(period: Period) -> Period:
    return Period(-period.months, -period.days)
