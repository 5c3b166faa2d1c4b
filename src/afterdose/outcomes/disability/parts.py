"""The parts of a definition of confirmed disability change, each a small frozen value.

All are numbers, names and lengths of time, so that a definition can be written to a file and
carried out by a compiled engine. ``inf`` means without limit.
"""

from dataclasses import dataclass
from math import inf

from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    ComparedWith,
    Direction,
    Extrema,
    Magnitude,
    MovesTo,
    Preceding,
    Proceed,
    RelapseDay,
    Report,
    Start,
    Strategy,
)
from afterdose.record.dates import Period
from afterdose.record.errors import DefinitionError

_HALF_A_YEAR = Period(months=6)
_TWELVE_WEEKS = Period(days=84)


@dataclass(frozen=True, slots=True)
class Reference:
    """The visit a change is compared with, and when it moves.

    Attributes
    ----------
    start : Start
        The first visit, or the last one on or before the first course of the definition's drug.
    at_most_before : Period
        With FIRST_COURSE: how old that visit may be.
    lowest : float, unit of the measure
        Who begins below it cannot have the event: not assessable.
    roves : Direction
        After which confirmed changes the reference moves.
    sub_threshold : Direction
        Confirmed changes smaller than the step after which it moves as well, where it roves. With
        ``after_relapse`` any change then makes the search look back at relapses.
    moves_to : MovesTo
        The first confirming visit, the onset, or the best value from onset to confirmation.
    improvement_moves_to : MovesTo or None
        The same after an improvement; None: as after a worsening.
    compared_with : ComparedWith
        For an improvement to move it: every visit until confirmation has to be better than the
        old reference, or at least as good as the onset, which becomes the new one.
    after_relapse : bool
        Whether every relapse moves it, to the first visit on or after the relapse.
    settled_days : float, unit day, 0 or more
        With ``after_relapse``: it moves once the search is further past the relapse than this.
    never_better : bool
        Whether a move keeps the old value where the new one is better.
    extrema : Extrema
        Which local extrema are passed over.
    """

    start: Start = Start.FIRST_VISIT
    at_most_before: Period = _HALF_A_YEAR
    lowest: float = -inf
    roves: Direction = Direction.NEITHER
    sub_threshold: Direction = Direction.NEITHER
    moves_to: MovesTo = MovesTo.CONFIRMATION
    improvement_moves_to: MovesTo | None = None
    compared_with: ComparedWith = ComparedWith.OLD
    after_relapse: bool = False
    settled_days: float = 90.0
    never_better: bool = False
    extrema: Extrema = Extrema.KEEP

    def __post_init__(self) -> None:
        if not self.settled_days >= 0:
            raise DefinitionError(
                f"reference.settled_days is {self.settled_days:g}. Permitted: from 0 on."
            )


@dataclass(frozen=True, slots=True)
class Events:
    """Which events are looked for and reported.

    Attributes
    ----------
    report : Report
    kinds : Direction
        Worsening, improvement or both.
    of_class : Class
        Only the first worsening of this class, RAW or PIRA; NONE for any.
    proceed_from : Proceed
        The search goes on with the visit after the first confirming visit, or after the onset.
    """

    report: Report = Report.FIRST
    kinds: Direction = Direction.WORSENING
    of_class: Class = Class.NONE
    proceed_from: Proceed = Proceed.CONFIRMATION

    def __post_init__(self) -> None:
        if self.kinds is Direction.NEITHER:
            raise DefinitionError(
                "events.kinds is 'neither'. Permitted: improvement, worsening, both. Choose one."
            )
        if self.of_class not in (Class.NONE, Class.RAW, Class.PIRA):
            raise DefinitionError(
                f"events.of_class is '{self.of_class}'. Permitted: raw, pira, or leave it out."
            )
        if self.of_class and self.kinds is not Direction.WORSENING:
            raise DefinitionError(
                "events.of_class asks for a class of worsening and events.kinds for improvements "
                'too. Permitted with a class: kinds = "worsening".'
            )


