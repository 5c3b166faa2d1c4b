"""What is asked when somebody acts on the list."""

from datetime import date
from typing import Any

from django import forms

from afterdose.monitoring.words import owner_in_words
from afterdose.record.tables import OWNERS
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.actions import OUTCOMES
from afterdose.web.clinic.deputies import DAYS
from afterdose.web.clinic.effects import LONGEST_SNOOZE
from afterdose.web.clinic.models import Duty, Laboratory
from afterdose.web.pages.forms import DayInput
from afterdose.web.pages.shapes import capital


def _words(*, label: str, rows: int = 2, required: bool = True, help_text: str = "") -> Any:
    return forms.CharField(
        label=label,
        max_length=1000,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"{label}: write a few words"},
    )


class NoteForm(forms.Form):
    """A few words."""

    reason = _words(label="Note")


class SnoozeForm(forms.Form):
    """Why it can wait, and until when."""

    reason = _words(
        label="Why it can wait", help_text="Everybody in the team sees this and your name."
    )
    until = forms.DateField(
        label="Until and including",
        widget=DayInput,
        error_messages={"required": "Until: choose a day", "invalid": "Until: this is not a day"},
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        field = self.fields["until"]
        field.widget.attrs.update(min=today.isoformat(), max=(today + LONGEST_SNOOZE).isoformat())
        field.help_text = (
            f"At most {LONGEST_SNOOZE.days} days. A newer result, or a more urgent one, ends it."
        )

    def clean_until(self) -> date:
        """Not in the past, not too far ahead."""
        until: date = self.cleaned_data["until"]
        if not self.today <= until <= self.today + LONGEST_SNOOZE:
            raise forms.ValidationError(
                f"Until: choose a day from {self.today} to {self.today + LONGEST_SNOOZE}"
            )
        return until


class ResolveForm(forms.Form):
    """How it was settled."""

    outcome = forms.ChoiceField(
        label="Outcome",
        choices=[("", "Choose…"), *OUTCOMES.items()],
        error_messages={"required": "Outcome: choose one"},
    )
    reason = _words(label="What was done", required=False)

    def clean(self) -> dict[str, Any]:
        """An outcome of another kind is written out."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("outcome") == "other" and not cleaned.get("reason"):
            self.add_error("reason", "What was done: write which other outcome")
        return cleaned


class EscalateForm(forms.Form):
    """To whom, and why."""

    to = forms.ModelChoiceField(
        label="To", queryset=User.objects.none(), required=False, empty_label="Whoever is on duty"
    )
    reason = _words(label="Why", required=False)

    def __init__(self, *args: Any, team: Team, **more: Any) -> None:
        super().__init__(*args, **more)
        roles = ("nurse", "neurologist")
        self.fields["to"].queryset = User.objects.filter(
            is_active=True, memberships__team=team, memberships__role__in=roles
        ).distinct()


class ProposeForm(forms.Form):
    """Who is asked to own which check."""

    check = forms.ChoiceField(label="Check")
    owner = forms.ChoiceField(
        label="Who is asked", choices=[(name, capital(owner_in_words(name))) for name in OWNERS]
    )
    said = _words(label="How they were asked", required=False)

    def __init__(self, *args: Any, checks: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["check"].choices = [("all", "All checks"), *checks]


class AnswerForm(forms.Form):
    """Yes or no to a proposal."""

    answer = forms.ChoiceField(choices=[("accepted", "Accept"), ("declined", "Decline")])
    said = _words(label="How, or why not", required=False)

    def clean(self) -> dict[str, Any]:
        """No needs a reason."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("answer") == "declined" and not cleaned.get("said"):
            self.add_error("said", "Why not: write a few words")
        return cleaned


class DutyForm(forms.ModelForm):
    """Who is on duty, on which days."""

    days = forms.TypedMultipleChoiceField(
        label="Days",
        choices=list(enumerate(DAYS)),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Days: choose at least one"},
    )

    class Meta:
        """Of the model."""

        model = Duty
        fields = ["user", "days", "starts", "ends"]
        labels = {"user": "Who", "starts": "From", "ends": "Until"}
        widgets = {"starts": DayInput, "ends": DayInput}

    def __init__(self, *args: Any, team: Team, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["user"].empty_label = "Choose…"
        self.fields["user"].queryset = User.objects.filter(
            is_active=True,
            memberships__team=team,
            memberships__role__in=("nurse", "neurologist"),
        ).distinct()
        self.fields["starts"].initial = team.today


class LaboratoryForm(forms.ModelForm):
    """How long a laboratory may be silent."""

    class Meta:
        """Of the model."""

        model = Laboratory
        fields = ["every_days", "is_watched"]
        labels = {"every_days": "Days it may be silent", "is_watched": "Watched"}


class SaveViewForm(forms.Form):
    """A name for what the list shows now."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Name: write one"}
    )
    query = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)
