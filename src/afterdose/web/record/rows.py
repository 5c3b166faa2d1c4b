"""Between the record's tables and their models: which column is which field, and what is held."""

from functools import cache

from afterdose.record.tables import SPECS
from afterdose.web.accounts.models import Team
from afterdose.web.record.models import MODELS, Held


@cache
def fields_of(table: str) -> dict[str, str]:
    """Field by column, in the specification's order; without ``person_id``.

    Examples
    --------
    >>> fields_of("owners")["check"]
    'check_id'
    """
    named = {field.column: field.attname for field in MODELS[table]._meta.concrete_fields}
    return {name: named[name] for name in SPECS[table].columns if name != "person_id"}


def tables_held(team: Team) -> frozenset[str]:
    """The tables the team's record holds: those said to be, and those in which a row stands."""
    said = frozenset(team.held.values_list("table", flat=True))
    return said | {table for table in SPECS if table not in said and _has_rows(table, team)}


def hold(team: Team, *tables: str) -> frozenset[str]:
    """Note that the team's record holds these tables from now on; which of them are new to it.

    What the record can answer changes for everybody with a new one.
    """
    said = frozenset(team.held.values_list("table", flat=True))
    new = frozenset(tables) - said
    Held.objects.bulk_create(
        [Held(team=team, table=table) for table in sorted(new)], ignore_conflicts=True
    )
    return new


def _has_rows(table: str, team: Team) -> bool:
    if table == "people":
        # A row of somebody of whom nothing is known but their number is the database's own.
        nothing = dict.fromkeys(fields_of("people").values())
        return team.people.exclude(**nothing).exists() or (
            team.people.exists() and not team.held.exists()
        )
    return MODELS[table]._default_manager.filter(person__team=team).exists()
