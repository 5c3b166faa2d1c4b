"""What a number of the report asked of each person, in plain code, with the rows that decided.

`OUTCOMES` holds one function for every outcome that `afterdose.study.model.Behind` may name. It is
given one person and a year after the first course, or None for all of it, and tells the answer in
words. Several answers where the question is of several years.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from afterdose.outcomes.answers import Because
from afterdose.outcomes.autoimmunity import (
    AUTOIMMUNE_TYPES,
    autoimmune_events,
    earlier_autoimmunity,
)
from afterdose.outcomes.brain_volume import FROM_BASELINE, Volume, VolumeChange, VolumeStart
from afterdose.outcomes.courses import COURSES_BY_YEAR
from afterdose.outcomes.definitions import DEATH, PATIENT_YEARS, RELAPSE_RATE, STUDY_YEAR
from afterdose.outcomes.disability import FirstChange, edss_visits
from afterdose.outcomes.edss_steps import EDSS_STEPS, evaluate_by_steps
from afterdose.outcomes.events import SAFETY_EVENTS, first_possible_day
from afterdose.outcomes.first_events import Ending, FirstEvent
from afterdose.outcomes.neda import NEDAS, NedaInYear
from afterdose.outcomes.person import ANY, PersonOutcomes
from afterdose.outcomes.retreatment import evaluate_retreatment, is_retreated_in_year
from afterdose.outcomes.strata import BASELINE_DISABILITY, LATER_STAGE, PHENOTYPE, EdssBand
from afterdose.outcomes.timeline import Timeline
from afterdose.outcomes.visits import baseline_row
from afterdose.outcomes.years import SAFETY_CATEGORIES
from afterdose.record.answers import Answer
from afterdose.record.courses import Course
from afterdose.record.dates import DAYS_PER_YEAR
from afterdose.record.history import History
from afterdose.record.tables import EVENT_CATEGORIES
from afterdose.study.words import signed

NOT_SEEN = "observation in that year"
"""What is missing where a person was not seen as late as that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One person, and the plain code's answers.

    Attributes
    ----------
    history : History
    outcomes : PersonOutcomes
    start : VolumeStart
        The report's re-baseline of brain volume.
    """

    history: History
    outcomes: PersonOutcomes
    start: VolumeStart

    @property
    def timeline(self) -> Timeline:
        return self.outcomes.timeline


@dataclass(frozen=True, slots=True)
class Told:
    """One answer.

    Attributes
    ----------
    words : str
    because : Because
        The definition, the rows that decided, and what was missing.
    value : float or None
        What is counted or averaged, where the answer is a number.
    """

    words: str
    because: Because
    value: float | None = None


Question: TypeAlias = Callable[[Asked, int | None], list[Told]]


def person(asked: Asked, year: int | None) -> list[Told]:
    """The row in people, and the first course."""
    first = next(one for one in asked.timeline.courses if one.number == 1)
    rows = (asked.history.person, first.row)
    return [Told(f"first course on {first.start}", Because(PATIENT_YEARS.id, rows=rows))]


def untreated(history: History, timeline: Timeline) -> list[Told]:
    """What is told of a person without a first course: that is why nothing else is."""
    why = timeline.missing or "no course of the drug by the data day"
    rows = (history.person, *_rows(timeline.courses))
    return [Told(why, Because(STUDY_YEAR.id, rows=rows))]


def treatments(asked: Asked, year: int | None) -> list[Told]:
    """Courses begun by the data day, or before a year."""
    courses = asked.timeline.courses
    if year is not None:
        courses = tuple(one for one in courses if one.start < asked.timeline.year_start(year))
    most = max((one.number for one in courses), default=1)
    begun = "by the data day" if year is None else f"before year {year}"
    because = Because(COURSES_BY_YEAR.id, rows=_rows(courses))
    return [Told(f"{most} received {begun}", because, most)]


def observation(asked: Asked, year: int | None) -> list[Told]:
    """Days under observation, in all or in a year; its value is in patient-years."""
    line = asked.timeline
    spans = line.observed
    days = sum((last - first).days + 1 for first, last in spans)
    within = (line.start, line.as_of)
    if year is not None:
        days = line.days_in_year(year)
        within = (line.year_start(year), line.year_start(year + 1))
    assert within[0] is not None
    rows = tuple(
        row
        for row in asked.history.follow_up
        if row.start_date <= within[1] and (row.end_date or line.as_of) >= within[0]
    )
    in_words = "; ".join(f"{first} to {last}" for first, last in spans) or "never"
    told = f"{days} days in year {year}; observed {in_words}" if year else (
        f"{days} days: {in_words}"
    )  # fmt: skip
    if asked.outcomes.end_reason:
        told += f"; ended: {asked.outcomes.end_reason}"
    return [Told(told, Because(PATIENT_YEARS.id, rows=rows), days / DAYS_PER_YEAR)]


def courses(asked: Asked, year: int | None) -> list[Told]:
    """Courses begun under observation, by year."""
    found = [
        Told(
            f"year {one.year}: "
            + (", ".join(f"course {number}" for number in one.begun) or "no course begun"),
            one.because,
            len(one.begun),
        )
        for one in _of_year(asked.outcomes.extension.courses, year)
    ]
    return found or _not_seen(year)


def retreatment(asked: Asked, year: int | None) -> list[Told]:
    """The first course beyond the planned two."""
    line, found = asked.timeline, evaluate_retreatment(asked.timeline)
    if found.on is None or line.start is None:
        when, after = "not retreated", None
    else:
        when = f"retreated on {found.on}, year {found.year}"
        after = (found.on - line.start).days / DAYS_PER_YEAR
    if year is None:
        return [Told(when, found.because, after)]
    answer, because = is_retreated_in_year(line, year)
    return [Told(when if answer is not Answer.NOT_ASSESSABLE else str(answer), because)]


def relapses(asked: Asked, year: int | None) -> list[Told]:
    """Relapses that count, by year."""
    found = [
        Told(f"year {one.year}: {_many(one.relapses, 'relapse')}", one.because, one.relapses)
        for one in _of_year(asked.outcomes.relapses, year)
    ]
    return found or _not_seen(year, RELAPSE_RATE.id)


def relapse_free(asked: Asked, year: int | None) -> list[Told]:
    """Free of relapses in a year."""
    own = asked.outcomes
    rows = {one.year: one.because for one in own.relapses}
    found = []
    for place, answer in enumerate(own.extension.relapse_free, 1):
        if year in (None, place):
            missing = "observation of the whole year" if answer is Answer.NOT_ASSESSABLE else ""
            seen = rows[place].rows if place in rows else ()
            words = {Answer.MET: "free of relapses", Answer.NOT_MET: "relapsed"}
            found.append(
                Told(f"year {place}: {words.get(answer, answer)}",
                     Because("relapse-free", seen, missing))
            )  # fmt: skip
    return found or _not_seen(year)


def first_relapse(asked: Asked, year: int | None) -> list[Told]:
    """Time to the first relapse."""
    return [_first_event(asked.outcomes.extension.first_relapse)]


def relapses_before(asked: Asked, year: int | None) -> list[Told]:
    """Relapses in the months before the first course."""
    before = asked.outcomes.extension.before
    if before.relapses is None:
        return [Told(str(Answer.NOT_ASSESSABLE), before.because)]
    words = f"{_many(before.relapses, 'relapse')} in {before.days} days before treatment"
    return [Told(words, before.because, before.relapses)]


def edss(asked: Asked, year: int | None) -> list[Told]:
    """EDSS at a year's end beside the one before treatment, by each rule for the step."""
    found = []
    for one in _of_year(asked.outcomes.edss, year):
        if one.change is None or one.score is None:
            score = "" if one.score is None else f", EDSS {one.score:.1f}"
            words = f"end of year {one.year}: {Answer.NOT_ASSESSABLE}{score}"
        else:
            by = [evaluate_by_steps(one, steps) for steps in EDSS_STEPS]
            against = str(by[0]) if by[0] is by[1] else (
                f"{by[0]} by a whole point, {by[1]} by half a point from 5.5"
            )  # fmt: skip
            words = (
                f"end of year {one.year}: EDSS {one.score:.1f} from "
                f"{one.score - one.change:.1f}, {against}"
            )
        found.append(Told(words, one.because, one.change))
    return found or _not_seen(year)