@dataclass(frozen=True, slots=True)
class Window:
    """When a visit may confirm: ``after`` the onset, so many days earlier or later.

    Attributes
    ----------
    after : Period
        Days, or calendar months.
    early_days, late_days : float, unit day, 0 or more
    """

    after: Period
    early_days: float = 0.0
    late_days: float = inf

    def __post_init__(self) -> None:
        if self.early_days < 0 or self.late_days < 0:
            raise DefinitionError("a tolerance is below 0. Permitted: days from 0 on.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What makes a change a confirmed one.

    Attributes
    ----------
    windows : tuple of Window
        A visit in any of them confirms.
    intermediate : bool
        Whether every visit between onset and confirmation has to hold as well.
    sustained_days : float, unit day
        How long the change has to last at least, where follow-up goes on; infinity: to its end.
    magnitude : Magnitude
        A step from the reference, or at least as far from it as the onset.
    last_visit_within : float, unit day
        A worsening at the last visit counts unconfirmed if follow-up ended within so many days of
        its start; 0 for never, infinity for always.
    last_visit_share : float, 0 to 1
        The share of those that count, drawn by ``seed``.
    seed : int or None
        Needed when the share is neither 0 nor 1: a draw that cannot be repeated is no result.
    """

    windows: tuple[Window, ...] = (Window(_TWELVE_WEEKS, 7.0, 730.5),)
    intermediate: bool = True
    sustained_days: float = 0.0
    magnitude: Magnitude = Magnitude.STEP
    last_visit_within: float = 0.0
    last_visit_share: float = 1.0
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.windows:
            raise DefinitionError("confirmation.windows is empty. Give at least one window.")
        if min(self.sustained_days, self.last_visit_within) < 0:
            raise DefinitionError(
                "confirmation: a number of days is below 0. Permitted: from 0 on."
            )
        if not 0 <= self.last_visit_share <= 1:
            raise DefinitionError(
                f"confirmation.last_visit_share is {self.last_visit_share:g}. Permitted: 0 to 1."
            )
        if 0 < self.last_visit_share < 1 and self.seed is None:
            raise DefinitionError(
                "confirmation.last_visit_share asks for a draw without a seed. Give a whole number "
                "as confirmation.seed, so that the draw can be repeated."
            )


@dataclass(frozen=True, slots=True)
class Distance:
    """Days to the nearest relapse before and after a visit; 0 asks for nothing.

    Attributes
    ----------
    since_last, until_next : float, unit day, 0 or more
    """

    since_last: float = 0.0
    until_next: float = 0.0

    def __post_init__(self) -> None:
        if self.since_last < 0 or self.until_next < 0:
            raise DefinitionError("a distance to a relapse is below 0. Permitted: days from 0 on.")


@dataclass(frozen=True, slots=True)
class RelapseWindows:
    """How far from relapses visits have to be.

    Attributes
    ----------
    reference, onset, confirmation : Distance
        The least distance of a visit that serves as one.
    measured_from : RelapseDay
        Whether a relapse is its onset alone, or lasts to its end where that is recorded.
    seen_before_days : float, unit day
        Relapses longer before the first visit are not looked at.
    """

    reference: Distance = Distance(since_last=30.0)
    onset: Distance = Distance()
    confirmation: Distance = Distance(since_last=30.0)
    measured_from: RelapseDay = RelapseDay.ONSET
    seen_before_days: float = inf


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``before_days`` before one checkpoint to ``after_days`` after another, both included.

    Attributes
    ----------
    start, end : Checkpoint
    before_days, after_days : float, unit day
    """

    start: Checkpoint
    before_days: float
    end: Checkpoint
    after_days: float

    def __post_init__(self) -> None:
        order = list(Checkpoint)
        if order.index(self.start) > order.index(self.end):
            raise DefinitionError(
                f"an interval runs from {self.start} to {self.end}. Permitted: forwards in the "
                f"order {', '.join(order)}."
            )


@dataclass(frozen=True, slots=True)
class Attribution:
    """How a worsening is attributed to relapses.

    Attributes
    ----------
    associated : tuple of Interval
        RAW: a relapse in any of these intervals.
    relapse_free : tuple of Interval
        PIRA: otherwise, if none of these intervals holds a relapse. Neither: undefined.
    preceding : Preceding
    mri_free : tuple of Interval
        PIRMA: a PIRA with a scan in each of these intervals and none with activity there.
    """

    associated: tuple[Interval, ...] = (Interval(Checkpoint.ONSET, 90.0, Checkpoint.ONSET, 0.0),)
    relapse_free: tuple[Interval, ...] = (
        Interval(Checkpoint.ONSET, 90.0, Checkpoint.ONSET, 30.0),
        Interval(Checkpoint.CONFIRMATION, 90.0, Checkpoint.CONFIRMATION, 30.0),
    )
    preceding: Preceding = Preceding.REFERENCE
    mri_free: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Intercurrent:
    """What happens between onset and confirmation, and what is made of it (ICH E9(R1)).

    Attributes
    ----------
    switch : Strategy
        Another disease-modifying drug is begun.
    retreatment : Strategy
        A third or later course of the definition's drug.
    death : Strategy
        *While on treatment* reads as while alive. Treatment policy is not permitted: nothing can be
        observed after death.
    """

    switch: Strategy = Strategy.TREATMENT_POLICY
    retreatment: Strategy = Strategy.TREATMENT_POLICY
    death: Strategy = Strategy.WHILE_ON_TREATMENT

    def __post_init__(self) -> None:
        if self.death is Strategy.TREATMENT_POLICY:
            raise DefinitionError(
                "intercurrent.death is 'treatment policy', and nothing can be observed after "
                "death. Permitted: while on treatment, composite."
            )

    @property
    def asks_for_treatments(self) -> bool:
        """Whether the table of treatments is needed."""
        return {self.switch, self.retreatment} != {Strategy.TREATMENT_POLICY}
