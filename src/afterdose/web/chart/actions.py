"""Rows entered, corrected and withdrawn: each one transaction with the state made anew.

A laboratory result is never changed: its correction, or that it was entered in error, is a new row.
A row of another table is changed or taken out, and the database keeps what it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.timezone import localtime

from afterdose.ingest.normalise import SetAside, normalise
from afterdose.ingest.reasons import REASONS
from afterdose.ingest.rows import RawResult
from afterdose.record.analytes import analyte_named
from afterdose.record.errors import UsageError
from afterdose.record.tables import Lab as Result
from afterdose.web.accounts.models import User
from afterdose.web.chart.seen import see
from afterdose.web.clinic.models import Standing
from afterdose.web.clinic.state import recompute
from afterdose.web.record.models import MODELS, Lab, Person

TYPED = "typed-"
"""How the identifiers of typed results begin: a laboratory's own is never taken for one."""

_FIELD_OF = {
    "unit-not-permitted": "unit",
    "unit-missing": "unit",
    "units-disagree": "unit",
    "no-specimen-date": "specimen_date",
    "received-before-specimen": "specimen_date",
}


class NotAResultError(UsageError):
    """What was typed cannot be a result; ``field`` says where it is wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass
class Change:
    """What a row changed for a person, in sentences."""

    said: list[str] = field(default_factory=list)


def enter_rows(person: Person, table: str, rows: list[dict[str, Any]], *, by: User) -> Change:
    """New rows of a table other than that of results, known since today.

    Raises
    ------
    UsageError
        The same row stands there already.
    """
    with _changing(person) as change:
        model = MODELS[table]
        for row in rows:
            if model._default_manager.filter(person=person, **row).exists():
                raise UsageError("The same row stands in the record already. Nothing was entered.")
            model._default_manager.create(
                person=person, **row, recorded_date=person.team.today, source=_source(by)
            )
    return change


def change_row(person: Person, table: str, key: int, row: dict[str, Any], *, by: User) -> Change:
    """Correct a row of a table other than that of results; the log keeps what it was."""
    with _changing(person) as change:
        found = MODELS[table]._default_manager.filter(person=person, pk=key)
        found.update(**row, source=_source(by, "corrected"))
    return change


def withdraw_row(person: Person, table: str, key: int) -> Change:
    """Take out a row that was entered in error; the log keeps it."""
    with _changing(person) as change:
        MODELS[table]._default_manager.filter(person=person, pk=key).delete()
    return change


def enter_result(person: Person, typed: dict[str, Any], *, by: User) -> Change:
    """A result as its report prints it: read as every other, converted once.

    Parameters
    ----------
    person : Person
    typed : dict
        ``analyte``, ``specimen_date``, ``specimen_time``, ``value``, ``unit``, ``range_text``,
        ``provider``.
    by : User

    Raises
    ------
    NotAResultError
        Value, unit or a date cannot be read, or the same result stands there already.
    """
    with _changing(person) as change:
        number = Lab.objects.filter(person=person, result_id__startswith=TYPED).count() + 1
        row = _read(person, typed, result_id=f"{TYPED}{number}", status="final", by=by)
        alike = Lab.objects.filter(
            person=person,
            analyte=row.analyte,
            specimen_date=row.specimen_date,
            value=row.value,
            comparator=row.comparator,
            provider=row.provider,
        )
        if row.specimen_time:
            alike = alike.filter(specimen_time=row.specimen_time)
        if alike.exists():
            raise NotAResultError(
                "value",
                "The same result of this laboratory and day stands in the record already. "
                "Nothing was entered.",
            )
        _add(person, row)
    return change


def correct_result(person: Person, lab: Lab, typed: dict[str, Any], *, by: User) -> Change:
    """Another value of a typed result, as a new row with status ``corrected``.

    Raises
    ------
    NotAResultError
        As `enter_result`; or the result was not typed here, or is withdrawn.
    """
    with _changing(person) as change:
        _refuse_other(person, lab)
        same = {
            "analyte": lab.analyte,
            "specimen_date": lab.specimen_date,
            "specimen_time": lab.specimen_time,
            "provider": lab.provider,
        }
        row = _read(person, {**typed, **same}, result_id=lab.result_id, status="corrected", by=by)
        _add(person, row)
    return change


def withdraw_result(person: Person, lab: Lab, *, by: User) -> Change:
    """Say that a typed result was entered in error: a new row says so, and none of it counts."""
    with _changing(person) as change:
        _refuse_other(person, lab)
        Lab.objects.create(
            person=person,
            specimen_date=lab.specimen_date,
            received_date=max(person.team.today, lab.specimen_date),
            analyte=lab.analyte,
            status="entered-in-error",
            provider=lab.provider,
            result_id=lab.result_id,
            specimen_time=lab.specimen_time,
            source=_source(by, "entered in error"),
        )
    return change


def is_typed(lab: Lab) -> bool:
    """Whether it was typed here: others are corrected by their laboratory."""
    return (lab.result_id or "").startswith(TYPED)


def is_withdrawn(lab: Lab) -> bool:
    """Whether a typed result was said to be entered in error."""
    return Lab.objects.filter(
        person=lab.person_id, result_id=lab.result_id, status="entered-in-error"
    ).exists()


def _refuse_other(person: Person, lab: Lab) -> None:
    if lab.person_id != person.pk or not is_typed(lab):
        raise NotAResultError(
            "value",
            "This result came from a laboratory. Permitted: results typed here. A correction that "
            "the laboratory sends replaces it.",
        )
    if is_withdrawn(lab):
        raise NotAResultError(
            "value", "This result was entered in error. Enter it anew where it is one."
        )


def _read(
    person: Person, typed: dict[str, Any], *, result_id: str | None, status: str, by: User
) -> Result:
    """Through the one normaliser that files and messages go through."""
    analyte = analyte_named(typed["analyte"])
    time = typed.get("specimen_time")
    day = typed["specimen_date"].isoformat()
    today = person.team.today
    raw = RawResult(
        locator="typed",
        person=None,
        codes=tuple(("loinc", one.code, one.name) for one in analyte.loinc[:1]),
        status=status,
        value=typed["value"],
        unit=typed.get("unit") or None,
        range_text=typed.get("range_text") or None,
        specimen_time=f"{day}T{time}" if time else day,
        # Of two corrections of one day the later one counts.
        issued_time=f"{today}T{localtime():%H:%M:%S}",
        provider=typed["provider"],
        result_id=result_id,
    )
    source = _source(by, "corrected" if status == "corrected" else "typed")
    found = normalise(raw, person.person_id, landed_on=today, source=source)
    if isinstance(found, SetAside):
        raise NotAResultError(_FIELD_OF.get(found.reason, "value"), _said(found, typed))
    # A test was chosen by its name; nobody wrote a code.
    return found._replace(original_code=None)


def _said(found: SetAside, typed: dict[str, Any]) -> str:
    analyte = analyte_named(typed["analyte"])
    units = ", ".join(analyte.units)
    words = ", ".join(sorted(set(analyte.scale))[:8])
    return {
        "unit-missing": f"Unit: write it as printed. Known for {analyte.title}: {units}",
        "unit-not-permitted": f"Unit: not known for {analyte.title}. Known: {units}",
        "implausible": "Value: outside what is possible in this unit. Check value and unit",
        "value-not-a-number": f"Value: one of {words}"
        if words
        else "Value: a number with a point, such as 4.2 or < 5",
    }.get(found.reason, f"Value: cannot be read. {REASONS[found.reason]}")


def _add(person: Person, row: Result) -> None:
    Lab.objects.create(
        person=person,
        **{name: value for name, value in row._asdict().items() if name != "person_id"},
    )


def _source(by: User, what: str = "typed") -> str:
    return f"{what} in the clinic by {by}"[:1000]


@contextmanager
def _changing(person: Person) -> Iterator[Change]:
    """One transaction: the change, the state made anew, and what differs by it."""
    change = Change()
    with transaction.atomic():
        # Two who write about the same person do so one after the other.
        Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        before = _stands(person)
        yield change
        recompute(person)
        change.said += _differences(before, _stands(person))


@dataclass(frozen=True)
class _Stands:
    items: dict[str, str]
    until: date | None
    next_test: str


def _stands(person: Person) -> _Stands:
    seen = see(person)
    standing = Standing.objects.filter(person=person).first()
    items = standing.items.all() if standing else ()
    following = [f"{check.title}, due {status.due_date}" for check, status in seen.next_tests[:1]]
    return _Stands(
        items={one.key: f"{one.what} ({one.get_urgency_display()})" for one in items},
        until=seen.monitored_until,
        next_test=following[0] if following else "none",
    )


def _differences(before: _Stands, after: _Stands) -> list[str]:
    said = [
        f"New on the worklist: {text}."
        for key, text in after.items.items()
        if key not in before.items
    ]
    said += [
        f"No longer on the worklist: {text}."
        for key, text in before.items.items()
        if key not in after.items
    ]
    if before.until != after.until:
        said.append(
            f"Monitored until {after.until or 'no end'} (before: {before.until or 'no end'})."
        )
    if before.next_test != after.next_test:
        said.append(f"Next test: {after.next_test} (before: {before.next_test}).")
    return said or ["Nothing changes on the worklist or in the schedule."]
