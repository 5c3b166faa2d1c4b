"""Many rows added at once: one line a person on SQLite too, as PostgreSQL's triggers make it.

SQLite fires a trigger for each row. For a whole record that would be millions of lines.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from django.db import connection

from afterdose.web.audit import triggers
from afterdose.web.audit.actor import current_actor
from afterdose.web.audit.chain import line_hash
from afterdose.web.audit.models import Change
from afterdose.web.audit.tables import Watched, watched

_ADDING: ContextVar[str] = ContextVar("adding", default="")


def table_being_added_to() -> str:
    """The table whose added rows are noted together; empty where there is none."""
    return _ADDING.get()


@contextmanager
def adding(table: str) -> Iterator[None]:
    """Note the rows that are added to a table together, once they all are.

    Nothing else is to be done to the table meanwhile; what fails within is not noted.

    Parameters
    ----------
    table : str
        Its name in the database.

    Raises
    ------
    RuntimeError
        Outside a transaction: what was added could stay without its line.
    """
    if connection.vendor != "sqlite":
        yield  # its triggers fire once for all rows of a statement
        return
    if not connection.in_atomic_block:
        raise RuntimeError("Rows were to be noted together outside a transaction. Open one first.")
    (described,) = (one for one in watched() if one.table == table)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max("{described.key}"), 0) FROM "{table}"')  # noqa: S608
        last = cursor.fetchone()[0]
    token = _ADDING.set(table)
    try:
        yield
    finally:
        _ADDING.reset(token)
    _note(described, last)


def _note(table: Watched, last: int) -> None:
    end = Change.objects.exclude(position=None).order_by("-position").first()
    position, before = (end.position, end.hash) if end else (0, "")
    lines = []
    for change in _lines(table, last):
        position, before = position + 1, line_hash(before, change)
        change.position, change.hash = position, before
        lines.append(change)
    Change.objects.bulk_create(lines)


def _lines(table: Watched, last: int) -> Iterator[Change]:
    now = datetime.now(UTC)
    at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    with connection.cursor() as cursor:
        cursor.execute(triggers.rows_added(table), [last])
        for (person, team), rows in groupby(iter(cursor.fetchone, None), lambda row: row[:2]):
            first, final, count, digest = _summed(rows)
            yield Change(
                at=at,
                table=table.table,
                row=str(first) if count == 1 else f"{first}-{final}",
                rows=count,
                operation=Change.Operation.INSERT,
                team_id=team,
                person_id=person,
                digest=digest,
                actor=current_actor(),
            )


def _summed(rows: Iterator[tuple[Any, ...]]) -> tuple[int, int, int, str]:
    digest, first, key, count = hashlib.sha256(), 0, 0, 0
    for _, _, key, line in rows:
        digest.update(f"\n{line}".encode() if count else line.encode())
        first, count = first or key, count + 1
    return first, key, count, digest.hexdigest()
