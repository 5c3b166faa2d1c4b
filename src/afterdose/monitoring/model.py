"""The protocol model: one drug's monitoring rules in one jurisdiction, as frozen values.

A rule keeps three things side by side: what the source says (paraphrased), our reading of it, and
the executable form. Where they strain, the reading says so and `docs/clarifications.md` has an
entry. What no label states is named in ``policy`` and a site may override it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from afterdose.record.dates import Period


class Evidence(StrEnum):
    """How a fact is known."""

    VERIFIED = "verified"
    """The text itself was read."""
    SECONDARY = "secondary"
    """Read in a mirror, translation, abstract, national label or secondary paper."""
    UNVERIFIED = "unverified"
    """Recalled only. Shown as such, and never on the worklist."""
    POLICY = "policy"
    """No source states it: a local decision that a site can override."""


class Band(StrEnum):
    """How fast an alert asks for action. The response times are policy."""

    ACT_TODAY = "act today"
    ACT_SOON = "act within 3 days"
    REVIEW = "review within 2 weeks"


@dataclass(frozen=True)
class Source:
    """A document that can be cited to a clinician."""

    key: str
    cite: str
    section: str = ""


@dataclass(frozen=True)
class Grounds:
    """Why a rule is there.

    Attributes
    ----------
    evidence : Evidence
        How the rule's substance is known.
    sources : tuple of Source
    says : str
        What the source says, in our words.
    reading : str
        How we read it.
    policy : tuple of str
        The fields of this rule that no source states.
    """

    evidence: Evidence
    sources: tuple[Source, ...]
    says: str
    reading: str = ""
    policy: tuple[str, ...] = ()


@dataclass(frozen=True)
class CoursePlan:
    """One course as the label plans it."""

    numbers: str
    days: int
    dose: str
    timing: str
    grounds: Grounds


class CheckKind(StrEnum):
    REPEATED = "repeated"
    """At an interval, from the first infusion until a time after the last."""
    BEFORE_COURSE = "before_course"
    """Once before a course, not longer before it than ``within``."""
    DURING_COURSE = "during_course"
    """On given days of a course."""


@dataclass(frozen=True)
class Need:
    """One thing a check needs: any one of ``any_of`` will do.

    Names are analytes; ``examination:ecg`` names an examination and ``mri`` a scan.
    """

    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One monitored test.

    Attributes
    ----------
    needs : tuple of Need
        Satisfied only when each has a usable result.
    every : Period
        For a repeated check, the interval.
    until : Period
        For a repeated check, how long after the last infusion of the last course.
    within : Period
        For a check before a course, how long before its first infusion a result still counts.
    days : tuple of int
        For a check during a course, the course days it falls on (1 is the first infusion).
    courses : tuple of int
        The courses a before- or during-course check belongs to; empty means every course.
    sex : str, optional
        Only for people of this sex.
    window : Period
        How long after the due date the check counts as due and not yet overdue.
    owner : str
        Whose move it is unless someone else has accepted.
    """

    id: str
    title: str
    kind: CheckKind
    needs: tuple[Need, ...]
    grounds: Grounds
    every: Period = field(default_factory=Period)
    until: Period = field(default_factory=Period)
    within: Period = field(default_factory=Period)
    days: tuple[int, ...] = ()
    courses: tuple[int, ...] = ()
    sex: str | None = None
    window: Period = field(default_factory=Period)
    owner: str = "ms_team"


@dataclass(frozen=True)
class Limit:
    """The value lies beyond an absolute limit, in the analyte's canonical unit."""

    analyte: str
    relation: str  # "below", "at_most", "above" or "at_least"
    value: float


@dataclass(frozen=True)
class RangeMultiple:
    """The value lies beyond a multiple of the laboratory's own limit for that result."""

    analyte: str
    relation: str  # "below" the lower limit, or "above" the upper
    times: float = 1.0


@dataclass(frozen=True)
class BaselineRise:
    """The value is more than ``percent`` above the person's own baseline.

    Baseline: the last usable value on or before the first infusion, else the first after it,
    which the reasons then say.
    """

    analyte: str
    percent: float


@dataclass(frozen=True)
class Fall:
    """The value is at least ``percent`` below the previous usable one."""

    analyte: str
    percent: float
    still_above: float | None = None


@dataclass(frozen=True)
class AllOf:
    """Every part was met by a result taken within ``within`` of the newest of them."""

    parts: tuple["Predicate", ...]
    within: Period


@dataclass(frozen=True)
class AnyOf:
    """At least one part is met."""

    parts: tuple["Predicate", ...]


Predicate = Limit | RangeMultiple | BaselineRise | Fall | AllOf | AnyOf


@dataclass(frozen=True)
class Alert:
    """A result that needs action.

    Attributes
    ----------
    when : Predicate
        Opens an episode at the first result that makes it true.
    check : str
        The check whose owner has to act.
    expected_for : Period, optional
        How long after a course's last infusion the finding is expected and raises nothing; the
        course's own days are always included.
    known_as : str, optional
        An event category that explains the finding; once such an event is recorded, the episode is
        shown as known.
    then : str
        The next step the sources name.
    """

    id: str
    title: str
    when: Predicate
    check: str
    band: Band
    then: str
    grounds: Grounds
    expected_for: Period | None = None
    known_as: str | None = None


@dataclass(frozen=True)
class Advice:
    """A label statement that no test or result decides: shown, never evaluated."""

    id: str
    title: str
    text: str
    grounds: Grounds


@dataclass(frozen=True)
class Protocol:
    """One drug's monitoring in one jurisdiction.

    ``closing`` (policy) is how long after the end of monitoring an undone last test stays on the
    list.
    """

    id: str
    drug: str
    jurisdiction: str
    version: str
    title: str
    basis: str
    read_on: str
    courses: tuple[CoursePlan, ...]
    checks: tuple[Check, ...]
    alerts: tuple[Alert, ...]
    advice: tuple[Advice, ...]
    closing: Period

    def check(self, check_id: str) -> Check:
        """The check of that id; `KeyError` if there is none."""
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)


def analytes_of(predicate: Predicate) -> frozenset[str]:
    """Every analyte a predicate looks at."""
    if isinstance(predicate, AllOf | AnyOf):
        return frozenset().union(*(analytes_of(part) for part in predicate.parts))
    return frozenset({predicate.analyte})
