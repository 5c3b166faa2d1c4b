from django.apps import AppConfig


class RecordConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.record"
    label = "record"
