"""What is asked of somebody invited, and of whoever shares a record."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from afterdose.web.accounts.models import Role
from afterdose.web.sharing.invitations import KIND_OF_ROLE


class AcceptForm(forms.Form):
    """Who somebody is, and the password they choose."""

    given_name = forms.CharField(label="Given name", max_length=100)
    family_name = forms.CharField(label="Family name", max_length=100)
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Twelve characters or more, and none of the common ones.",
    )
    again = forms.CharField(
        label="The password again",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """The two are the same, and hard to guess."""
        given = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", "The two passwords differ. Type the same twice.")
        if password:
            try:
                validate_password(password)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class ShareForm(forms.Form):
    """A GP to share a record with, or the person themselves."""

    email = forms.EmailField(label="Their e-mail address", max_length=254)
    role = forms.ChoiceField(label="Who they are", choices=[])

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (role.value, role.label) for role in roles if role in KIND_OF_ROLE
        ]
