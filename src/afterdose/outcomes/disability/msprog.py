"""Definitions for those who come from msprog: its arguments, by their own names, translated.

Both spellings are read, R's (``c(84, 168)``, ``TRUE``, ``Inf``) and Python's (``[84, 168]``,
``True``, ``inf``). What cannot be honoured is refused by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    Direction,
    Extrema,
    MovesTo,
    Preceding,
    Proceed,
    Report,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.msprog_arguments import DEFAULTS, IGNORED, REFUSED
from afterdose.outcomes.disability.msprog_values import parse_arguments
from afterdose.outcomes.disability.parts import (
    Attribution,
    Confirmation,
    Distance,
    Events,
    Interval,
    Reference,
    RelapseWindows,
    Window,
)
from afterdose.outcomes.disability.steps import (
    EDSS_HALF_ABOVE_5,
    SDMT_4_OR_20_PERCENT,
    TWENTY_PERCENT,
    StepRule,
    Worse,
)
from afterdose.record.dates import Period
from afterdose.record.errors import DefinitionError

_EVENTS = {
    "firstCDW": Events(),
    "firstCDI": Events(kinds=Direction.IMPROVEMENT),
    "first": Events(kinds=Direction.BOTH),
    "firstPIRA": Events(of_class=Class.PIRA),
    "firstRAW": Events(of_class=Class.RAW),
    "multiple": Events(Report.EACH, Direction.BOTH),
}
_ROVES = {
    "fixed": Direction.NEITHER,
    "roving": Direction.BOTH,
    "roving_impr": Direction.IMPROVEMENT,
    "roving_wors": Direction.WORSENING,
}
_SUB_THRESHOLD = {
    "none": Direction.NEITHER,
    "event": Direction.BOTH,
    "improvement": Direction.IMPROVEMENT,
    "worsening": Direction.WORSENING,
}
_EXTREMA = {"none": Extrema.KEEP, "strict": Extrema.SKIP_STRICT, "all": Extrema.SKIP}
_PROCEED = {
    "firstconf": (Proceed.CONFIRMATION, MovesTo.CONFIRMATION),
    "event": (Proceed.ONSET, MovesTo.ONSET),
}
_PRECEDING = {
    "baseline": Preceding.REFERENCE,
    "last": Preceding.LAST,
    "last_delta": Preceding.LAST_STEP,
}
_OUTCOMES: dict[str, tuple[str, Worse, StepRule]] = {
    "edss": ("edss", Worse.HIGHER, EDSS_HALF_ABOVE_5),
    "nhpt": ("nhpt_s", Worse.HIGHER, TWENTY_PERCENT),
    "t25fw": ("t25fw_s", Worse.HIGHER, TWENTY_PERCENT),
    "sdmt": ("sdmt", Worse.LOWER, SDMT_4_OR_20_PERCENT),
}
_INDEPENDENT = {"prec": (0, 0), "event": (90, 30), "conf": (90, 30)}
_CHECKPOINTS = {
    "prec": Checkpoint.PRECEDING,
    "event": Checkpoint.ONSET,
    "conf": Checkpoint.CONFIRMATION,
}


def parse_msprog(text: str) -> DisabilityDefinition:
    """The definition that msprog's arguments amount to.

    Parameters
    ----------
    text : str
        ``name=value`` pairs, separated by spaces or commas.

    Raises
    ------
    DefinitionError
        An argument is not known, its value is not permitted, or it cannot be honoured.

    Examples
    --------
    >>> found = parse_msprog("conf_days=c(84, 168) event=multiple baseline=roving RAW_PIRA=TRUE")
    >>> str(found.events.report), [str(window.after) for window in found.confirmation.windows]
    ('each', ['P84D', 'P168D'])
    """
    return translate_msprog(parse_arguments(text))


def translate_msprog(arguments: Mapping[str, Any]) -> DisabilityDefinition:
    """The definition that arguments of ``MSprog`` amount to; those not given take its defaults.

    Parameters
    ----------
    arguments : mapping
        By name. Pairs are lists or tuples; ``None`` merges intervals in ``relapse_indep``.
    """
    problems = list(_refusals(arguments))
    given = {**DEFAULTS, **{key: one for key, one in arguments.items() if key in DEFAULTS}}
    reading = _Reading(given, problems)
    definition = _translated(reading) if not problems else None
    if problems or definition is None:
        raise DefinitionError("\n".join(problems))
    return definition


def _refusals(arguments: Mapping[str, Any]) -> list[str]:
    problems = []
    for name in arguments:
        if name in REFUSED:
            problems.append(f"msprog's {name} cannot be honoured. {REFUSED[name]}")
        elif name not in DEFAULTS and name not in IGNORED:
            problems.append(
                f"msprog has no argument '{name}'. Permitted: {', '.join(DEFAULTS)}. Correct it."
            )
    if arguments.get("bl_geq") and arguments.get("skip_local_extrema", "none") != "none":
        problems.append(
            "bl_geq with skip_local_extrema cannot be honoured: msprog then looks for extrema "
            "among scores it has replaced. Leave one of them out."
        )
    if arguments.get("bl_geq") and arguments.get("outcome") == "sdmt":
        problems.append(
            "bl_geq with outcome sdmt cannot be honoured: msprog then keeps the better score. "
            "Write the definition with reference.never_better."
        )
    return problems


@dataclass
class _Reading:
    """Arguments read one by one; problems are kept, and reading goes on."""

    given: dict[str, Any]
    problems: list[str]

    def refuse(self, name: str, permitted: str) -> None:
        self.problems.append(
            f"msprog's {name} is '{self.given[name]}'. Permitted: {permitted}. Correct the value."
        )

    def one_of(self, name: str, choices: Mapping[str, Any]) -> Any:
        if self.given[name] in choices:
            return choices[self.given[name]]
        self.refuse(name, ", ".join(choices))
        return next(iter(choices.values()))

    def flag(self, name: str) -> bool:
        if isinstance(self.given[name], bool):
            return bool(self.given[name])
        self.refuse(name, "TRUE or FALSE")
        return False

    def days(self, name: str) -> float:
        if _is_days(self.given[name]):
            return float(self.given[name])
        self.refuse(name, "days from 0 on")
        return 0.0

    def pair(self, name: str, second: Callable[[float], float]) -> tuple[float, float]:
        """Two numbers of days; of one number the second is made by ``second``."""
        seen = self.given[name]
        values = list(seen) if isinstance(seen, list | tuple) else [seen]
        if len(values) in (1, 2) and all(map(_is_days, values)):
            first = float(values[0])
            return first, float(values[1]) if len(values) == 2 else second(first)
        self.refuse(name, "one or two numbers of days from 0 on")
        return 0.0, 0.0

    def distance(self, name: str) -> Distance:
        return Distance(*self.pair(name, lambda first: 0.0))


def _is_days(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _translated(reading: _Reading) -> DisabilityDefinition | None:
    given = reading.given
    measure, worse, step = reading.one_of("outcome", _OUTCOMES)
    events = reading.one_of("event", _EVENTS)
    proceed, moves_to = reading.one_of("proceed_from", _PROCEED)
    associated = reading.distance("relapse_assoc")
    to_reference = reading.distance("relapse_to_bl")
    after_relapse = reading.flag("relapse_rebl")
    # pymsprog looks at bl_geq only where relapse_rebl moves the reference.
    never_better = reading.flag("bl_geq") and after_relapse
    parts: dict[str, Any] = {
        "reference": Reference(
            roves=reading.one_of("baseline", _ROVES),
            sub_threshold=reading.one_of("sub_threshold_rebl", _SUB_THRESHOLD),
            moves_to=moves_to,
            after_relapse=after_relapse,
            settled_days=0.0 if events.of_class is Class.PIRA else associated.since_last,
            never_better=never_better,
            extrema=reading.one_of("skip_local_extrema", _EXTREMA),
        ),
        "events": Events(events.report, events.kinds, events.of_class, proceed),
        "confirmation": Confirmation(
            windows=_windows(reading),
            intermediate=reading.flag("check_intermediate"),
            sustained_days=reading.days("require_sust_days"),
            last_visit_within=_last_visit(reading),
        ),
        "relapses": RelapseWindows(
            to_reference,
            reading.distance("relapse_to_event"),
            reading.distance("relapse_to_conf"),
            seen_before_days=to_reference.since_last,
        ),
    }
    if reading.flag("RAW_PIRA") or events.of_class is not Class.NONE:
        parts["attribution"] = _attribution(reading, associated)
    if reading.problems:
        return None
    words = " ".join(
        f"{key}={_spelt(value)}" for key, value in given.items() if value != DEFAULTS[key]
    )
    return DisabilityDefinition(
        id="msprog", title=f"msprog, {words or 'defaults'}",
        source="msprog and pymsprog 1.0.7, function MSprog", evidence="verified",
        measure=measure, worse=worse, step=step, **parts,
    )  # fmt: skip


def _spelt(value: object) -> str:
    return "".join(str(value).split())


def _windows(reading: _Reading) -> tuple[Window, ...]:
    days = reading.given["conf_days"]
    days = list(days) if isinstance(days, list | tuple) else [days]
    if not days or not all(type(one) is int and one > 0 for one in days):
        reading.refuse("conf_days", "one or several whole numbers of days from 1 on")
        days = [84]
    tolerance = reading.given["conf_tol_days"]
    if not isinstance(tolerance, Mapping):
        early, late = reading.pair("conf_tol_days", lambda first: first)
        return tuple(Window(Period(days=one), early, late) for one in days)
    windows = []
    for one in days:
        own = _Reading({"conf_tol_days": tolerance.get(one)}, reading.problems)
        windows.append(Window(Period(days=one), *own.pair("conf_tol_days", lambda first: first)))
    return tuple(windows)


def _last_visit(reading: _Reading) -> float:
    """Days of follow-up within which a last visit counts: none for 0, any for 1."""
    value = reading.days("impute_last_visit")
    if 0 < value < 1:
        reading.refuse(
            "impute_last_visit",
            "0, 1 or a number of days; a share is drawn without a seed there, so write "
            "confirmation.last_visit_share and seed",
        )
    return inf if value == 1 else value


def _attribution(reading: _Reading, associated: Distance) -> Attribution:
    indep = reading.given["relapse_indep"]
    indep = dict(_INDEPENDENT if indep is None else indep)
    preceding = indep.pop("prec_type", "baseline")
    intervals = _intervals(indep)
    if intervals is None or preceding not in _PRECEDING:
        reading.refuse(
            "relapse_indep",
            "prec, event and conf with two numbers of days each, None to merge two neighbours, and "
            f"prec_type {', '.join(_PRECEDING)}",
        )
        intervals, preceding = (), "baseline"
    raw = Interval(Checkpoint.ONSET, associated.since_last, Checkpoint.ONSET, associated.until_next)
    return Attribution((raw,), intervals, _PRECEDING[preceding])


def _intervals(indep: dict[str, Any]) -> tuple[Interval, ...] | None:
    """The relapse-free intervals; None where the ends do not fit together."""
    found = []
    open_at: tuple[Checkpoint, float] | None = None
    if set(indep) - set(_CHECKPOINTS):
        return None
    for name, checkpoint in _CHECKPOINTS.items():
        ends = indep.get(name, (0, 0))
        if not isinstance(ends, list | tuple) or len(ends) != 2:
            return None
        left, right = ends
        if not all(one is None or _is_days(one) for one in ends) or (left is None) != bool(open_at):
            return None
        if left == 0 and right == 0:
            continue
        opened = open_at or (checkpoint, float(left))
        open_at = opened if right is None else None
        if right is not None:
            found.append(Interval(*opened, checkpoint, float(right)))
    return None if open_at else tuple(found)
