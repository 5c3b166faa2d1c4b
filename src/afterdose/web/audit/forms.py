"""What may be looked for in the log."""

from typing import Any

from django import forms

from afterdose.web.accounts.models import Team, User
from afterdose.web.audit.selectors import Asked, table_in_words
from afterdose.web.audit.tables import watched
from afterdose.web.pages.forms import DayInput
from afterdose.web.record.models import Person


class LogForm(forms.Form):
    """Whom, by whom, what, when."""

    person = forms.CharField(label="Person's identifier", required=False, max_length=200)
    user = forms.ModelChoiceField(
        label="By", queryset=User.objects.none(), required=False, empty_label="anybody"
    )
    table = forms.ChoiceField(label="What", required=False)
    since = forms.DateField(label="From", required=False, widget=DayInput)
    until = forms.DateField(label="Until", required=False, widget=DayInput)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.fields["user"].queryset = (
            User.objects.filter(memberships__team=team).distinct().order_by("last_name", "pk")
        )
        self.fields["table"].choices = [
            ("", "everything"),
            *((table.table, table_in_words(table.table)) for table in watched()),
        ]

    def clean_person(self) -> Person | None:
        """The person of that identifier in the team."""
        given = self.cleaned_data["person"].strip()
        if not given:
            return None
        person = self.team.people.filter(person_id=given).first()
        if person is None:
            raise forms.ValidationError("Nobody in this team has that identifier. Check it.")
        return person

    def asked(self) -> Asked:
        """What is looked for; everything where the form is wrong."""
        if not self.is_valid():
            return Asked()
        return Asked(**self.cleaned_data)
