"""The triggers that keep every change, on SQLite and PostgreSQL alike.

They are made from `afterdose.web.audit.tables` and put in place after every migration: SQLite loses
a table's triggers whenever a migration rebuilds it. A check says where they are not as they should
be (``manage.py check --database default``).

What is meant is the same on both. A row changed or removed is kept as it was and as it became; of
rows added only a digest is kept, since they themselves stand in their table until one of the other
two happens. On PostgreSQL the rows a statement adds to one person make one line, and lines get
their place in the chain at commit, under one lock that nothing else waits behind: writers queue for
that moment only, and cannot deadlock over it. On SQLite there is one writer at a time anyway; what
is added to it in bulk is noted by `afterdose.web.audit.bulk`.
"""

import re
from collections.abc import Callable
from textwrap import dedent

from django.db.backends.base.base import BaseDatabaseWrapper

from afterdose.web.audit.chain import PARTS
from afterdose.web.audit.tables import Watched, watched

CHANGES, READS = "audit_change", "audit_read"
PREFIX = "audit_note_"
_COLUMNS = ", ".join(f'"{part}"' for part in PARTS)
_NOBODY = "CAST(NULL AS bigint)"
_LOCK = 7_303_014  # any number, as long as nothing else in the database uses it


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every trigger in place that is missing or differs; remove those no longer wanted."""
    if faults(connection):
        remove(connection)
        with connection.cursor() as cursor:
            for statement in _statements(connection).values():
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Remove every trigger of ours."""
    with connection.cursor() as cursor:
        for name in _found(connection):
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER "{name}"')
            else:
                # Whatever fires it goes with it.
                cursor.execute(f'DROP FUNCTION "{name}" CASCADE')


def faults(connection: BaseDatabaseWrapper) -> list[str]:
    """What is not as it should be, in plain words; names of triggers and tables only."""
    expected = {name: _text(connection, sql) for name, sql in _statements(connection).items()}
    found = _found(connection)
    return [
        *(f"{name} is missing." for name in expected if name not in found),
        *(f"{name} should not be there." for name in found if name not in expected),
        *(
            f"{name} is not as the models ask for."
            for name, text in expected.items()
            if name in found and found[name] != text
        ),
    ]


