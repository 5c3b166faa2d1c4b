"""Which tables are watched: every one of the clinic's, unless it stands here with a reason.

A table that somebody adds is watched from its first migration on; leaving one out takes a sentence.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models

LEFT_OUT: dict[str, str] = {
    "clinic.Standing": "Computed from the record; any morning's can be computed again.",
    "clinic.Item": "Computed from the record; any morning's can be computed again.",
}
"""Models whose changes are not kept, and why."""

OF_OTHERS = ("account.EmailAddress", "mfa.Authenticator")
"""Models of installed packages that are watched too: they decide who gets in."""

COLUMNS_LEFT_OUT: dict[str, frozenset[str]] = {
    "accounts.User": frozenset({"last_login"}),
    "accounts.Token": frozenset({"used_at"}),
    "mfa.Authenticator": frozenset({"last_used_at"}),
}
"""Columns that change by themselves at every use."""

DIGESTED: dict[str, frozenset[str]] = {
    "accounts.User": frozenset({"password"}),
    "accounts.Token": frozenset({"digest"}),
    "sharing.Invitation": frozenset({"digest"}),
    "mfa.Authenticator": frozenset({"data"}),
}
"""Columns of which only a digest is kept: that they changed is seen, what they were is not."""


@dataclass(frozen=True)
class Watched:
    """A table, and where it says whose row it is.

    Parameters
    ----------
    table : str
        Its name in the database.
    key : str
        The column of its key.
    columns : tuple of str
        What is kept of a row.
    digested : frozenset of str
        Of which only a digest is kept.
    team, person : str or None
        The columns with the team's and the person's key, if it has them.
    through : tuple of (str, str, str) or None
        A column, the table whose key it is, and that table's column with the person.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    digested: frozenset[str] = frozenset()
    team: str | None = None
    person: str | None = None
    through: tuple[str, str, str] | None = None


def watched() -> list[Watched]:
    """Every table whose changes are kept, by name."""
    return sorted((_describe(model) for model in _models()), key=lambda found: found.table)


def _models() -> list[type[models.Model]]:
    ours = [
        model
        for app in apps.get_app_configs()
        if app.name.startswith("afterdose.web.") and app.label != "audit"
        for model in app.get_models()
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    ]
    return [*ours, *(apps.get_model(label) for label in OF_OTHERS)]


def _describe(model: type[models.Model]) -> Watched:
    meta = model._meta
    left_out = COLUMNS_LEFT_OUT.get(meta.label, frozenset())
    person, team = _column_to(model, "record.Person"), _column_to(model, "accounts.Team")
    return Watched(
        table=meta.db_table,
        key=meta.pk.column,
        columns=tuple(f.column for f in meta.concrete_fields if f.name not in left_out),
        digested=DIGESTED.get(meta.label, frozenset()),
        team=team,
        person=person,
        through=None if person or team else _through(model),
    )


def _column_to(model: type[models.Model], label: str) -> str | None:
    if model._meta.label == label:
        return model._meta.pk.column
    for field in model._meta.concrete_fields:
        if field.remote_field and field.related_model._meta.label == label:
            return field.column
    return None


def _through(model: type[models.Model]) -> tuple[str, str, str] | None:
    for field in model._meta.concrete_fields:
        if field.remote_field:
            person = _column_to(field.related_model, "record.Person")
            if person:
                return field.column, field.related_model._meta.db_table, person
    return None
