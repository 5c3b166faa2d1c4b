from django.apps import AppConfig


class SharingConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.sharing"
    label = "sharing"
