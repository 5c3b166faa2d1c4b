from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """See the package."""

    name = "afterdose.web.accounts"
    label = "accounts"