def _statements(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """By name: on SQLite a trigger each, on PostgreSQL a function with what fires it."""
    tables = set(connection.introspection.table_names())
    if not {CHANGES, READS} <= tables:
        return {}
    made: dict[str, str] = {}
    is_sqlite = connection.vendor == "sqlite"
    for table in watched():
        if table.table in tables:
            made |= _sqlite(table) if is_sqlite else _postgres(table)
    return made | (_sqlite_refusals() if is_sqlite else _postgres_refusals())


def _found(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
                [f"{PREFIX}%"],
            )
            return dict(cursor.fetchall())
        # A function counts with the triggers that fire it, and are switched on.
        cursor.execute(
            """
            SELECT p.proname, p.prosrc || coalesce(
                string_agg(t.tgname, ',' ORDER BY t.tgname) FILTER (WHERE t.tgenabled = 'O'), '')
            FROM pg_proc p LEFT JOIN pg_trigger t ON t.tgfoid = p.oid
            WHERE p.proname LIKE %s AND p.pronamespace = current_schema()::regnamespace
            GROUP BY p.oid
            """,
            [f"{PREFIX}%"],
        )
        return dict(cursor.fetchall())


def _text(connection: BaseDatabaseWrapper, statement: str) -> str:
    if connection.vendor == "sqlite":
        return statement
    body = statement.split("$body$")[1]
    fired = re.findall(r'CREATE (?:CONSTRAINT )?TRIGGER "(\w+)"', statement)
    return body + ",".join(sorted(fired))


# --- SQLite: a trigger for each row -----------------------------------------------------------


def _sqlite(table: Watched) -> dict[str, str]:
    old, new = (_json(table, row, "json_object", "SHA256({})") for row in ("OLD", "NEW"))
    not_in_bulk = f"afterdose_adding() <> '{table.table}'"
    lines = {
        "insert": ("NEW", "NULL", "NULL", f"SHA256({new})", f" WHEN {not_in_bulk}"),
        "update": ("NEW", old, new, "''", f" WHEN {old} <> {new}"),
        "delete": ("OLD", old, "NULL", "''", ""),
    }
    return {
        f"{PREFIX}{table.table}_{operation}": _sqlite_trigger(table, operation, *line)
        for operation, line in lines.items()
    }


def _sqlite_trigger(
    table: Watched, operation: str, row: str, old: str, new: str, digest: str, when: str
) -> str:
    person, team = _whose(table, row)
    return dedent(f"""\
        CREATE TRIGGER "{PREFIX}{table.table}_{operation}"
        AFTER {operation.upper()} ON "{table.table}"{when} BEGIN
          INSERT INTO "{CHANGES}" ({_COLUMNS}, "position", "hash")
          SELECT {_COLUMNS}, "place" + 1, SHA256({_joined('"before"', "char(31)")})
          FROM (
            SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') AS "at", '{table.table}' AS "table",
              {row}."{table.key}" AS "row", 1 AS "rows", '{operation}' AS "operation",
              {team} AS "team_id", {person} AS "person_id",
              {old} AS "old", {new} AS "new", {digest} AS "digest", afterdose_actor() AS "actor",
              coalesce(last."position", 0) AS "place", coalesce(last."hash", '') AS "before"
            FROM (SELECT 1) LEFT JOIN (
              SELECT "position", "hash" FROM "{CHANGES}" ORDER BY "position" DESC LIMIT 1
            ) AS last ON 1
          );
        END""")


def _sqlite_refusals() -> dict[str, str]:
    made = {}
    for table in (CHANGES, READS):
        for operation, when in (("update", ""), ("delete", " WHEN NOT afterdose_may_be_emptied()")):
            name = f"{PREFIX}{table}_refuse_{operation}"
            made[name] = dedent(f"""\
                CREATE TRIGGER "{name}" BEFORE {operation.upper()} ON "{table}"{when} BEGIN
                  SELECT raise(ABORT, 'a line of the log is never changed or removed');
                END""")
    return made


def rows_added(table: Watched) -> str:
    """SQL for the rows of a table after a key: person, team, key, and the row as JSON."""
    person, team = _whose(table, "r")
    line = _json(table, "r", "json_object", "SHA256({})")
    return (
        f'SELECT {person}, {team}, r."{table.key}", {line} FROM "{table.table}" r '
        f'WHERE r."{table.key}" > %s ORDER BY 1, 2, 3'
    )


# --- PostgreSQL: a function for each table, fired once a statement ---------------------------


def _postgres(table: Watched) -> dict[str, str]:
    name = f"{PREFIX}{table.table}"
    line = _json(table, "r", "json_build_object", "encode(sha256(convert_to({}, 'UTF8')), 'hex')")
    as_text = f"({line})::text"
    person, team = _whose(table, "r")
    given = f"""r."{table.key}" AS key, {person} AS person, {team} AS team, {as_text} AS line"""
    into = f"""INSERT INTO "{CHANGES}" ({_COLUMNS})"""
    actor = "coalesce(current_setting('afterdose.actor', true), '')"
    at = "date_trunc('milliseconds', clock_timestamp())"
    return {
        name: dedent(f"""\
        CREATE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF TG_OP = 'INSERT' THEN
            {into}
            SELECT {at}, '{table.table}',
              CASE count(*) WHEN 1 THEN min(key)::text ELSE min(key) || '-' || max(key) END,
              count(*), 'insert', team, person, NULL, NULL,
              encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY key), 'UTF8')), 'hex'),
              {actor}
            FROM (SELECT {given} FROM newer r) AS added
            GROUP BY person, team ORDER BY min(key);
          ELSIF TG_OP = 'UPDATE' THEN
            {into}
            SELECT {at}, '{table.table}', n.key, 1, 'update', n.team, n.person, o.line, n.line, '',
              {actor}
            FROM (SELECT {given} FROM older r) AS o JOIN (SELECT {given} FROM newer r) AS n
              ON n.key = o.key
            WHERE o.line <> n.line ORDER BY n.key;
          ELSIF TG_OP = 'DELETE' THEN
            {into}
            SELECT {at}, '{table.table}', key, 1, 'delete', team, person, line, NULL, '', {actor}
            FROM (SELECT {given} FROM older r) AS removed ORDER BY key;
          ELSIF coalesce(current_setting('afterdose.may_be_emptied', true), '') <> 'on' THEN
            RAISE EXCEPTION 'emptying % at once would leave no trace', TG_TABLE_NAME;
          END IF;
          RETURN NULL;
        END $body$;
        CREATE TRIGGER "{name}_insert" AFTER INSERT ON "{table.table}"
          REFERENCING NEW TABLE AS newer FOR EACH STATEMENT EXECUTE FUNCTION "{name}"();
        CREATE TRIGGER "{name}_update" AFTER UPDATE ON "{table.table}"
          REFERENCING OLD TABLE AS older NEW TABLE AS newer
          FOR EACH STATEMENT EXECUTE FUNCTION "{name}"();
        CREATE TRIGGER "{name}_delete" AFTER DELETE ON "{table.table}"
          REFERENCING OLD TABLE AS older FOR EACH STATEMENT EXECUTE FUNCTION "{name}"();
        CREATE TRIGGER "{name}_truncate" BEFORE TRUNCATE ON "{table.table}"
          FOR EACH STATEMENT EXECUTE FUNCTION "{name}"();""")
    }


def _postgres_refusals() -> dict[str, str]:
    seal, refuse = f"{PREFIX}seal", f"{PREFIX}refuse"
    joined = _joined(
        "coalesce(last.hash, '')",
        "chr(31)",
        lambda part: (
            "to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')"
            if part == "at"
            else f"coalesce(NEW.\"{part}\"::text, '')"
        ),
    )
    unsealed = 'OLD."hash" IS NULL AND NEW."hash" IS NOT NULL'
    same = " AND ".join(
        f'NEW."{part}" IS NOT DISTINCT FROM OLD."{part}"' for part in ("id", *PARTS)
    )
    refusing = "\n".join(
        f"""CREATE TRIGGER "{refuse}_{table}" BEFORE UPDATE OR DELETE ON "{table}"
          FOR EACH ROW EXECUTE FUNCTION "{refuse}"();
        CREATE TRIGGER "{refuse}_{table}_truncate" BEFORE TRUNCATE ON "{table}"
          FOR EACH STATEMENT EXECUTE FUNCTION "{refuse}"();"""
        for table in (CHANGES, READS)
    )
    return {
        seal: dedent(f"""\
        CREATE FUNCTION "{seal}"() RETURNS trigger LANGUAGE plpgsql AS $body$
        DECLARE last record;
        BEGIN
          PERFORM pg_advisory_xact_lock({_LOCK});
          SELECT "position", "hash" INTO last FROM "{CHANGES}"
            WHERE "position" IS NOT NULL ORDER BY "position" DESC LIMIT 1;
          UPDATE "{CHANGES}" SET "position" = coalesce(last.position, 0) + 1,
            "hash" = encode(sha256(convert_to({joined}, 'UTF8')), 'hex')
            WHERE id = NEW.id;
          RETURN NULL;
        END $body$;
        CREATE CONSTRAINT TRIGGER "{seal}" AFTER INSERT ON "{CHANGES}"
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "{seal}"();"""),
        refuse: dedent(f"""\
        CREATE FUNCTION "{refuse}"() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
          IF TG_OP = 'TRUNCATE' THEN
            IF coalesce(current_setting('afterdose.may_be_emptied', true), '') = 'on' THEN
              RETURN NULL;
            END IF;
          ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = '{CHANGES}' THEN
            IF {unsealed} AND {same} THEN
              RETURN NEW;
            END IF;
          END IF;
          RAISE EXCEPTION 'a line of the log is never changed or removed';
        END $body$;
        """)
        + refusing,
    }


# --- What both say ---------------------------------------------------------------------------


def _json(table: Watched, row: str, function: str, digest: str) -> str:
    pairs = []
    for column in table.columns:
        value = f'{row}."{column}"'
        if column in table.digested:
            value = digest.format(f"CAST({value} AS text)")
        pairs.append(f"'{column}', {value}")
    return f"{function}({', '.join(pairs)})"


def _whose(table: Watched, row: str) -> tuple[str, str]:
    """SQL for the keys of a row's person and team."""
    person = f'{row}."{table.person}"' if table.person else _NOBODY
    if table.through:
        column, other, its_person = table.through
        person = f'(SELECT t."{its_person}" FROM "{other}" t WHERE t.id = {row}."{column}")'
    if table.team:
        return person, f'{row}."{table.team}"'
    if person == _NOBODY:
        return person, _NOBODY
    return person, f'(SELECT p."team_id" FROM "record_person" p WHERE p.id = {person})'


def _joined(before: str, separator: str, part_of: Callable[[str], str] | None = None) -> str:
    part_of = part_of or (lambda part: f"coalesce(\"{part}\", '')")
    return f" || {separator} || ".join([before, *(part_of(part) for part in PARTS)])
