"""FHIR's treatments and events: MedicationAdministration, MedicationStatement, Condition and
AdverseEvent, to rows of the record's tables.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from afterdose.ingest.codes import THE_DISEASE, Code, drugs_named, events_named
from afterdose.ingest.readers.fhir_references import (
    Place,
    References,
    Resource,
    as_dict,
    as_dicts,
    text,
)
from afterdose.ingest.rows import Identifier, RawEntry, Reading, Unreadable
from afterdose.record.units import clean_text

KINDS = frozenset({"MedicationAdministration", "MedicationStatement", "Condition", "AdverseEvent"})

_GIVEN = frozenset({"completed", "in-progress", "stopped"})
_TAKEN = frozenset({"active", "completed", "stopped", "on-hold", "recorded"})
_NOT_A_TREATMENT = frozenset({"not-done", "not-taken", "intended", "draft"})
_ADHERENCE = frozenset({"taking", "taking-as-directed", "taking-not-as-directed"})
_NOT_A_DIAGNOSIS = frozenset({"unconfirmed", "provisional", "differential", "refuted"})
_OUTCOMES = {
    "resolved": "recovered",
    "recovering": "recovering",
    "ongoing": "ongoing",
    "resolvedWithSequelae": "sequelae",
    "fatal": "fatal",
    "unknown": "unknown",
}
"""FHIR's adverse-event-outcome, to the record's."""
_SERIOUS = {"serious": "true", "non-serious": "false"}
_ERROR = "entered-in-error"


class _AsideError(Exception):
    def __init__(self, reason: str, seen: str = "") -> None:
        super().__init__(reason)
        self.reason, self.seen = reason, seen


class _PassedOverError(Exception):
    """Counted under a name of its own: it says nothing that the record holds."""


def read_entry(
    place: Place, person: Identifier | None, references: References, reading: Reading
) -> None:
    """Add a treatment or event to the reading, or say why it is none."""
    kind = str(place.resource["resourceType"])
    try:
        table, cells = _CELLS[kind](place, references)
    except _AsideError as aside:
        reading.unreadable.append(Unreadable(place.pointer, aside.reason, aside.seen))
    except _PassedOverError as passed:
        reading.pass_over(str(passed))
    else:
        filled = {name: cell for name, cell in cells.items() if cell is not None}
        reading.entries.append(RawEntry(place.pointer, table, person, filled))


# Treatments -------------------------------------------------------------------------------------

Cells = dict[str, str | None]


def _administration(place: Place, references: References) -> tuple[str, Cells]:
    """One dose given. R5 writes ``occurence`` where R4 wrote ``effective``."""
    given = place.resource
    _demand_status(given, _GIVEN)
    drug = _drug(place, references)
    start, end = _period(given, "effective", "occurence")
    if start is None:
        raise _AsideError("start-not-stated", drug)
    dosage = as_dict(given.get("dosage"), "dosage")
    is_ended = given.get("status") != "in-progress"
    return "treatments", {
        "drug": drug,
        "start_date": _day(start),
        "end_date": _day(end) if end else (_day(start) if is_ended else None),
        "dose": _quantity(as_dict(dosage.get("dose"), "dosage.dose")),
        "recorded_date": _day(text(given.get("recorded"))),
    }


def _statement(place: Place, references: References) -> tuple[str, Cells]:
    """A span of taking a drug, as somebody reports it."""
    said = place.resource
    _demand_status(said, _TAKEN)
    adherence = _codes(as_dict(said.get("adherence"), "adherence").get("code"))
    if any(code.code not in _ADHERENCE for code in adherence):
        raise _AsideError("status-unknown", " ".join(code.code for code in adherence))
    drug = _drug(place, references)
    # A single time says that the drug was taken then, not since when.
    period = as_dict(said.get("effectivePeriod"), "effectivePeriod")
    start = text(period.get("start"))
    if start is None:
        raise _AsideError("start-not-stated", drug)
    return "treatments", {
        "drug": drug,
        "start_date": _day(start),
        "end_date": _day(text(period.get("end"))),
        "recorded_date": _day(text(said.get("dateAsserted"))),
    }


def _demand_status(resource: Resource, usable: frozenset[str]) -> None:
    kind, status = resource["resourceType"], text(resource.get("status")) or ""
    if status == _ERROR:
        raise _AsideError("withdrawn", str(kind))
    if status in _NOT_A_TREATMENT:
        raise _PassedOverError(f"{kind} {status}")
    if status not in usable:
        raise _AsideError("status-unknown", status)


def _drug(place: Place, references: References) -> str:
    """The one drug that is meant; R5 holds the code or the reference one level deeper."""
    resource = place.resource
    either = as_dict(resource.get("medication"), "medication")
    concept = resource.get("medicationCodeableConcept") or either.get("concept")
    pointer = resource.get("medicationReference") or either.get("reference")
    named = as_dict(concept, "medication")
    pointed = as_dict(pointer, "medicationReference")
    if not named:
        medication = references.medication(text(pointed.get("reference")), place) or {}
        named = as_dict(medication.get("code"), "Medication.code")
    codes = _codes(named)
    words = text(named.get("text")) or text(pointed.get("display"))
    found = drugs_named(codes, words)
    if len(found) > 1:
        raise _AsideError("codes-disagree", " and ".join(sorted(found)))
    if not found:
        seen = next((f"{code.code} {code.name}" for code in codes), words or "no code")
        raise _AsideError("drug-not-known", _show(seen))
    return found.pop()


class _Given(NamedTuple):
    entry: RawEntry
    start: date
    end: date


def join_days(reading: Reading, administrations: set[str]) -> None:
    """Doses of one drug given to one person day after day become one row: a course.

    Parameters
    ----------
    reading : Reading
        Its entries are replaced.
    administrations : set of str
        The locators of single doses; spans and other tables stay as they are.
    """
    groups: dict[tuple[Identifier, str], list[_Given]] = defaultdict(list)
    others = []
    for entry in reading.entries:
        given = _whole_days(entry) if entry.locator in administrations else None
        if given is None or entry.person is None:
            others.append(entry)
        else:
            groups[entry.person, entry.cells["drug"]].append(given)
    for doses in groups.values():
        doses.sort(key=lambda one: (one.start, one.end))
        for course in _runs(doses):
            others.append(replace(_course(course), is_dose=True))
            for _ in course[1:]:
                reading.pass_over("dose joined to a course")
    reading.entries = others


def _whole_days(entry: RawEntry) -> _Given | None:
    """The days of a dose; None where they cannot be told, or the dose has not ended."""
    try:
        days = (date.fromisoformat(entry.cells[name]) for name in ("start_date", "end_date"))
        return _Given(entry, *days)
    except (KeyError, ValueError):
        return None


def _runs(doses: list[_Given]) -> Iterator[list[_Given]]:
    run = [doses[0]]
    for dose in doses[1:]:
        if dose.start <= max(one.end for one in run) + timedelta(days=1):
            run.append(dose)
        else:
            yield run
            run = [dose]
    yield run


def _course(doses: list[_Given]) -> RawEntry:
    """The first dose's row, until the last dose's day."""
    if len(doses) == 1:
        return doses[0].entry
    first = doses[0].entry
    cells = first.cells | {"end_date": max(dose.end for dose in doses).isoformat()}
    amounts = {dose.entry.cells.get("dose") for dose in doses}
    amount = amounts.pop()
    cells.pop("dose", None)
    if amount is not None and not amounts:
        cells["dose"] = f"{amount} x {len(doses)}"
    # The course's days are those of its first dose and its last.
    last = max(doses, key=lambda dose: dose.end).entry.locator
    between = f" and {len(doses) - 2} more" if len(doses) > 2 else ""
    return RawEntry(f"{first.locator} and {last}{between}", first.table, first.person, cells)


# Events -----------------------------------------------------------------------------------------


def _condition(place: Place, references: References) -> tuple[str, Cells]:
    """A diagnosis of a category that the record holds; any other is counted."""
    condition = place.resource
    codes = _codes(condition.get("code"))
    category, code = _category(codes)
    if category is None:
        raise _PassedOverError("Condition")
    if category == THE_DISEASE:
        # Its onset may be the first symptom or the diagnosis, and the sender does not say which.
        raise _PassedOverError("Condition of MS itself")
    verification = {one.code for one in _codes(condition.get("verificationStatus"))}
    if _ERROR in verification:
        raise _AsideError("withdrawn", "Condition")
    if verification & _NOT_A_DIAGNOSIS:
        raise _PassedOverError("Condition not confirmed")
    onset, _ = _period(condition, "onset")
    if onset is None:
        raise _AsideError("no-onset-date", code)
    return "events", {
        "onset_date": _day(onset),
        "category": category,
        "term": _term(condition.get("code"), codes),
        "code": code,
        "recorded_date": _day(text(condition.get("recordedDate"))),
    }


def _adverse_event(place: Place, references: References) -> tuple[str, Cells]:
    """Harm that happened. R5 calls the event ``code``, and its day ``occurrence``."""
    event = place.resource
    if _ERROR in (event.get("status"), event.get("actuality")):
        raise _AsideError("withdrawn", "AdverseEvent")
    if event.get("actuality") == "potential":
        raise _PassedOverError("AdverseEvent that did not happen")
    concept = event.get("event") or event.get("code")
    codes = _codes(concept)
    category, code = _category(codes)
    if category is None or category == THE_DISEASE:
        seen = next((f"{one.code} {one.name}" for one in codes), "no code")
        raise _AsideError("event-not-known", _show(seen))
    onset, _ = _period(event, "occurrence")
    onset = onset or text(event.get("date"))
    if onset is None:
        raise _AsideError("no-onset-date", code)
    outcome = event.get("outcome")
    outcomes = outcome if isinstance(outcome, list) else [outcome]
    return "events", {
        "onset_date": _day(onset),
        "category": category,
        "term": _term(concept, codes),
        "code": code,
        "serious": _one(_SERIOUS, [event.get("seriousness")]),
        "outcome": _one(_OUTCOMES, outcomes),
        "recorded_date": _day(text(event.get("recordedDate"))),
    }


_CELLS = {
    "MedicationAdministration": _administration,
    "MedicationStatement": _statement,
    "Condition": _condition,
    "AdverseEvent": _adverse_event,
}


def _category(codes: list[Code]) -> tuple[str | None, str]:
    found = events_named(codes)
    categories = {event.category for event in found}
    if len(categories) > 1:
        raise _AsideError("codes-disagree", " and ".join(event.code for event in found))
    return (found[0].category, found[0].code) if found else (None, "")


def _term(concept: object, codes: list[Code]) -> str | None:
    words = [text(as_dict(concept, "code").get("text")), *(code.name for code in codes)]
    return clean_text(next(filter(None, words), "")) or None


def _one(meanings: dict[str, str], concepts: list[object]) -> str | None:
    """What the concepts' codes mean, where they agree."""
    codes = {code.code for concept in concepts for code in _codes(concept)}
    found = {meanings[code] for code in codes if code in meanings}
    return found.pop() if len(found) == 1 else None


# Parts ------------------------------------------------------------------------------------------


def _codes(concept: object) -> list[Code]:
    return [
        Code(
            text(coding.get("system")) or "",
            text(coding.get("code")) or "",
            text(coding.get("display")) or "",
        )
        for coding in as_dicts(as_dict(concept, "code").get("coding"), "coding")
    ]


def _period(resource: Resource, *names: str) -> tuple[str | None, str | None]:
    """Start and end of a time that is a moment or a period; a moment has no end."""
    for name in names:
        moment = text(resource.get(f"{name}DateTime"))
        period = as_dict(resource.get(f"{name}Period"), f"{name}Period")
        if moment or period:
            return moment or text(period.get("start")), text(period.get("end"))
    return None, None


def _day(time: str | None) -> str | None:
    """A time's local day as written; what it has no room for, the record's check will say."""
    return time.partition("T")[0] if time else None


def _quantity(quantity: Resource) -> str | None:
    number, unit = quantity.get("value"), text(quantity.get("unit")) or text(quantity.get("code"))
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return f"{number} {unit}" if is_number and unit else None


def _show(seen: str) -> str:
    return clean_text(seen)[:80]
