"""What is asked when a row is entered or corrected, and what is wrong with it, in plain words."""

from datetime import date
from typing import Any

from django import forms

from afterdose.monitoring.words import need_title
from afterdose.record.analytes import catalogue
from afterdose.record.dates import PartialDate
from afterdose.record.drugs import known_drugs
from afterdose.record.tables import EVENT_CATEGORIES
from afterdose.web.pages.forms import DayInput
from afterdose.web.pages.shapes import capital

_YES_NO = [("", "Not stated"), ("yes", "Yes"), ("no", "No")]


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DayInput,
        error_messages={"required": f"{label}: choose a day", "invalid": f"{label}: not a day"},
    )


def _choice(label: str, names: Any, *, required: bool = True) -> forms.ChoiceField:
    pairs = [(name, capital(name.replace("_", " "))) for name in names]
    return forms.ChoiceField(
        label=label,
        required=required,
        choices=[("", "Choose…" if required else "Not recorded"), *pairs],
        error_messages={"required": f"{label}: choose one"},
    )


def _text(label: str, *, required: bool = False, help_text: str = "", longest: int = 200) -> Any:
    return forms.CharField(
        label=label,
        required=required,
        max_length=longest,
        help_text=help_text,
        error_messages={"required": f"{label}: write it"},
    )


def _count(label: str, *, high: int = 999, low: int = 0) -> forms.IntegerField:
    said = f"{label}: a whole number from {low} to {high}"
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=low,
        max_value=high,
        error_messages={"invalid": said, "min_value": said, "max_value": said},
    )


def _number(label: str, low: float, high: float, *, required: bool = False) -> forms.FloatField:
    said = f"{label}: a number from {low:g} to {high:g}"
    return forms.FloatField(
        label=label,
        required=required,
        min_value=low,
        max_value=high,
        error_messages={
            "required": said,
            "invalid": said,
            "min_value": said,
            "max_value": said,
        },
    )