def cdw(asked: Asked, year: int | None) -> list[Told]:
    """Confirmed disability worsening."""
    return [_change(asked.outcomes.cdw)]


def cdi(asked: Asked, year: int | None) -> list[Told]:
    """Confirmed disability improvement."""
    return [_change(asked.outcomes.cdi)]


def mri(asked: Asked, year: int | None) -> list[Told]:
    """New T2 lesions, enhancing lesions, either; with every scan of the year."""
    active = {Answer.MET: "yes", Answer.NOT_MET: "no"}
    found = [
        Told(
            f"year {one.year}: new T2 {active.get(one.new_t2, one.new_t2)}, enhancing "
            f"{active.get(one.gd, one.gd)}, either {active.get(one.either, one.either)}",
            Because(one.because.definition, one.scans, one.because.missing),
        )
        for one in _of_year(asked.outcomes.extension.mri, year)
    ]
    return found or _not_seen(year)


def death(asked: Asked, year: int | None) -> list[Told]:
    """A death after the first course."""
    found = asked.outcomes.death
    if found is None:
        return [Told("not known to have died", Because(DEATH.id))]
    seen = "" if found.is_observed else ", after observation had ended"
    return [Told(f"died on {found.on}, year {found.year}{seen}", found.because)]


def earlier(asked: Asked, year: int | None) -> list[Told]:
    """Autoimmune disease before the first course."""
    events = autoimmune_events(asked.timeline, asked.history.events)
    answer, because = earlier_autoimmunity(asked.timeline, asked.history, events)
    return [Told(f"earlier autoimmune disease: {answer}", because)]


