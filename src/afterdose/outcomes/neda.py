"""No evidence of disease activity (NEDA) by year and since the first course."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from afterdose.outcomes.answers import Because
from afterdose.outcomes.brain_volume import Volume, VolumeChange
from afterdose.outcomes.definitions import YEAR_END_DAYS, Definition
from afterdose.outcomes.disability import FirstChange
from afterdose.outcomes.timeline import Timeline
from afterdose.outcomes.visits import year_end_row
from afterdose.record.answers import Answer
from afterdose.record.tables import Assessment


class Component(StrEnum):
    """What counts as disease activity."""

    RELAPSE = "relapse"
    WORSENING = "confirmed worsening"
    MRI = "MRI activity"
    ATROPHY = "loss of brain volume"


@dataclass(frozen=True, slots=True)
class Neda(Definition):
    """A definition of no evidence of disease activity.

    Attributes
    ----------
    atrophy_limit : float or None, unit % a year
        A yearly loss larger than this is activity. None: volume takes no part.
    volume : Volume or None
        The measure whose yearly change is held to the limit.
    """

    atrophy_limit: float | None = None
    volume: Volume | None = None

    @property
    def components(self) -> tuple[Component, ...]:
        """The components it asks for, in order."""
        return _THREE_PARTS if self.atrophy_limit is None else _ALL_PARTS


_ALL_PARTS = tuple(Component)
_THREE_PARTS = tuple(part for part in Component if part is not Component.ATROPHY)
_THREE = (
    "In the year: no relapse counted, no onset of 6-month confirmed disability worsening, no MRI "
    "activity. One component with activity makes it not met, even where another is missing. "
    "Without activity, one that is missing makes it not assessable. That there was no worsening "
    f"can be told where an EDSS lies at most {YEAR_END_DAYS} days from the year's end and a "
    "worsening then could still have been confirmed. A worsening counts once, in the year in which "
    "it was first seen (the visit nearest to a year's end closes the year), and whoever had it is "
    "judged by the other components afterwards. Since the first course: met while every year so "
    "far is met, not met from the first year that is not."
)
ATROPHY_LIMIT = 0.40
NEDA_3 = Neda(
    id="neda-3",
    title="NEDA-3",
    words=_THREE,
    source="policy; the trials' NEDA is taken to have these three components, but no text that was "
    "read states them",
)


def _neda_4(volume: Volume) -> Neda:
    siena = "" if volume is Volume.PBVC else (
        " The limit was stated for SIENA PBVC, which is not the same measure as BPF."
    )  # fmt: skip
    return Neda(
        id=f"neda-4-{volume.lower()}",
        title=f"NEDA-4, with {volume}",
        words=(
            f"NEDA-3, and a yearly change of {volume} that is no loss of more than "
            f"{ATROPHY_LIMIT:.2f} % a year.{siena} In year 1 the fall that comes as inflammation "
            "resolves counts as loss."
        ),
        source="policy; the limit is the cut-off of De Stefano, et al. J Neurol Neurosurg "
        "Psychiatry 2016;87:93-99 with a specificity of 80 % (secondary: read in other texts)",
        atrophy_limit=ATROPHY_LIMIT,
        volume=volume,
    )


NEDA_4_BPF = _neda_4(Volume.BPF)
NEDA_4_PBVC = _neda_4(Volume.PBVC)
NEDAS = (NEDA_3, NEDA_4_BPF, NEDA_4_PBVC)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one component shows in one year.

    Attributes
    ----------
    component : Component
    activity : Answer
        Met: there was activity.
    because : Because
    """

    component: Component
    activity: Answer
    because: Because


@dataclass(frozen=True, slots=True)
class NedaInYear:
    """One person's answer for one year, or for all years up to it.

    Attributes
    ----------
    year : int
    answer : Answer
        Met: no evidence of disease activity.
    active, missing : tuple of Component
        Components with activity; components that could not be assessed.
    because : Because
        Rows of the components that decided; what was missing where nothing could.
    """

    year: int
    answer: Answer
    active: tuple[Component, ...]
    missing: tuple[Component, ...]
    because: Because


