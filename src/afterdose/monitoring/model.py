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

    @property
    def respond_within(self) -> Period:
        """How soon a repeat or another answer is expected, unless the alert says otherwise."""
        return _RESPONSE[self]


_RESPONSE = {
    Band.ACT_TODAY: Period(days=1),
    Band.ACT_SOON: Period(days=3),
    Band.REVIEW: Period(days=14),
}


class Dosing(StrEnum):
    """How the drug is given, which decides what its treatment rows mean."""

    COURSES = "courses"
    """Short courses: a row a course. Monitoring runs on for a time after the last infusion."""
    CONTINUOUS = "continuous"
    """Taken until stopped: a row a span. Without an end date the person is still taking it."""


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
    overrides: tuple["Override", ...] = ()


@dataclass(frozen=True)
class Override:
    """One field of one rule as a site set it, and who answers for that.

    ``shipped`` and ``own`` are the two values in words.
    """

    protocol: str
    rule: str
    field: str
    shipped: str
    own: str
    approved_by: str
    approved_on: str
    why: str


@dataclass(frozen=True)
class CoursePlan:
    """One course as the label plans it, or the dose of a continuous drug (without ``days``)."""

    numbers: str
    days: int | None
    dose: str
    timing: str
    grounds: Grounds


class CheckKind(StrEnum):
    REPEATED = "repeated"
    """At stated times and intervals, from the first dose until a time after the last."""
    BEFORE_COURSE = "before_course"
    """Once before a course or the first dose, not longer before it than ``within``."""
    DURING_COURSE = "during_course"
    """On given days of a course."""


@dataclass(frozen=True)
class Need:
    """One thing a check needs: any one of ``any_of`` will do.

    Names are analytes; ``examination:ecg`` names an examination and ``mri`` a scan.
    """

    any_of: tuple[str, ...]


@dataclass(frozen=True)
class Phase:
    """An interval between tests; ``lasting`` is how long after the first dose it holds."""

    every: Period
    lasting: Period | None = None


@dataclass(frozen=True)
class Check:
    """One monitored test.

    Attributes
    ----------
    needs : tuple of Need
        Satisfied only when each has a usable result.
    at : tuple of Period
        For a repeated check, the times after the first dose of the newest course, or of the newest
        start of a continuous drug, at which a test is asked for.
    early : Period
        With ``at``, how long before such a time a test already counts for it.
    phases : tuple of Phase
        For a repeated check, the intervals: after the last time of ``at`` where there is one, else
        from the first dose. Empty: nothing is asked for after the last time of ``at``.
    until : Period
        For a repeated check, how long after the last infusion of the last course, or the last dose.
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
    at: tuple[Period, ...] = ()
    early: Period = field(default_factory=Period)
    phases: tuple[Phase, ...] = ()
    until: Period = field(default_factory=Period)
    within: Period = field(default_factory=Period)
    days: tuple[int, ...] = ()
    courses: tuple[int, ...] = ()
    sex: str | None = None
    window: Period = field(default_factory=Period)
    owner: str = "ms_team"

    @property
    def title_with_grade(self) -> str:
        """The title, marked where the text that would state the check was not read."""
        is_unverified = self.grounds.evidence is Evidence.UNVERIFIED
        return f"{self.title} (unverified)" if is_unverified else self.title


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
    relation: str  # "below" the lower limit; "above", "at_least" or "at_most" the upper
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
class Lasting:
    """The value stays in a range for longer than ``lasting``.

    Attributes
    ----------
    below : float
        The values of the state lie below this, in the analyte's canonical unit.
    at_least : float or None
        And not below this; None: however low.
    lasting : Period
        The state lasts from its first result to its newest, and must last longer than this.
    max_gap : Period
        Between two results no longer than this the state is taken to have gone on; across a longer
        gap nobody knows.
    results : int
        At least so many results, 2 or more.
    """

    analyte: str
    below: float
    at_least: float | None
    lasting: Period
    max_gap: Period
    results: int = 2


@dataclass(frozen=True)
class ByBaseline:
    """One of two predicates, by whether the person's own baseline lay above the laboratory's range.

    Where the baseline, or the upper limit it was reported with, is not known, both must agree.
    """

    analyte: str
    normal: "Predicate"
    raised: "Predicate"


@dataclass(frozen=True)
class Grade:
    """The value is of a CTCAE grade or worse.

    ``when`` is what the grade means in that version; grades of two versions are not comparable.
    """

    analyte: str
    version: int
    at_least: int
    when: "Predicate"


@dataclass(frozen=True)
class AllOf:
    """Every part was met by a result taken within ``within`` of the newest of them."""

    parts: tuple["Predicate", ...]
    within: Period


@dataclass(frozen=True)
class AnyOf:
    """At least one part is met."""

    parts: tuple["Predicate", ...]


Single = Limit | RangeMultiple | BaselineRise | Fall | Lasting
"""Predicates about one analyte that do not rest on others."""
Predicate = Single | ByBaseline | Grade | AllOf | AnyOf


@dataclass(frozen=True)
class Alert:
    """A result that needs action.

    Attributes
    ----------
    when : Predicate
        Opens an episode at the first result that makes it true.
    check : str
        The check whose owner has to act.
    respond_within : Period
        How long after the newest result that meets the alert was received a repeat is expected;
        without one the alert escalates.
    closes_when : Predicate, optional
        Closes an episode when a later result meets it. Without it, a later result that does not
        meet ``when`` does.
    covered_by : tuple of str
        Alerts that say the same and more: while one of them is open, this one is not listed beside
        it.
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
    respond_within: Period
    closes_when: Predicate | None = None
    covered_by: tuple[str, ...] = ()
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

    ``also`` names drugs that are monitored as the same one, such as an ester or a pegylated form.
    ``closing`` (policy) is how long after the end of monitoring an undone last test stays on the
    list. ``overrides`` are what a site changed.
    """

    id: str
    drug: str
    jurisdiction: str
    version: str
    title: str
    basis: str
    read_on: str
    dosing: Dosing
    courses: tuple[CoursePlan, ...]
    checks: tuple[Check, ...]
    alerts: tuple[Alert, ...]
    advice: tuple[Advice, ...]
    closing: Period
    also: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def drugs(self) -> tuple[str, ...]:
        """Every drug name whose treatment rows the protocol follows."""
        return (self.drug, *self.also)

    @property
    def dose_word(self) -> str:
        """What people call one administration: a dose, or an infusion of a course."""
        return "dose" if self.dosing is Dosing.CONTINUOUS else "infusion"

    def check(self, check_id: str) -> Check:
        """The check of that id; `KeyError` if there is none."""
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)


def parts_of(predicate: Predicate) -> tuple[Predicate, ...]:
    """The predicates a predicate is made of; none for a single one."""
    match predicate:
        case AllOf() | AnyOf():
            return predicate.parts
        case ByBaseline():
            return predicate.normal, predicate.raised
        case Grade():
            return (predicate.when,)
        case _:
            return ()


def analytes_of(predicate: Predicate) -> frozenset[str]:
    """Every analyte a predicate looks at."""
    if isinstance(predicate, AllOf | AnyOf):
        return frozenset().union(*(analytes_of(part) for part in predicate.parts))
    return frozenset({predicate.analyte})