def baseline_edss(asked: Asked, year: int | None) -> list[Told]:
    """EDSS before the first course."""
    assert asked.timeline.start is not None
    row = baseline_row(edss_visits(asked.timeline, asked.history.assessments), asked.timeline.start)
    band = asked.outcomes.extension.band
    if row is None:
        missing = "an EDSS before the first course"
        return [Told(str(EdssBand.UNKNOWN), Because(BASELINE_DISABILITY.id, missing=missing))]
    because = Because(BASELINE_DISABILITY.id, rows=(row,))
    return [Told(f"EDSS {row.value:.1f}, band {band}", because, row.value)]


def phenotype(asked: Asked, year: int | None) -> list[Told]:
    """Phenotype as recorded."""
    because = Because(PHENOTYPE.id, rows=(asked.history.person,))
    return [Told(str(asked.outcomes.extension.phenotype), because)]


def stage(asked: Asked, year: int | None) -> list[Told]:
    """Earlier or later stage, from phenotype and EDSS."""
    rows = tuple(row for one in (*phenotype(asked, None), *baseline_edss(asked, None))
                 for row in one.because.rows)  # fmt: skip
    return [Told(str(asked.outcomes.extension.stage), Because(LATER_STAGE.id, rows=rows))]


def neda(definition: str) -> Question:
    """No evidence of disease activity in a year."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        found = asked.outcomes.extension.neda[definition]
        return [
            Told(f"year {one.year}: {_activity(one)}", one.because)
            for one in _of_year(found, year)
        ] or _not_seen(year)  # fmt: skip

    return ask


def neda_through(definition: str) -> Question:
    """No evidence of disease activity since the first course, with the rows of every year."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        own = asked.outcomes.extension
        found = []
        for one in _of_year(own.neda_through[definition], year):
            years = own.neda[definition][: one.year]
            active = [each for each in years if each.answer is Answer.NOT_MET]
            rows = (row for each in active or years for row in each.because.rows)
            missing = one.because.missing if one.answer is Answer.NOT_ASSESSABLE else ""
            because = Because(definition, tuple(dict.fromkeys(rows)), missing)
            found.append(Told(f"to the end of year {one.year}: {_activity(one)}", because))
        return found or _not_seen(year)

    return ask


def volume_yearly(measure: Volume) -> Question:
    """The change over a year."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        found = asked.outcomes.extension.volume[measure].yearly
        return [_volume(one, a_year=True) for one in _of_year(found, year)] or _not_seen(year)

    return ask


def volume_since_baseline(measure: Volume) -> Question:
    """The change in all since the scan before treatment."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        found = asked.outcomes.extension.volume[measure].since_baseline
        return [_volume(one, a_year=False) for one in _of_year(found, year)] or _not_seen(
            year, FROM_BASELINE.id
        )

    return ask


def volume_since_start(measure: Volume) -> Question:
    """The change a year from the report's re-baseline on."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        found = asked.outcomes.extension.volume[measure].since_start
        return [_volume(one, a_year=True) for one in _of_year(found, year)] or _not_seen(
            year, asked.start.id
        )

    return ask


def volume_slope(measure: Volume) -> Question:
    """A person's own line."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        slope = asked.outcomes.extension.volume[measure].slope
        if slope.pct_per_year is None or slope.low is None or slope.high is None:
            return [Told(str(Answer.NOT_ASSESSABLE), slope.because)]
        words = (
            f"{signed(slope.pct_per_year, 2)} % a year "
            f"({signed(slope.low, 2)} to {signed(slope.high, 2)}), {slope.scans} scans"
        )
        return [Told(words, slope.because, slope.pct_per_year)]

    return ask


def first_autoimmune(name: str) -> Question:
    """Time to the first autoimmune event of a type, or of any."""
    return lambda asked, year: [_first_event(asked.outcomes.first_events[name])]


