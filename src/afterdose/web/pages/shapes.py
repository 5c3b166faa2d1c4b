"""Small parts that look the same on every page: template tags and filters, loaded everywhere.

Nothing is told by colour alone: every urgency, every owner's state, every standing has its word,
its shape and its tone.
"""

from datetime import date, datetime
from typing import Any, NamedTuple

from django import template
from django.forms import BaseForm, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from afterdose.monitoring import Urgency
from afterdose.monitoring.words import owner_in_words
from afterdose.web.record.models import Person

register = template.Library()


class Look(NamedTuple):
    """How something is marked.

    Attributes
    ----------
    word : str
    tone : str
        One of `front/styles/_tones.scss`, or ``solid``.
    shape : str
        One of ``SHAPES``.
    """

    word: str
    tone: str
    shape: str


URGENCY_LOOKS: dict[str, Look] = {
    Urgency.ACT_TODAY: Look("Act today", "solid", "octagon"),
    Urgency.ACT_SOON: Look("Act within 3 days", "soon", "triangle"),
    Urgency.REVIEW: Look("Review within 2 weeks", "review", "diamond"),
    Urgency.DATA_PROBLEM: Look("Data problem", "broken", "square"),
    Urgency.OVERDUE: Look("Overdue", "late", "clock"),
    Urgency.DUE: Look("Due", "plain", "ring"),
    Urgency.KNOWN: Look("Known finding", "quiet", "tick"),
    Urgency.GONE: Look("Open when they left", "quiet", "door"),
    Urgency.NOT_ASSESSABLE: Look("Not assessable", "quiet app-tag--unknown", "question"),
}
"""How each urgency is marked."""

OWNER_LOOKS: dict[str, Look] = {
    "accepted": Look("accepted", "good", "tick"),
    "proposed": Look("asked, not accepted", "review", "hourglass"),
    "declined": Look("declined by another", "soon", "cross"),
    "default": Look("nobody accepted", "quiet app-tag--unknown", "question"),
}
"""How each state of a handover is marked."""

_STROKE = 'fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"'
SHAPES: dict[str, str] = {
    "octagon": '<path d="M4.7 1h6.6L15 4.7v6.6L11.3 15H4.7L1 11.3V4.7z" fill="currentColor"/>'
    '<path d="M8 4.2v4.6M8 11.4v.2" stroke="#fff" stroke-width="2" stroke-linecap="round" '
    'class="app-shape__mark"/>',
    "triangle": f'<path d="M8 1.8 15 14H1z" {_STROKE} stroke-linejoin="round"/>'
    f'<path d="M8 6.5v3M8 11.6v.1" {_STROKE}/>',
    "diamond": f'<path d="M8 1.2 14.8 8 8 14.8 1.2 8z" {_STROKE} stroke-linejoin="round"/>',
    "square": f'<path d="M2 2h12v12H2z" {_STROKE} stroke-linejoin="round"/>'
    f'<path d="m5.5 5.5 5 5m0-5-5 5" {_STROKE}/>',
    "clock": f'<circle cx="8" cy="8" r="6.5" {_STROKE}/><path d="M8 4.2V8l2.6 1.8" {_STROKE}/>',
    "ring": f'<circle cx="8" cy="8" r="5.5" {_STROKE}/>',
    "dot": '<circle cx="8" cy="8" r="5" fill="currentColor"/>',
    "tick": f'<path d="m2.5 8.5 3.8 3.8 7.2-8" {_STROKE} stroke-linejoin="round"/>',
    "cross": f'<path d="m3.5 3.5 9 9m0-9-9 9" {_STROKE}/>',
    "door": f'<path d="M9 2H3v12h6M7 8h7.5M12 5.4 14.6 8 12 10.6" {_STROKE} '
    'stroke-linejoin="round"/>',
    "question": f'<path d="M5 5.6A3 3 0 0 1 8 3c1.8 0 3 1.1 3 2.6C11 8 8 7.8 8 10M8 13v.1" '
    f"{_STROKE}/>",
    "hourglass": f'<path d="M4 1.8h8M4 14.2h8M5 1.8C5 6 11 6.5 11 14.2M11 1.8C11 6 5 6.5 5 14.2"'
    f" {_STROKE}/>",
    "moon": f'<path d="M13.5 10A6 6 0 0 1 6 2.5a6 6 0 1 0 7.5 7.5z" {_STROKE} '
    'stroke-linejoin="round"/>',
    "up": f'<path d="M8 14V2.5M3.5 7 8 2.5 12.5 7" {_STROKE} stroke-linejoin="round"/>',
    "hand": f'<path d="M1.5 9.5 5 6h4l-1.5 2M8 8.5h3.5L14.5 6M1.5 13h6l6-4" {_STROKE} '
    'stroke-linejoin="round"/>',
}
"""What is drawn inside 16 by 16, in the colour of the text."""


