"""What the chart draws, as plain numbers and words; a table holds the same under every plot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from afterdose.monitoring.model import Evidence
from afterdose.monitoring.predicates import baseline_of
from afterdose.monitoring.words import need_title, quantity
from afterdose.record.analytes import catalogue
from afterdose.record.tables import Lab
from afterdose.web.chart.seen import Seen

FIRST = ("platelets", "creatinine", "tsh", "urine_rbc")
"""These stand first, and always, when any is recorded or was due."""


@dataclass(frozen=True)
class Line:
    """One row of the table under a plot.

    Attributes
    ----------
    key : int
    lab : Lab
    value, original, limits : str
        In words; ``original`` is empty where nothing was converted.
    standing : str
        ``counts``, ``replaced``, or why it does not count.
    """

    key: int
    lab: Lab
    value: str
    original: str
    limits: str
    standing: str


@dataclass(frozen=True)
class Panel:
    """One analyte: what is drawn, and the table under it.

    Attributes
    ----------
    analyte, title, unit : str
    data : dict
        What the script draws.
    lines : list of Line
        Newest specimen first.
    missed : list of date
    words : str
        What the plot shows, for those who do not see it.
    """

    analyte: str
    title: str
    unit: str
    data: dict[str, Any]
    lines: list[Line]
    missed: list[date]
    words: str


@dataclass(frozen=True)
class Stretch:
    """An episode of an alert: from the result that opened it to the one that closed it."""

    title: str
    protocol: str
    opened: date
    known_since: date
    confirmed: date | None
    closed: date | None
    is_refuted: bool
    why: str
    opened_by: str


@dataclass(frozen=True)
class Happening:
    """A course, relapse, score, scan or event: one line of the table beside the time axis.

    ``word`` and ``key`` are those of the address at which it is corrected.
    """

    day: str
    kind: str
    what: str
    word: str
    key: int


def panels_of(seen: Seen) -> list[Panel]:
    """Every analyte with a result or a missed test, those looked at first in front."""
    by_analyte: dict[str, list[tuple[int, Lab]]] = {}
    for key, lab in seen.labs:
        by_analyte.setdefault(lab.analyte, []).append((key, lab))
    names = [name for name in catalogue() if name in by_analyte or name in seen.missed]
    names.sort(key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))
    return [_panel(seen, name, by_analyte.get(name, [])) for name in names]


def episodes_of(seen: Seen) -> list[Stretch]:
    """Every episode of every alert, newest first; rules that are not verified raise none here."""
    found = [
        Stretch(
            title=alert.title,
            protocol=one.protocol.id,
            opened=episode.opened,
            known_since=episode.known_since,
            confirmed=episode.confirmed,
            closed=episode.closed,
            is_refuted=episode.is_refuted,
            why=alert.grounds.says,
            opened_by=quantity_of(episode.first),
        )
        for one in seen.followed
        for alert, status in one.alerts
        if alert.grounds.evidence is not Evidence.UNVERIFIED
        for episode in status.episodes
    ]
    return sorted(found, key=lambda one: (one.opened, one.title), reverse=True)


def happenings_of(seen: Seen) -> list[Happening]:
    """Courses, relapses, scores, scans, events and examinations, newest first."""
    return sorted(_happenings(seen), key=lambda one: (one.day, one.kind), reverse=True)


def drawn(seen: Seen, panels: list[Panel], episodes: list[Stretch]) -> dict[str, Any]:
    """Everything the script draws, days as ``2026-03-02``."""
    days = [lab.specimen_date for _, lab in seen.labs]
    days += [row.start_date for row in seen.treatments]
    days += [day for panel in panels for day in panel.missed]
    days += [row.onset_date for _, row in seen.rows("relapses")]
    days += [row.date for table in ("assessments", "mri") for _, row in seen.rows(table)]
    return {
        "since": min(days, default=seen.as_of).isoformat(),
        "until": max([*days, seen.as_of]).isoformat(),
        "asOf": seen.as_of.isoformat(),
        "courses": [_course(seen, row) for row in seen.treatments],
        "relapses": [_iso(row.onset_date) for _, row in seen.rows("relapses")],
        "scans": [[_iso(row.date), _scan(row)] for _, row in seen.rows("mri")],
        "edss": [
            [_iso(row.date), row.value]
            for _, row in seen.rows("assessments")
            if row.measure == "edss"
        ],
        "episodes": [
            [one.opened.isoformat(), (one.closed or seen.as_of).isoformat(), one.title]
            for one in episodes
        ],
        "panels": {panel.analyte: panel.data for panel in panels},
    }


def quantity_of(lab: Lab) -> str:
    """``< 5 × 10⁹/L``; what the laboratory wrote where there is no number."""
    if lab.value is None:
        return lab.original_value or "no value"
    return f"{lab.comparator or ''}{quantity(lab.value, lab.analyte)}"


def _panel(seen: Seen, name: str, rows: list[tuple[int, Lab]]) -> Panel:
    counted = seen.known.results.get(name, ()) if seen.known else ()
    keys = {id(lab): key for key, lab in rows}
    baseline, note = _baseline(seen, name)
    missed = seen.missed.get(name, [])
    title = need_title(name)
    return Panel(
        analyte=name,
        title=title,
        unit=_unit(name),
        data={
            "title": title,
            "unit": _unit(name),
            "points": [
                [
                    lab.specimen_date.isoformat(),
                    lab.value,
                    lab.comparator or "",
                    lab.ref_low,
                    lab.ref_high,
                    lab.provider or "laboratory not recorded",
                    quantity_of(lab),
                    keys[id(lab)],
                ]
                for lab in counted
            ],
            "missed": [day.isoformat() for day in missed],
            # Nothing is compared with a baseline of nought, nor with one that is only a bound.
            "baseline": baseline.value
            if baseline and baseline.value and not baseline.comparator
            else None,
            "baselineNote": note,
            "isNumber": catalogue()[name].kind == "quantity",
        },
        lines=list(_lines(rows, {id(lab) for lab in counted}))[::-1],
        missed=missed,
        words=_words(title, counted, missed),
    )


def _baseline(seen: Seen, name: str) -> tuple[Lab | None, str]:
    for one in seen.followed:
        found, note = baseline_of(name, one.known)
        if found is not None:
            return found, note
    return None, ""


def _unit(name: str) -> str:
    return quantity(1, name).partition(" ")[2] if catalogue()[name].kind == "quantity" else ""


def _words(title: str, counted: tuple[Lab, ...], missed: list[date]) -> str:
    if not counted:
        text = f"{title}: no result that counts"
    else:
        first, last = counted[0], counted[-1]
        text = (
            f"{title}: {len(counted)} result{'' if len(counted) == 1 else 's'} from "
            f"{first.specimen_date} to {last.specimen_date}, "
            f"the newest {quantity_of(last)}"
        )
    if missed:
        text += f"; {len(missed)} not complete in time, the last due {missed[-1]}"
    return f"{text}. The table below holds every result."


def _lines(rows: list[tuple[int, Lab]], counted: set[int]) -> Iterator[Line]:
    for key, lab in rows:
        written = f"{lab.original_value or ''} {lab.original_unit or ''}".strip()
        is_converted = bool(written) and lab.original_unit not in (None, lab.unit)
        yield Line(
            key=key,
            lab=lab,
            value=quantity_of(lab),
            original=written if is_converted else "",
            limits=_limits(lab),
            standing=_standing(lab, is_counted=id(lab) in counted),
        )


def _limits(lab: Lab) -> str:
    if lab.ref_low is None and lab.ref_high is None:
        return "not given"
    if lab.ref_low is None:
        return f"up to {lab.ref_high:g}"
    return (
        f"from {lab.ref_low:g}" if lab.ref_high is None else f"{lab.ref_low:g} to {lab.ref_high:g}"
    )


def _standing(lab: Lab, *, is_counted: bool) -> str:
    if is_counted:
        return "counts"
    if lab.status in ("registered", "preliminary", "unknown"):
        return "not final: does not count"
    if lab.status in ("cancelled", "entered-in-error"):
        return "withdrawn"
    return "replaced by another row"


def _happenings(seen: Seen) -> Iterator[Happening]:
    for key, row in seen.rows("treatments"):
        is_planned = row.start_date > seen.as_of
        end = f" to {row.end_date}" if row.end_date else ", last day not recorded"
        number = f", course {row.course_number}" if row.course_number else ""
        what = f"{row.drug}{number}: {row.start_date}{end}{', planned' if is_planned else ''}"
        dose = f", {row.dose}" if row.dose else ""
        yield Happening(str(row.start_date), "Course", f"{what}{dose}", "course", key)
    for key, row in seen.rows("relapses"):
        parts = [row.severity or "severity not recorded"]
        if row.confirmed is not None:
            parts.append("confirmed" if row.confirmed else "not confirmed")
        if row.end_date:
            parts.append(f"until {row.end_date}")
        yield Happening(str(row.onset_date), "Relapse", ", ".join(parts), "relapse", key)
    for key, row in seen.rows("assessments"):
        what = f"{row.measure.upper().replace('_', ' ')} {row.value:g}"
        yield Happening(str(row.date), "Score", what, "score", key)
    for key, row in seen.rows("mri"):
        yield Happening(str(row.date), "MRI", _scan(row), "mri", key)
    for key, row in seen.rows("events"):
        what = row.term or row.category.replace("_", " ")
        grade = f", grade {row.grade}" if row.grade else ""
        serious = ", serious" if row.serious else ""
        yield Happening(str(row.onset_date), "Event", f"{what}{grade}{serious}", "event", key)
    for key, row in seen.rows("examinations"):
        what = (
            f"{need_title(f'examination:{row.examination}')}: {row.result or 'no result recorded'}"
        )
        yield Happening(str(row.date), "Examination", what, "examination", key)


def _course(seen: Seen, row: Any) -> list[Any]:
    end = row.end_date or row.start_date
    number = f" {row.course_number}" if row.course_number else ""
    return [_iso(row.start_date), _iso(end), f"{row.drug}{number}", row.start_date > seen.as_of]


def _scan(row: Any) -> str:
    def said(count: int | None) -> str:
        return "not reported" if count is None else str(count)

    return f"new T2 lesions {said(row.new_t2_lesions)}, enhancing {said(row.gd_lesions)}"


def _iso(day: date) -> str:
    return day.isoformat()