def evaluate_neda(definition: Neda, year: int, findings: Iterable[Finding]) -> NedaInYear:
    """One year's answer from what each component shows.

    Parameters
    ----------
    definition : Neda
    year : int
    findings : iterable of Finding
        One for each of the definition's components; others are passed over.

    Examples
    --------
    >>> quiet = [Finding(part, Answer.NOT_MET, Because("x")) for part in NEDA_3.components]
    >>> evaluate_neda(NEDA_3, 1, quiet).answer.value
    'met'
    """
    components = definition.components
    asked = [one for one in findings if one.component in components]
    active = tuple(one for one in asked if one.activity is Answer.MET)
    unknown = tuple(one for one in asked if one.activity is Answer.NOT_ASSESSABLE)
    deciding = active or (() if unknown else asked)
    answer = Answer.NOT_MET if active else Answer.NOT_ASSESSABLE if unknown else Answer.MET
    return NedaInYear(
        year=year,
        answer=answer,
        active=tuple(one.component for one in active),
        missing=tuple(one.component for one in unknown),
        because=Because(
            definition.id,
            rows=tuple(row for one in deciding for row in one.because.rows),
            missing="" if active else "; ".join(one.because.missing for one in unknown),
        ),
    )


def evaluate_neda_through(definition: Neda, years: Iterable[NedaInYear]) -> tuple[NedaInYear, ...]:
    """The answer since the first course, at the end of each year.

    Parameters
    ----------
    definition : Neda
    years : iterable of NedaInYear
        Years 1, 2, ... in order, from `evaluate_neda`.
    """
    found: list[NedaInYear] = []
    active: set[Component] = set()
    missing: set[Component] = set()
    for one in years:
        active.update(one.active)
        missing.update(one.missing)
        answer = Answer.NOT_MET if active else Answer.NOT_ASSESSABLE if missing else Answer.MET
        because = one.because
        if answer is Answer.NOT_ASSESSABLE and not because.missing:
            because = Because(definition.id, missing="an answer for an earlier year")
        found.append(
            NedaInYear(one.year, answer, _in_order(active), _in_order(missing), because)
        )  # fmt: skip
    return tuple(found)


def relapse_finding(answer: Answer, because: Because) -> Finding:
    """From `afterdose.outcomes.relapse_free.is_relapse_free_in_year`: free is no activity."""
    activity = {Answer.MET: Answer.NOT_MET, Answer.NOT_MET: Answer.MET}.get(answer, answer)
    return Finding(Component.RELAPSE, activity, because)


def worsening_finding(
    timeline: Timeline, visits: list[Assessment], found: FirstChange, year: int
) -> Finding:
    """Whether the first confirmed worsening began in a year.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    visits : list of Assessment
        EDSS scores known on the timeline's day, by date.
    found : FirstChange
        From `afterdose.outcomes.disability.evaluate_first_change`.
    year : int
    """
    if found.answer is Answer.NOT_ASSESSABLE:
        return Finding(Component.WORSENING, Answer.NOT_ASSESSABLE, found.because)
    if found.onset is not None and found.onset <= _closing_day(timeline, visits, year):
        had_it = year > 1 and found.onset <= _closing_day(timeline, visits, year - 1)
        activity = Answer.NOT_MET if had_it else Answer.MET
        return Finding(Component.WORSENING, activity, found.because)
    anniversary = timeline.year_start(year + 1)
    last_told = found.onset or found.censored_on
    enough = anniversary - timedelta(days=YEAR_END_DAYS)
    closing = year_end_row(visits, anniversary)
    if closing is not None and last_told is not None and last_told >= enough:
        return Finding(Component.WORSENING, Answer.NOT_MET, found.because)
    missing = "an EDSS near the year's end, and one that could confirm it"
    because = Because(found.because.definition, missing=missing)
    return Finding(Component.WORSENING, Answer.NOT_ASSESSABLE, because)


def _closing_day(timeline: Timeline, visits: list[Assessment], year: int) -> date:
    """Of the visit nearest to the end of a year; without one, the anniversary."""
    anniversary = timeline.year_start(year + 1)
    closing = year_end_row(visits, anniversary)
    return closing.date if closing is not None else anniversary


def atrophy_finding(definition: Neda, change: VolumeChange) -> Finding:
    """Whether a year's loss of volume was larger than the limit."""
    assert definition.atrophy_limit is not None
    if change.change_pct_per_year is None:
        return Finding(Component.ATROPHY, Answer.NOT_ASSESSABLE, change.because)
    lost = change.change_pct_per_year < -definition.atrophy_limit
    return Finding(Component.ATROPHY, Answer.MET if lost else Answer.NOT_MET, change.because)


def _in_order(components: set[Component]) -> tuple[Component, ...]:
    return tuple(component for component in _ALL_PARTS if component in components)