def first_of_category(name: str) -> Question:
    """Time to the first event of a category that is not autoimmune disease."""
    return lambda asked, year: [_first_event(asked.outcomes.extension.first_events[name])]


def events_of(*names: str) -> Question:
    """All events of some categories under observation, in all or in a year."""

    def ask(asked: Asked, year: int | None) -> list[Told]:
        own = asked.outcomes.extension.events
        seen = [own[name] for name in names if name in own]
        rows = tuple(
            row
            for one in seen
            for row in one.rows
            if year is None or asked.timeline.year_of(first_possible_day(row)) == year
        )
        words = _many(len(rows), "event")
        if year is not None:
            words = f"year {year}: {words}"
        serious = sum(bool(row.serious) for row in rows)
        words += f", {serious} serious" if serious else ""
        unplaced = sum(one.unplaced for one in seen)
        missing = "whether the onset lies before or after the first course" if unplaced else ""
        return [Told(words, Because(SAFETY_EVENTS.id, rows, missing), len(rows))]

    return ask


OUTCOMES: dict[str, Question] = {
    "person": person,
    "treatments": treatments,
    "observation": observation,
    "courses": courses,
    "retreatment": retreatment,
    "relapses": relapses,
    "relapse-free": relapse_free,
    "first-relapse": first_relapse,
    "relapses-before": relapses_before,
    "edss": edss,
    "cdw": cdw,
    "cdi": cdi,
    "mri": mri,
    "death": death,
    "earlier-autoimmunity": earlier,
    "baseline-edss": baseline_edss,
    "phenotype": phenotype,
    "stage": stage,
    **{one.id: neda(one.id) for one in NEDAS},
    **{f"{one.id}.through": neda_through(one.id) for one in NEDAS},
    **{f"volume-yearly.{one.lower()}": volume_yearly(one) for one in Volume},
    **{f"volume-since-baseline.{one.lower()}": volume_since_baseline(one) for one in Volume},
    **{f"volume-since-start.{one.lower()}": volume_since_start(one) for one in Volume},
    **{f"volume-slope.{one.lower()}": volume_slope(one) for one in Volume},
    **{f"autoimmune.{name}": first_autoimmune(name) for name in (*AUTOIMMUNE_TYPES, ANY)},
    **{f"first-event.{name}": first_of_category(name) for name in SAFETY_CATEGORIES},
    **{f"events.{name}": events_of(name) for name in EVENT_CATEGORIES},
    "events.autoimmune": events_of(*AUTOIMMUNE_TYPES),
}
"""By the name of the outcome; every name that a number of the report can give."""


def _of_year(answers: Iterable[Any], year: int | None) -> list[Any]:
    return [one for one in answers if year in (None, one.year)]


def _not_seen(year: int | None, definition: str = STUDY_YEAR.id) -> list[Told]:
    words = f"year {year}: not seen" if year else "not seen"
    return [Told(words, Because(definition, missing=NOT_SEEN))]


def _first_event(found: FirstEvent) -> Told:
    if found.ending is None:
        return Told(str(Answer.NOT_ASSESSABLE), found.because)
    words = {
        Ending.EVENT: f"first event on {found.last_day}",
        Ending.DEATH: f"no event until death on {found.last_day}",
        Ending.OBSERVATION: f"no event until {found.last_day}",
    }[found.ending]
    return Told(
        f"{words}, {found.days_at_risk} days at risk",
        found.because,
        found.days_at_risk / DAYS_PER_YEAR,
    )


def _change(found: FirstChange) -> Told:
    if found.answer is Answer.NOT_ASSESSABLE:
        return Told(str(found.answer), found.because)
    if found.onset is not None:
        words = f"began on {found.onset}, confirmed on {found.confirmed_on}"
    else:
        words = f"no confirmed change; could be told up to {found.censored_on}"
    return Told(words, found.because)


def _activity(one: NedaInYear) -> str:
    words = {Answer.MET: "no evidence of activity", Answer.NOT_MET: "activity"}
    parts = f" ({', '.join(one.active)})" if one.active else ""
    return f"{words.get(one.answer, one.answer)}{parts}"


def _volume(one: VolumeChange, *, a_year: bool) -> Told:
    value = one.change_pct_per_year if a_year else one.change_pct
    if value is None:
        return Told(f"end of year {one.year}: {Answer.NOT_ASSESSABLE}", one.because)
    unit = "% a year" if a_year else "%"
    return Told(f"end of year {one.year}: {signed(value, 2)} {unit}", one.because, value)


def _rows(courses_begun: Iterable[Course]) -> tuple[Any, ...]:
    return tuple(one.row for one in courses_begun)


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"
