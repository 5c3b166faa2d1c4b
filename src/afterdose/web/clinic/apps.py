from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.clinic"
    label = "clinic"
