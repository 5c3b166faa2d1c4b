"""One person's rows in the database as a history: what the plain code reads."""

from operator import attrgetter
from typing import Any

from afterdose.record.history import History
from afterdose.record.tables import SPECS, TableSpec
from afterdose.web.record.models import MODELS, Person
from afterdose.web.record.rows import fields_of, tables_held


def history_of(person: Person, *, held: frozenset[str] | None = None) -> History:
    """Everything recorded about a person, each table in the record's order.

    Rows alike in the table's order stand as they came.

    Parameters
    ----------
    person : Person
    held : frozenset of str, optional
        The tables that the team's record holds, where they are known already.
    """
    return keyed_history_of(person, held=held)[0]


def keyed_history_of(
    person: Person, *, held: frozenset[str] | None = None
) -> tuple[History, dict[str, tuple[int, ...]]]:
    """As `history_of`, and beside it the keys of each table's rows, in the same order."""
    held = tables_held(person.team) if held is None else held
    rows = {
        table: _rows(spec, person)
        for table, spec in SPECS.items()
        if table != "people" and table in held
    }
    facts = (getattr(person, field) for field in fields_of("people").values())
    history = History(
        person=SPECS["people"].row(person.person_id, *facts),
        absent=frozenset(SPECS) - held,
        **{table: tuple(row for _, row in found) for table, found in rows.items()},
    )
    return history, {table: tuple(key for key, _ in found) for table, found in rows.items()}


def _rows(spec: TableSpec, person: Person) -> list[tuple[int, Any]]:
    cells = (
        MODELS[spec.name]
        ._default_manager.filter(person=person)
        .order_by("id")
        .values_list("id", *fields_of(spec.name).values())
    )
    found = [(key, spec.row(person.person_id, *row)) for key, *row in cells]
    # Not by the database, which may order text as a dictionary does.
    order = attrgetter(*spec.order[1:])
    found.sort(key=lambda pair: order(pair[1]))
    return found
