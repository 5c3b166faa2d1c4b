"""A team's rows in the database as a record: for whole-cohort questions, and for folders."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from django.db import connection

from afterdose.cohort import About, Record
from afterdose.cohort.frames import schema_of
from afterdose.record.tables import SPECS, TableSpec
from afterdose.web.accounts.models import Team
from afterdose.web.record.models import MODELS, Person
from afterdose.web.record.rows import tables_held

_AT_A_TIME = 50_000
_FEW = 900
"""So many people can be named in one question to the database."""


def record_of(
    team: Team, people: Sequence[int] | None = None, *, held: frozenset[str] | None = None
) -> Record:
    """The record of a team.

    Parameters
    ----------
    team : Team
    people : sequence of int, optional
        Only these, by the key of their row in the database.
    held : frozenset of str, optional
        The tables that the team's record holds, where they are known already.

    Returns
    -------
    Record
        With the tables that are held, in the record's order; rows alike in that stand as they came.
    """
    held = tables_held(team) if held is None else held
    frames = {
        table: pl.concat(_parts(spec, team, people)).sort(
            *spec.order, maintain_order=True, nulls_last=True
        )
        for table, spec in SPECS.items()
        if table in held
    }
    return Record(frames, About(simulated=team.is_simulated, title=team.name))


def _parts(spec: TableSpec, team: Team, people: Sequence[int] | None) -> Iterator[pl.DataFrame]:
    yield pl.DataFrame(schema=schema_of(spec))
    if people is None:
        yield from _read(spec, team, "", [])
        return
    for start in range(0, len(people), _FEW):
        some = people[start : start + _FEW]
        places = ", ".join(["%s"] * len(some))
        yield from _read(spec, team, f" AND p.id IN ({places})", some)


def _read(
    spec: TableSpec, team: Team, restriction: str, some: Sequence[int]
) -> Iterator[pl.DataFrame]:
    quote = connection.ops.quote_name
    dates = {name for name, column in spec.columns.items() if column.kind == "date"}
    is_text = connection.vendor == "sqlite"

    def selected(name: str) -> str:
        if name == "person_id":
            return "p.person_id"
        column = f"t.{quote(name)}"
        # SQLite keeps days as text; joined to nothing they come as such, and are read all at once.
        return f"{column} || ''" if is_text and name in dates else column

    table = quote(MODELS[spec.name]._meta.db_table)
    whose = "t.id" if spec.name == "people" else "t.person_id"
    # The names are the models' own.
    query = (
        f"SELECT {', '.join(map(selected, spec.columns))} FROM {table} t "  # noqa: S608
        f"JOIN {quote(Person._meta.db_table)} p ON p.id = {whose} "
        f"WHERE p.team_id = %s{restriction} ORDER BY t.id"
    )
    wanted: dict[str, Any] = schema_of(spec)
    given = {
        name: pl.String() if is_text and name in dates else kind for name, kind in wanted.items()
    }
    days = [pl.col(name).str.to_date("%Y-%m-%d") for name in dates if is_text]
    with connection.cursor() as cursor:
        cursor.execute(query, [team.pk, *some])
        while rows := cursor.fetchmany(_AT_A_TIME):
            yield pl.DataFrame(rows, schema=given, orient="row").with_columns(days)
