"""Rows of the record's tables into the database, fast: by COPY on PostgreSQL."""

from collections.abc import Collection, Iterator

import polars as pl
from django.db import connection

from afterdose.cohort.frames import schema_of
from afterdose.record.errors import RecordError
from afterdose.record.tables import SPECS
from afterdose.web.accounts.models import Team
from afterdose.web.audit.bulk import adding
from afterdose.web.record.models import MODELS, Person

_AT_A_TIME = 50_000


def add_everybody(frames: dict[str, pl.DataFrame], team: Team) -> pl.DataFrame:
    """Everybody named in any table; ``person_id`` and ``person``, the key of their row."""
    names = pl.concat([frame.select("person_id") for frame in frames.values()]).unique()
    known = frames.get("people")
    if known is None:
        known = names.select(
            "person_id", *(pl.lit(None, kind).alias(name) for name, kind in _FACTS.items())
        )
    add_people(known.sort("person_id"), team)
    return keys_of(team)


_FACTS = {n: kind for n, kind in schema_of(SPECS["people"]).items() if n != "person_id"}


def add_people(frame: pl.DataFrame, team: Team) -> None:
    """Rows of the table of people, all new."""
    columns = ("team_id", *SPECS["people"].columns)
    _refuse_too_long("people", frame)
    _insert(Person._meta.db_table, frame.with_columns(team_id=team.pk).select(columns))


def keys_of(team: Team, names: Collection[str] | None = None) -> pl.DataFrame:
    """``person_id`` and ``person``, the key of their row, of everybody in a team or of some."""
    people = team.people.all()
    parts = [people] if names is None else [people.filter(person_id__in=s) for s in _some(names)]
    pairs = [pair for part in parts for pair in part.values_list("person_id", "pk")]
    return pl.DataFrame(pairs, schema={"person_id": pl.String, "person": pl.Int64}, orient="row")


def _some(names: Collection[str]) -> Iterator[list[str]]:
    """So few at a time that each may be named in one question to the database."""
    every = sorted(names)
    for start in range(0, len(every), 500):
        yield every[start : start + 500]


def add_rows(table: str, frame: pl.DataFrame, keys: pl.DataFrame) -> None:
    """Rows of a table, all new, in their order; ``keys`` as `keys_of` gives them."""
    _refuse_too_long(table, frame)
    whose = frame.join(keys, on="person_id", how="left", maintain_order="left")
    columns = [name for name in SPECS[table].columns if name != "person_id"]
    rows = whose.select(pl.col("person").alias("person_id"), *columns)
    _insert(MODELS[table]._meta.db_table, rows)


def _refuse_too_long(table: str, frame: pl.DataFrame) -> None:
    """SQLite would keep any text; so that both keep the same, neither takes what one cannot."""
    for field in MODELS[table]._meta.concrete_fields:
        if field.max_length is None or field.column not in frame.columns:
            continue
        longest = frame[field.column].str.len_chars().max()
        if isinstance(longest, int) and longest > field.max_length:
            raise RecordError(
                f"{table}.{field.column} has a text of {longest} characters. Permitted: "
                f"{field.max_length}. Shorten it."
            )


def _insert(table: str, frame: pl.DataFrame) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, frame.columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            copied = f"COPY {quote(table)} ({columns}) FROM STDIN (FORMAT csv)"
            with cursor.copy(copied) as copy:
                for part in frame.iter_slices(_AT_A_TIME):
                    copy.write(part.write_csv(include_header=False))
            return
        days = pl.selectors.date().cast(pl.String)
        places = ", ".join(["%s"] * frame.width)
        added = f"INSERT INTO {quote(table)} ({columns}) VALUES ({places})"  # noqa: S608 - our names
        with adding(table):
            for part in frame.iter_slices(_AT_A_TIME):
                cursor.executemany(added, part.with_columns(days).rows())


def count_anew() -> None:
    """Tell the database how much there is now, so that it finds its way."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
