"""Every change is kept, however it is made, and the log of them cannot be altered unseen."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import override_settings

from afterdose.web.accounts.models import Membership, Role, User
from afterdose.web.audit import triggers
from afterdose.web.audit.actor import acting, begin
from afterdose.web.audit.bulk import adding
from afterdose.web.audit.chain import verify
from afterdose.web.audit.models import Change, Read
from afterdose.web.audit.tables import COLUMNS_LEFT_OUT, DIGESTED, LEFT_OUT, OF_OTHERS, watched
from afterdose.web.record.models import Lab, Person
from support.clinic import World, make_side, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 3, 4)


def _labs(person: Person, count: int) -> list[Lab]:
    return [
        Lab(person=person, specimen_date=DAY, received_date=DAY, analyte="platelets", value=value)
        for value in range(count)
    ]


def _changes(table: str = "record_lab") -> list[Change]:
    return list(Change.objects.filter(table=table).order_by("id"))


def _clear() -> None:
    """What happened so far is not asked about."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM audit_change")
        else:
            cursor.execute("TRUNCATE audit_change")


@pytest.fixture
def person() -> Person:
    side = make_side("north", "North")
    _clear()
    return side.person


def test_a_row_added_by_itself(person: Person) -> None:
    lab = Lab.objects.create(
        person=person, specimen_date=DAY, received_date=DAY, analyte="platelets", value=84
    )
    (change,) = _changes()
    assert (change.operation, change.row, change.rows) == ("insert", str(lab.pk), 1)
    assert (change.person_id, change.team_id) == (person.pk, person.team_id)
    assert (change.old, change.new) == (None, None)
    assert len(change.digest) == 64


def test_rows_added_in_bulk(person: Person) -> None:
    other = make_side("south", "South").person
    _clear()
    Lab.objects.bulk_create([*_labs(person, 30), *_labs(other, 20)])
    found: dict[int, int] = {}
    for change in _changes():
        assert change.operation == "insert"
        assert change.team_id == (person if change.person_id == person.pk else other).team_id
        found[change.person_id] = found.get(change.person_id, 0) + change.rows
    assert found == {person.pk: 30, other.pk: 20}


def test_rows_of_a_whole_record_make_a_line_a_person(person: Person) -> None:
    other = make_side("south", "South").person
    _clear()
    with acting("command:load_record"), transaction.atomic(), adding("record_lab"):
        Lab.objects.bulk_create([*_labs(person, 2), *_labs(other, 1), *_labs(person, 2)])
    Lab.objects.bulk_create(_labs(other, 1))
    keys = sorted(Lab.objects.values_list("pk", flat=True))
    lines = [(change.person_id, change.rows, change.row) for change in _changes()]
    assert (
        sorted(lines[:-1])
        == sorted([(person.pk, 4, f"{keys[0]}-{keys[4]}"), (other.pk, 1, str(keys[2]))])
        or connection.vendor == "postgresql"
    )
    assert lines[-1] == (other.pk, 1, str(keys[5]))
    assert sum(change.rows for change in _changes()) == 6
    assert {change.actor for change in _changes()} == {"command:load_record", ""}
    assert verify().faults == []


def test_what_failed_among_many_rows_leaves_no_line(person: Person) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), adding("record_lab"):
        Lab.objects.bulk_create([*_labs(person, 2), Lab(person=person)])
    assert _changes() == []
    Lab.objects.bulk_create(_labs(person, 1))
    assert sum(change.rows for change in _changes()) == 1


def test_rows_are_not_noted_together_outside_a_transaction(person: Person) -> None:
    if connection.vendor == "postgresql":
        return  # its triggers need none
    with pytest.raises(RuntimeError, match="Open one first"), adding("record_lab"):
        Lab.objects.bulk_create(_labs(person, 1))
    assert _changes() == []


def test_rows_changed_by_a_query_that_loads_none(person: Person) -> None:
    Lab.objects.bulk_create(_labs(person, 3))
    _clear()
    Lab.objects.filter(value__gt=0).update(status="corrected")
    changes = _changes()
    assert [change.operation for change in changes] == ["update", "update"]
    for change, value in zip(changes, (1, 2), strict=True):
        old, new = json.loads(change.old), json.loads(change.new)
        assert (old["value"], old["status"], new["status"]) == (value, "final", "corrected")


