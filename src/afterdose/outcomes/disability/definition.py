"""A definition of confirmed disability change: a frozen value with a name and a source."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from afterdose.outcomes.disability.choices import (
    Class,
    Kind,
    Start,
)
from afterdose.outcomes.disability.parts import (
    Attribution,
    Confirmation,
    Distance,
    Events,
    Intercurrent,
    Reference,
    RelapseWindows,
)
from afterdose.outcomes.disability.steps import EDSS_HALF_ABOVE_5, Step, Worse, step_from
from afterdose.record.errors import DefinitionError

EVIDENCE = ("verified", "secondary", "unverified", "policy")


@dataclass(frozen=True, slots=True)
class DisabilityDefinition:
    """Every choice behind a confirmed change of disability.

    Attributes
    ----------
    id, title, source : str
        Its name, what it is called in a report, and the primary document or ``policy``.
    evidence : str
        How well that is known: verified, secondary, unverified or policy.
    note : str
        What the source leaves open and was chosen here.
    measure : str
        The measure in the table of assessments, such as ``edss``.
    worse : Worse
        Which way the measure gets worse.
    step : Step
        The smallest change that counts.
    improvement_step : Step or None
        The same for improvements; None: as for worsening.
    drug : str
        The drug whose courses matter; needed where the reference is the visit before its first
        course, or where a switch or retreatment matters.
    reference, events, confirmation, relapses, intercurrent
        See `Reference`, `Events`, `Confirmation`, `RelapseWindows`, `Intercurrent`.
    attribution : Attribution or None
        None: worsening is not attributed.

    Raises
    ------
    DefinitionError
        The parts contradict each other.

    Examples
    --------
    >>> plain = DisabilityDefinition("mine", "My own", source="policy")
    >>> plain.is_reached(5.0, 5.5, Kind.CDW), plain.is_reached(5.5, 6.0, Kind.CDW)
    (False, True)
    """

    id: str
    title: str
    source: str
    evidence: str = "policy"
    note: str = ""
    measure: str = "edss"
    worse: Worse = Worse.HIGHER
    step: Step = EDSS_HALF_ABOVE_5
    improvement_step: Step | None = None
    drug: str = ""
    reference: Reference = field(default_factory=Reference)
    events: Events = field(default_factory=Events)
    confirmation: Confirmation = field(default_factory=Confirmation)
    relapses: RelapseWindows = field(default_factory=RelapseWindows)
    attribution: Attribution | None = None
    intercurrent: Intercurrent = field(default_factory=Intercurrent)

    def __post_init__(self) -> None:
        problems = list(_contradictions(self))
        if problems:
            raise DefinitionError("\n".join(problems))

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of a record the definition looks at."""
        found = ["people", "assessments"]
        distances = (self.relapses.reference, self.relapses.onset, self.relapses.confirmation)
        if self.attribution or self.reference.after_relapse or set(distances) != {Distance()}:
            found.append("relapses")
        if self.attribution and self.attribution.mri_free:
            found.append("mri")
        if self.intercurrent.asks_for_treatments or self.reference.start is Start.FIRST_COURSE:
            found.append("treatments")
        return tuple(found)

    def change(self, reference: float, value: float) -> float:
        """The change from ``reference``; positive is worse whatever the measure."""
        return self.worse.sign * (value - reference)

    def is_reached(self, reference: float, value: float, kind: Kind) -> bool:
        """Whether ``value`` is a step or more from ``reference``, in the direction of ``kind``."""
        if kind is Kind.CDW:
            return self.change(reference, value) >= step_from(self.step, reference)
        step = self.step if self.improvement_step is None else self.improvement_step
        return -self.change(reference, value) >= step_from(step, reference)


def _contradictions(definition: DisabilityDefinition) -> Iterator[str]:
    if definition.evidence not in EVIDENCE:
        yield f"evidence is '{definition.evidence}'. Permitted: {', '.join(EVIDENCE)}."
    if definition.events.of_class is not Class.NONE and definition.attribution is None:
        yield "events.of_class is given without [attribution]. Add it; empty takes its defaults."
    asks = definition.intercurrent.asks_for_treatments
    if (asks or definition.reference.start is Start.FIRST_COURSE) and not definition.drug:
        yield "the definition looks at courses and names no drug. Add the drug, in lower case."
