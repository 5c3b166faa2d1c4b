"""Reasons, shared by checks and alerts, and how they cite rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from afterdose.monitoring.model import Evidence, Grounds
from afterdose.monitoring.words import need_title, override_in_words, quantity
from afterdose.record.courses import Course
from afterdose.record.tables import Event, Examination, FollowUp, Lab, Mri, Owner, Person


@dataclass(frozen=True, slots=True)
class Reason:
    """One statement with what it rests on.

    Attributes
    ----------
    text : str
        A sentence.
    rule : str
        Id of the rule it applies.
    rows : tuple of str
        The rows used, each readable on its own and traceable to its source.
    sources : tuple of str
        Citations of the rule.
    evidence : Evidence
    """

    text: str
    rule: str
    evidence: Evidence
    rows: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def reason(text: str, *, rule: str, grounds: Grounds, rows: tuple[str, ...] = ()) -> Reason:
    """A reason that carries the citations of its rule, and what the site changed in it."""
    changed = [f"Changed by this site: {override_in_words(one)}" for one in grounds.overrides]
    return Reason(
        text=" ".join((text, *changed)),
        rule=rule,
        evidence=grounds.evidence,
        rows=rows,
        sources=tuple(
            f"{source.cite}, {source.section}" if source.section else source.cite
            for source in grounds.sources
        ),
    )


def cite_lab(lab: Lab) -> str:
    """A laboratory row as a line a reader can find again, with what the laboratory wrote."""
    if lab.value is None:
        value = "no value"
    else:
        value = f"{lab.comparator or ''}{quantity(lab.value, lab.analyte)}"
    written = f"{lab.original_value or ''} {lab.original_unit or ''}".strip()
    original = f" (reported as {written})" if written and lab.original_unit != lab.unit else ""
    return (
        f"{need_title(lab.analyte)} {value}{original}, {lab.status}, specimen "
        f"{lab.specimen_date}, received {lab.received_date}, "
        f"{lab.provider or 'laboratory not recorded'}{cite_source(lab.source)}"
    )


def cite_courses(courses: Iterable[Course]) -> tuple[str, ...]:
    """Rows of treatments: the days that a schedule counts from."""
    return tuple(map(_cite_course, courses))


def _cite_course(course: Course) -> str:
    row = course.row
    which = " from" if course.is_continuous else f" course {course.number},"
    last = row.end_date or "(no last day recorded)"
    return f"{row.drug.capitalize()}{which} {row.start_date} to {last}{cite_source(row.source)}"


def cite_done(row: Examination | Mri) -> str:
    """An examination or a scan."""
    what = f"examination:{row.examination}" if isinstance(row, Examination) else "mri"
    return f"{need_title(what)} of {row.date}{cite_source(row.source)}"


def cite_event(event: Event) -> str:
    """An event that explains a finding."""
    what = event.term or event.category
    return f"Event {what}, since {event.onset_date}{cite_source(event.source)}"


def cite_follow_up(span: FollowUp) -> str:
    """A span under observation."""
    return (
        f"Under observation {span.start_date} to {span.end_date or '(no end recorded)'}"
        f"{cite_source(span.source)}"
    )


def cite_owner(entry: Owner) -> str:
    """A word on whose move a check is."""
    return f"Owner {entry.owner} {entry.state} since {entry.since}{cite_source(entry.source)}"


def cite_death(person: Person) -> str:
    """The day of death in a person's row."""
    return f"Died {person.death_date}{cite_source(person.source)}"


def cite_source(source: str | None) -> str:
    """Where a row came from, behind its words; nothing where it does not say."""
    return f" [{source}]" if source else ""