def test_rows_changed_in_bulk_and_one_by_one(person: Person) -> None:
    labs = Lab.objects.bulk_create(_labs(person, 2))
    labs = list(Lab.objects.order_by("id"))
    _clear()
    for lab in labs:
        lab.value += 10
    Lab.objects.bulk_update(labs, ["value"])
    labs[0].value = 99
    labs[0].save()
    assert [json.loads(change.new)["value"] for change in _changes()] == [10, 11, 99]


def test_a_save_that_changes_nothing_says_nothing(person: Person) -> None:
    lab = Lab.objects.create(
        person=person, specimen_date=DAY, received_date=DAY, analyte="platelets", value=84
    )
    _clear()
    lab.save()
    assert _changes() == []


def test_rows_written_by_hand_in_sql(person: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO record_lab (person_id, specimen_date, received_date, analyte, status)"
            " VALUES (%s, '2026-03-04', '2026-03-04', 'tsh', 'final')",
            [person.pk],
        )
        cursor.execute("UPDATE record_lab SET value = 4.5")
        cursor.execute("DELETE FROM record_lab")
    assert [change.operation for change in _changes()] == ["insert", "update", "delete"]
    assert {change.person_id for change in _changes()} == {person.pk}


def test_rows_that_go_with_their_person(person: Person) -> None:
    Lab.objects.bulk_create(_labs(person, 2))
    _clear()
    pk = person.pk
    person.delete()
    assert [json.loads(change.old)["value"] for change in _changes()] == [0, 1]
    (change,) = _changes("record_person")
    assert (change.operation, change.person_id, change.row) == ("delete", pk, str(pk))


def test_what_did_not_happen_is_not_there(person: Person) -> None:
    with transaction.atomic():
        Lab.objects.bulk_create(_labs(person, 2))
        transaction.set_rollback(True)
    assert _changes() == []
    assert verify().faults == []


def test_of_secrets_only_that_they_changed(person: Person) -> None:
    user = User.objects.get(username="nurse-north")
    before = user.password
    user.set_password("another-horse-battery")
    user.save()
    (change,) = _changes("accounts_user")
    assert json.loads(change.old)["password"] != json.loads(change.new)["password"]
    assert before not in change.old + change.new
    assert user.password not in change.old + change.new
    _clear()
    signed_in(user)
    assert _changes("accounts_user") == [], "signing in changes nothing but the day of it"


