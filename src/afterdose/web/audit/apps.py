from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.audit"
    label = "audit"

    def ready(self) -> None:
        """Every connection knows who acts; every migration ends with the triggers in place."""
        connection_created.connect(_prepare, dispatch_uid="audit")
        pre_migrate.connect(_make_way, sender=self, dispatch_uid="audit")
        post_migrate.connect(_put_in_place, sender=self, dispatch_uid="audit")
        checks.register(triggers_are_in_place, checks.Tags.database)
        checks.register(log_cannot_be_emptied, checks.Tags.security, deploy=True)


def _prepare(connection: BaseDatabaseWrapper, **_: Any) -> None:
    from afterdose.web.audit.actor import current_actor, tell
    from afterdose.web.audit.bulk import table_being_added_to

    if connection.vendor == "sqlite":
        made = connection.connection.create_function
        made("afterdose_actor", 0, current_actor)
        made("afterdose_adding", 0, table_being_added_to)
        made("afterdose_may_be_emptied", 0, lambda: settings.AUDIT_MAY_BE_EMPTIED)
        return
    if current_actor():
        tell(connection)
    if settings.AUDIT_MAY_BE_EMPTIED:
        with connection.cursor() as cursor:
            cursor.execute("SET afterdose.may_be_emptied = 'on'")


def _make_way(using: str, plan: list[Any], **_: Any) -> None:
    # SQLite rebuilds a table by way of another name, and refuses where a trigger names the first.
    from afterdose.web.audit import triggers

    if plan and connections[using].vendor == "sqlite":
        triggers.remove(connections[using])


def _put_in_place(using: str, **_: Any) -> None:
    from afterdose.web.audit import triggers

    triggers.install(connections[using])


def triggers_are_in_place(
    databases: list[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Where a trigger is missing or another, changes would go unseen."""
    from afterdose.web.audit import triggers

    return [
        checks.Error(
            fault,
            hint="Run `manage.py migrate`: it ends by putting them in place.",
            id="audit.E001",
        )
        for database in databases or []
        for fault in triggers.faults(connections[database])
    ]


def log_cannot_be_emptied(**_: Any) -> list[checks.CheckMessage]:
    """Only tests empty the log between two of them."""
    if not settings.AUDIT_MAY_BE_EMPTIED:
        return []
    return [checks.Error("AUDIT_MAY_BE_EMPTIED is on.", hint="Leave it off.", id="audit.E002")]
