from django.apps import AppConfig


class AuditConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.audit"
    label = "audit"