def test_who_did_it(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    Membership.objects.create(user=nurse, team=world.other.team, role=Role.NURSE)
    assert Change.objects.latest("id").actor == ""
    with acting(nurse):
        world.own.person.save()
        Lab.objects.bulk_create(_labs(world.own.person, 1))
        assert Change.objects.latest("id").actor == f"user:{nurse.pk}"
        with acting("feed:3"):
            Lab.objects.update(value=5)
        Lab.objects.update(value=6)
    Lab.objects.update(value=7)
    actors = [change.actor for change in _changes()][-4:]
    assert actors == [f"user:{nurse.pk}", "feed:3", f"user:{nurse.pk}", ""]


def test_a_command_acts_in_all_its_threads(person: Person) -> None:
    def write() -> None:
        try:
            Lab.objects.bulk_create(_labs(person, 1))
        finally:
            connection.close()

    begin("command:listen")
    try:
        with ThreadPoolExecutor(1) as threads:
            threads.submit(write).result()
    finally:
        begin("")
    assert [change.actor for change in _changes()] == ["command:listen"]


def test_who_did_it_after_a_failure(person: Person) -> None:
    with acting("command:nightly"):
        with pytest.raises(DatabaseError), transaction.atomic(), acting("feed:3"):
            Lab.objects.bulk_create([*_labs(person, 1), Lab(person=person)])
        Lab.objects.bulk_create(_labs(person, 1))
    (change,) = _changes()
    assert change.actor == "command:nightly"


@pytest.mark.parametrize("table", ["audit_change", "audit_read"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET team_id = 7", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_a_line_is_never_changed_or_removed(person: Person, table: str, statement: str) -> None:
    if connection.vendor == "sqlite" and statement.startswith("TRUNCATE"):
        return  # it has no such statement
    Lab.objects.bulk_create(_labs(person, 1))
    Read.objects.create(user_id=1, team_id=1, page="chart")
    before = (Change.objects.count(), Read.objects.count())
    with override_settings(AUDIT_MAY_BE_EMPTIED=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET afterdose.may_be_emptied = 'off'")
        with pytest.raises(DatabaseError, match="never changed or removed"):
            cursor.execute(statement.format(table))
        if connection.vendor == "postgresql":
            cursor.execute("SET afterdose.may_be_emptied = 'on'")
    assert (Change.objects.count(), Read.objects.count()) == before


def test_a_whole_chain(person: Person) -> None:
    Lab.objects.bulk_create(_labs(person, 3))
    Lab.objects.update(provider="Lab “X”, Köln\n\t\x1f\\")
    Lab.objects.all().delete()
    found = verify()
    assert found.faults == []
    assert found.lines == Change.objects.count() >= 7
    assert verify({1: Change.objects.get(position=1).hash, found.lines: found.head}).faults == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_change SET actor = 'user:1' WHERE position = 2", "Position 2 is not as"),
        ("UPDATE audit_change SET old = '{}' WHERE position = 5", "Position 5 is not as"),
        ("DELETE FROM audit_change WHERE position = 3", "Position 3 is missing; 4 follows"),
        ("DELETE FROM audit_change WHERE position = 1", "Position 1 is missing"),
        ("DELETE FROM audit_change WHERE position >= 6", "Position 6 was kept and is gone"),
        ("UPDATE audit_change SET position = NULL, hash = NULL WHERE position = 6", "1 lines have"),
    ],
)
def test_what_was_altered_past_the_triggers_is_found(
    person: Person, statement: str, fault: str
) -> None:
    for _ in range(3):
        lab = Lab.objects.create(
            person=person, specimen_date=DAY, received_date=DAY, analyte="tsh", value=1
        )
        lab.delete()
    kept = {6: Change.objects.get(position=6).hash}
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    triggers.install(connection)
    assert verify(kept).faults[0].startswith(fault)


def test_the_command(person: Person) -> None:
    Lab.objects.bulk_create(_labs(person, 3))
    out = StringIO()
    call_command("verify_chain", stdout=out)
    kept = out.getvalue().strip().rsplit(" ", 1)[1]
    call_command("verify_chain", kept=[(int(kept.split(":")[0]), kept.split(":")[1])], stdout=out)
    triggers.remove(connection)
    try:
        with pytest.raises(CommandError, match="not as it was written"):
            call_command("verify_chain", stdout=out, stderr=out)
    finally:
        triggers.install(connection)
    assert "audit_note_record_lab" in out.getvalue()


def test_a_missing_trigger_is_an_error_and_the_next_migration_puts_it_back(db: None) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER audit_note_record_lab_update")
        else:
            cursor.execute("ALTER TABLE record_lab DISABLE TRIGGER audit_note_record_lab_update")
    (error,) = run_checks(tags=[Tags.database], databases=["default"])
    assert error.id == "audit.E001"
    assert "audit_note_record_lab" in error.msg
    call_command("migrate", verbosity=0)
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_triggers_of_other_columns_are_an_error(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLUMNS_LEFT_OUT, "record.Lab", frozenset({"source"}))
    assert any("as the models ask" in fault for fault in triggers.faults(connection))
    monkeypatch.undo()
    assert triggers.faults(connection) == []


def test_every_table_is_watched_or_left_out_with_a_reason() -> None:
    ours = {
        model._meta.label
        for app in apps.get_app_configs()
        if app.name.startswith("afterdose.web.") and app.label != "audit"
        for model in app.get_models()
    }
    labels = (ours - set(LEFT_OUT)) | set(OF_OTHERS)
    assert {table.table for table in watched()} == {
        apps.get_model(label)._meta.db_table for label in labels
    }
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())
    assert set(LEFT_OUT) | set(COLUMNS_LEFT_OUT) | set(DIGESTED) <= ours | set(OF_OTHERS)


def test_every_watched_table_says_whose_row_it_is() -> None:
    of_nobody = {table.table for table in watched() if not table.team and not table.person}
    assert of_nobody - {t.table for t in watched() if t.through} == {
        "accounts_user",
        "account_emailaddress",
        "mfa_authenticator",
    }


def test_fifty_writers_at_once(person: Person) -> None:
    def write(number: int) -> None:
        try:
            with acting(f"feed:{number}"):
                for _ in range(3):
                    with transaction.atomic():
                        Person.objects.select_for_update().get(pk=person.pk)
                        Lab.objects.bulk_create(_labs(person, 2))
                        Lab.objects.filter(person=person, value=1).update(provider=f"{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as writers:
        list(writers.map(write, range(50)))
    assert Lab.objects.count() == 50 * 3 * 2
    found = verify()
    assert found.faults == []
    assert found.lines == Change.objects.count()
    assert len({change.actor for change in _changes()}) == 50