@register.simple_tag
def shape(name: str) -> SafeString:
    """The drawing of that name; silent for a screen reader, which has the word."""
    return mark_safe(  # noqa: S308 - only what stands above
        '<svg class="app-shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        f"{SHAPES[name]}</svg>"
    )


@register.inclusion_tag("components/tag.html")
def tag(tone: str, shape: str, word: str) -> dict[str, str]:
    """A word in its tone, with its shape."""
    return {"tone": tone, "shape": shape, "word": word}


@register.inclusion_tag("components/tag.html")
def urgency(number: int | None) -> dict[str, str]:
    """The tag of an urgency, by its number: 0 the most dangerous."""
    if number is None:
        return Look("Nothing due", "good", "tick")._asdict()
    return URGENCY_LOOKS[tuple(Urgency)[number]]._asdict()


@register.inclusion_tag("components/owner.html")
def owner(name: str, state: str) -> dict[str, Any]:
    """Whose move it is, and whether they took it."""
    return {"name": owner_in_words(name), "look": OWNER_LOOKS[state]}


@register.filter
def day(value: date | None) -> str:
    """``12 Mar 2026``; a dash where there is none.

    Examples
    --------
    >>> day(date(2026, 3, 2))
    '2 Mar 2026'
    """
    if value is None:
        return "–"
    return f"{value.day} {value:%b %Y}"


@register.filter
def moment(value: datetime | None) -> str:
    """``2 Mar 2026, 07:12``, by the clinic's clock."""
    if value is None:
        return "–"
    here = localtime(value)
    return f"{day(here)}, {here:%H:%M}"


@register.filter
def days(count: int) -> str:
    """``1 day``, ``12 days``.

    Examples
    --------
    >>> days(1), days(0)
    ('1 day', '0 days')
    """
    return f"{count} day{'' if count == 1 else 's'}"


@register.filter
def waiting(count: int) -> str:
    """``today``, ``1 day``; ``in 3 days`` for what lies ahead.

    Examples
    --------
    >>> waiting(0), waiting(12), waiting(-3)
    ('today', '12 days', 'in 3 days')
    """
    if count < 0:
        return f"in {days(-count)}"
    return days(count) if count else "today"


@register.filter
def capital(text: str) -> str:
    """Its first letter large, the others as they are.

    Examples
    --------
    >>> capital("platelets 84")
    'Platelets 84'
    """
    return text[:1].upper() + text[1:]


@register.filter
def owner_words(name: str) -> str:
    """``MS team``."""
    return owner_in_words(name)


@register.filter
def fields(form: BaseForm) -> SafeString:
    """A form's fields without the summary of its errors, which a page with several has on top."""
    return form.render("components/fields.html")


@register.filter
def person_name(person: Person) -> str:
    """How a person is called on a page: by name, else by their identifier."""
    contact = getattr(person, "contact", None)
    return str(contact) if contact else person.person_id


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a form's field is laid out: ``checkbox``, ``choices`` or ``plain``."""
    widget = field.field.widget
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "checkbox" if isinstance(widget, CheckboxInput) else "plain"


@register.filter
def choice_word(field: BoundField) -> str:
    """The kit's word for a group of choices."""
    return "checkboxes" if isinstance(field.field.widget, CheckboxSelectMultiple) else "radios"


@register.filter
def first_id(field: BoundField) -> str:
    """The id of the first control of a field, which an error links to."""
    if widget_kind(field) == "choices":
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id
