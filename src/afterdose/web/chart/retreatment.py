"""What is known before another course is considered: facts with their sources and dates.

It advises nothing. Criteria are those by which extension studies gave further courses: relapses and
MRI activity since the last one. No threshold is applied.
"""

from dataclasses import dataclass
from datetime import date

from afterdose.monitoring.answers import cite_lab
from afterdose.monitoring.due import done_between, tables_of
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Check, CheckKind, Dosing, Need, Protocol
from afterdose.monitoring.words import grade_in_words, need_title
from afterdose.record.tables import Treatment
from afterdose.web.chart.seen import Followed, Seen
from afterdose.web.pages.shapes import capital

AUTOIMMUNE = (
    "thyroid",
    "itp",
    "nephropathy",
    "hepatitis",
    "cytopenia",
    "haemolytic_anaemia",
    "haemophilia",
    "hlh",
    "other_autoimmune",
)
"""Categories of events that are, or may be, autoimmunity after treatment."""


@dataclass(frozen=True)
class Fact:
    """One fact.

    Attributes
    ----------
    title, text : str
    rows : tuple of str
        What it rests on, a line each.
    sources : tuple of str
        Citations, where it comes from a rule.
    is_known : bool
        False: the record does not say, which is not the same as nothing.
    """

    title: str
    text: str
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_known: bool = True


@dataclass(frozen=True)
class Readiness:
    """A check before a course, and whether it would be in date for an infusion on the day."""

    title: str
    state: str
    done: date | None
    within: str
    parts: tuple[str, ...]
    sources: tuple[str, ...]
    evidence: str


@dataclass(frozen=True)
class View:
    """Everything on the page for one drug given in courses."""

    protocol: Protocol
    course: Treatment
    months: int
    activity: tuple[Fact, ...]
    autoimmunity: tuple[Fact, ...]
    checks: tuple[Readiness, ...]
    plans: tuple[Fact, ...]


def retreatment_of(seen: Seen) -> list[View]:
    """A view for every drug given in courses that was begun."""
    return [
        _view(seen, one)
        for one in seen.followed
        if one.protocol.dosing is Dosing.COURSES
        and any(course.start <= seen.as_of for course in one.known.courses)
    ]


def _view(seen: Seen, one: Followed) -> View:
    last = [course for course in one.known.courses if course.start <= seen.as_of][-1]
    day, since = seen.as_of, last.last_infusion
    months = (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)
    return View(
        protocol=one.protocol,
        course=last.row._replace(course_number=last.number),
        months=max(0, months),
        activity=(_relapses(seen, last.start), *_scans(seen, last.start)),
        autoimmunity=(*_findings(one), *_events(seen), _prior(seen)),
        checks=tuple(
            _readiness(check, one.known)
            for check in one.protocol.checks
            if check.kind is CheckKind.BEFORE_COURSE
            and (not check.courses or last.number + 1 in check.courses)
            and (check.sex is None or one.known.sex is None or check.sex == one.known.sex)
        ),
        plans=tuple(
            Fact(
                f"Course {plan.numbers}",
                f"{plan.dose}; {plan.timing}",
                (plan.grounds.says,),
                _cited(plan.grounds.sources),
            )
            for plan in one.protocol.courses
        ),
    )


def _relapses(seen: Seen, since: date) -> Fact:
    title = "Relapses since the last course began"
    if "relapses" in seen.history.absent:
        return Fact(title, "The record holds no table of relapses.", is_known=False)
    rows = [row for _, row in seen.rows("relapses") if since <= row.onset_date <= seen.as_of]
    said = {True: "confirmed", False: "not confirmed", None: "confirmation not stated"}
    lines = tuple(
        f"{row.onset_date}, {row.severity or 'severity not recorded'}, {said[row.confirmed]}"
        for row in rows
    )
    return Fact(title, f"{len(rows)} recorded", lines)


def _scans(seen: Seen, since: date) -> tuple[Fact, ...]:
    title = "MRI activity since the last course began"
    if "mri" in seen.history.absent:
        return (Fact(title, "The record holds no table of scans.", is_known=False),)
    rows = [row for _, row in seen.rows("mri") if since < row.date <= seen.as_of]
    if not rows:
        return (Fact(title, "No scan is recorded since then.", is_known=False),)
    lines = tuple(
        f"{row.date}: {_count(row.new_t2_lesions)} new or enlarging T2 lesions, "
        f"{_count(row.gd_lesions)} enhancing lesions"
        for row in rows
    )
    return (Fact(title, f"{len(rows)} scans, the newest on {rows[-1].date}", lines),)


def _count(number: int | None) -> str:
    return "not reported" if number is None else str(number)


def _findings(one: Followed) -> tuple[Fact, ...]:
    """Alerts that are open now, of whatever kind: each says what it rests on."""
    return tuple(
        Fact(
            f"Open finding: {alert.title}",
            f"since {status.open_episode.opened}",
            status.because[0].rows,
            status.because[0].sources,
        )
        for alert, status in one.alerts
        if status.open_episode is not None
    )


def _events(seen: Seen) -> tuple[Fact, ...]:
    if "events" in seen.history.absent:
        text = "The record holds no table of events."
        return (Fact("Autoimmune events", text, is_known=False),)
    rows = [row for _, row in seen.rows("events") if row.category in AUTOIMMUNE]
    if not rows:
        return (Fact("Autoimmune events", "None recorded."),)
    return tuple(
        Fact(
            row.term or row.category.replace("_", " "),
            f"since {row.onset_date}, outcome {row.outcome or 'not recorded'}",
        )
        for row in rows
    )


def _prior(seen: Seen) -> Fact:
    said = seen.history.person.prior_autoimmunity
    title = "Autoimmune disease before the first course"
    if said is None:
        text = "Never asked, which is not the same as none."
        return Fact(title, text, is_known=False)
    return Fact(title, said)


def _readiness(check: Check, known: Known) -> Readiness:
    missing = sorted(tables_of(check) & known.absent)
    done = done_between(check, known, check.within.before(known.as_of), known.as_of)
    if missing:
        state = f"not assessable: the record holds no table {', '.join(missing)}"
    elif done:
        state = "in date"
    else:
        state = "not in date"
    return Readiness(
        title=check.title_with_grade,
        state=state,
        done=done,
        within=check.within.in_words(),
        parts=tuple(_part(need, known, absent=bool(missing)) for need in check.needs),
        sources=_cited(check.grounds.sources),
        evidence=grade_in_words(check.grounds.evidence),
    )


def _part(need: Need, known: Known, *, absent: bool) -> str:
    """The newest of one thing a check needs."""
    title = capital(" or ".join(need_title(name) for name in need.any_of))
    rows = [lab for name in need.any_of for lab in known.results.get(name, ())]
    if rows:
        return cite_lab(max(rows, key=lambda lab: lab.specimen_date))
    days = [day for name in need.any_of for day in known.dates_of(name)]
    if not days and absent:
        return f"{title}: recorded for nobody here"
    return f"{title}: last done {max(days)}" if days else f"{title}: none received"


def _cited(sources: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(
        f"{one.cite}, {one.section}" if one.section else one.cite  # type: ignore[attr-defined]
        for one in sources
    )