class EntryForm(forms.Form):
    """A row of a table of the record.

    ``table`` is the table; ``last_day`` the day after which a row lies in the future; a form may
    permit that.
    """

    table = ""
    own_day = "date"
    may_lie_ahead = False

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """No day lies ahead, and none ends before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        start, end = cleaned.get(self.own_day), cleaned.get("end_date")
        if isinstance(start, date) and start > self.today and not self.may_lie_ahead:
            label = self.fields[self.own_day].label
            self.add_error(self.own_day, f"{label}: {start} lies ahead of today, {self.today}")
        if isinstance(start, date) and end and end < start:
            self.add_error("end_date", f"Last day: {end} is before the first day, {start}")
        return cleaned

    def row(self) -> dict[str, Any]:
        """The fields of the row; what was left empty is not known."""
        said = {"yes": True, "no": False}
        return {
            name: said.get(value, value) if value != "" else None
            for name, value in self.cleaned_data.items()
        }


class CourseForm(EntryForm):
    """One course, or one span of a continuous drug."""

    table, own_day, may_lie_ahead = "treatments", "start_date", True
    drug = _choice("Drug", ())
    start_date = _day("First day", help_text="Of the first infusion, or the first dose.")
    end_date = _day("Last day", required=False, help_text="Empty: not known, or still taken.")
    course_number = _count("Number of the course", low=1, high=99)
    dose = _text("Dose", help_text="For example 12 mg × 5")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["drug"].choices = [("", "Choose…"), *((name, name) for name in known_drugs())]


class RelapseForm(EntryForm):
    """One relapse."""

    table, own_day = "relapses", "onset_date"
    onset_date = _day("First day")
    end_date = _day("Last day", required=False)
    severity = _choice("Severity", ("mild", "moderate", "severe"), required=False)
    confirmed = forms.ChoiceField(label="Confirmed by an examiner", choices=_YES_NO, required=False)


class MriForm(EntryForm):
    """One scan."""

    table = "mri"
    date = _day("Day of the scan")
    new_t2_lesions = _count("New or enlarging T2 lesions since the scan before")
    gd_lesions = _count("Gadolinium-enhancing lesions")
    bpf = _number("Brain parenchymal fraction", 0, 1)
    pbvc_pct = _number("Brain volume change since the scan before, %", -50, 50)
    method = _text("Software behind the volume")
    scanner = _text("Scanner")


class EventForm(EntryForm):
    """One adverse event or diagnosis."""

    table, own_day = "events", "onset_date"
    onset_date = _text(
        "When it began",
        required=True,
        longest=10,
        help_text="2026-03-12, or as much as is known: 2026-03 or 2026.",
    )
    category = _choice("Kind", EVENT_CATEGORIES)
    term = _text("In the reporter's words")
    grade = _count("CTCAE grade", low=1, high=5)
    serious = forms.ChoiceField(label="Serious", choices=_YES_NO, required=False)
    outcome = _choice(
        "Outcome",
        ("recovered", "recovering", "sequelae", "ongoing", "fatal", "unknown"),
        required=False,
    )

    def clean_onset_date(self) -> str:
        """A day, a month or a year, not ahead."""
        text: str = self.cleaned_data["onset_date"].strip()
        try:
            begun = PartialDate.parse(text)
        except ValueError:
            raise forms.ValidationError(
                "When it began: write 2026-03-12, 2026-03 or 2026"
            ) from None
        if begun.earliest() > self.today:
            raise forms.ValidationError(f"When it began: {text} lies ahead of today")
        return text


_KFSS = {
    "kfss_visual": ("Visual", 6),
    "kfss_brainstem": ("Brainstem", 5),
    "kfss_pyramidal": ("Pyramidal", 6),
    "kfss_cerebellar": ("Cerebellar", 5),
    "kfss_sensory": ("Sensory", 6),
    "kfss_bowel_bladder": ("Bowel and bladder", 6),
    "kfss_cerebral": ("Cerebral", 5),
}
"""Functional systems of Kurtzke, each with its highest grade."""


class ScoreForm(EntryForm):
    """EDSS at one visit, with functional systems where they were scored."""

    table = "assessments"
    date = _day("Day of the visit")
    edss = _number("EDSS", 0, 10, required=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["edss"].help_text = "0 to 10 by 0.5; there is no 0.5."
        self.fields["edss"].widget.attrs["step"] = "0.5"
        for name, (label, highest) in _KFSS.items():
            self.fields[name] = _count(f"{label}, 0 to {highest}", high=highest)

    def clean_edss(self) -> float:
        """A step of the scale."""
        value: float = self.cleaned_data["edss"]
        if value * 2 != int(value * 2) or value == 0.5:
            raise forms.ValidationError("EDSS: 0, 1.0, 1.5 and so on by 0.5 up to 10")
        return value

    def scores(self) -> list[dict[str, Any]]:
        """A row a score."""
        day = self.cleaned_data["date"]
        return [
            {"date": day, "measure": name, "value": float(value)}
            for name, value in self.cleaned_data.items()
            if name != "date" and value is not None
        ]


class OneScoreForm(EntryForm):
    """One score that stands in the record."""

    table = "assessments"
    date = _day("Day of the visit")
    value = _number("Score", 0, 1000, required=True)

    def __init__(self, *args: Any, measure: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.measure = measure

    def clean_value(self) -> float:
        """A step of the scale, where it has steps."""
        value: float = self.cleaned_data["value"]
        if self.measure == "edss" and (value * 2 != int(value * 2) or value == 0.5 or value > 10):
            raise forms.ValidationError("Score: EDSS is 0, 1.0, 1.5 and so on by 0.5 up to 10")
        return value


class ResultForm(EntryForm):
    """A result as its report prints it."""

    table, own_day = "labs", "specimen_date"
    analyte = forms.ChoiceField(
        label="Test", error_messages={"required": "Test: choose one"}, choices=()
    )
    specimen_date = _day("Day the specimen was taken")
    specimen_time = forms.TimeField(
        label="Time of day",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Time of day: write 08:15"},
    )
    value = _text(
        "Value", required=True, help_text="As printed: 84, < 5, or 1+ for a dipstick.", longest=40
    )
    unit = _text("Unit", help_text="As printed; none for a dipstick.", longest=40)
    range_text = _text(
        "The laboratory's range", help_text="As printed, in the same unit: 150-400", longest=60
    )
    provider = _text("Laboratory", required=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        titles = [(name, f"{need_title(name)} ({one.unit})") for name, one in catalogue().items()]
        self.fields["analyte"].choices = [("", "Choose…"), *titles]


class CorrectedForm(ResultForm):
    """The value of a result typed before; what it is a result of stays."""

    analyte = None  # type: ignore[assignment]
    specimen_date = None  # type: ignore[assignment]
    specimen_time = None  # type: ignore[assignment]
    provider = None  # type: ignore[assignment]

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super(ResultForm, self).__init__(*args, today=today, **more)


FORMS: dict[str, tuple[str, type[EntryForm]]] = {
    "result": ("Laboratory result", ResultForm),
    "course": ("Course of treatment", CourseForm),
    "relapse": ("Relapse", RelapseForm),
    "score": ("EDSS", ScoreForm),
    "mri": ("MRI", MriForm),
    "event": ("Event or diagnosis", EventForm),
}
"""By the word in the address: what is entered, and the form for it."""
