"""Forms as the kit draws them: ``{{ form }}`` is enough on any page."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "nhsuk-checkboxes__input"),
    (forms.CheckboxSelectMultiple, "nhsuk-checkboxes__input"),
    (forms.RadioSelect, "nhsuk-radios__input"),
    (forms.Select, "nhsuk-select"),
    (forms.Textarea, "nhsuk-textarea"),
    (forms.FileInput, "nhsuk-file-upload"),
    (Input, "nhsuk-input"),
)


class KitField(BoundField):
    """A field whose control has the kit's class, and its red border where something is wrong."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """Django's own, and the class."""
        built = super().build_widget_attrs(attrs, widget)
        kind = widget or self.field.widget
        name = next((name for cls, name in _CLASSES if isinstance(kind, cls)), "")
        if name:
            own = kind.attrs.get("class", "")
            error = f"{name}--error" if self.errors else ""
            built["class"] = " ".join(filter(None, (own, name, error)))
        return built


class KitRenderer(TemplatesSetting):
    """Every form of the clinic, those of installed packages too."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = KitField


class DayInput(forms.DateInput):
    """A day, by the browser's own calendar; it sends ``2026-03-12``."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
