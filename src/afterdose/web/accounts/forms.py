"""What is asked to invite users, give them roles, and let feeds in."""

from typing import Any

from django import forms

from afterdose.web.accounts.models import Role

_STAFF_ROLES = [role for role in Role if role != Role.PERSON]


class InviteForm(forms.Form):
    """Somebody new in the team. A person with MS is invited from their own record."""

    email = forms.EmailField(label="E-mail address", max_length=254)
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.label) for role in _STAFF_ROLES],
        help_text="A GP sees nobody until a person's record is shared with them.",
    )


class RolesForm(forms.Form):
    """What somebody is in the team. No role: their access ends."""

    roles = forms.MultipleChoiceField(
        label="Roles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=Role.choices,
        help_text="Without any, their access to this team ends.",
    )
    may_open_people = forms.BooleanField(
        label="As a researcher, may open the people behind a number",
        required=False,
        help_text="Only with the permission your organisation asks for.",
    )

    def __init__(self, *args: Any, held: frozenset[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A person's role comes with their record; here it can only be taken.
        self.fields["roles"].choices = [
            (role.value, role.label) for role in Role if role in held or role != Role.PERSON
        ]


class TokenForm(forms.Form):
    """A feed that is to send results."""

    feed = forms.CharField(
        label="Laboratory or system that sends",
        max_length=60,
        help_text="As it is to stand beside its results.",
    )
