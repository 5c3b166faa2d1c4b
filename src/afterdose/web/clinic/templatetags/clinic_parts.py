"""What only pages about the list draw."""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

from afterdose.record.dates import PartialDate
from afterdose.web.clinic.actions import OUTCOMES
from afterdose.web.clinic.deputies import DAYS
from afterdose.web.clinic.models import Step
from afterdose.web.clinic.ownership import Owned
from afterdose.web.clinic.sparkline import Sparkline
from afterdose.web.record.models import Person

register = template.Library()


@register.inclusion_tag("clinic/sparkline.html")
def sparkline(line: Sparkline, title: str) -> dict[str, Any]:
    """A small line with its newest value and what was measured."""
    return {"line": line, "title": title}


@register.filter
def chart_of(person: Person) -> str:
    """A person's chart, where there is one."""
    try:
        return reverse("chart:chart", kwargs={"pk": person.pk})
    except NoReverseMatch:
        return ""


@register.filter
def outcome_words(step: Step) -> str:
    """``Referred to a specialist``."""
    return OUTCOMES.get(step.outcome, step.outcome)


@register.filter
def partial_day(value: str | None) -> str:
    """As much as is known: ``17 May 1984``, ``May 1984`` or ``1984``.

    Examples
    --------
    >>> partial_day("1984-05"), partial_day(None)
    ('May 1984', 'not recorded')
    """
    if not value:
        return "not recorded"
    known = PartialDate.parse(value)
    month = f"{known.earliest():%b} " if known.month else ""
    day = f"{known.day} " if known.day else ""
    return f"{day}{month}{known.year}"


@register.filter
def check_title(check: str, owned: list[Owned]) -> str:
    """A check's title, where a protocol in force has it; else its id."""
    return next((one.title for one in owned if one.check == check), check)


@register.filter
def day_names(days: list[int]) -> str:
    """``Mon, Tue``."""
    return ", ".join(DAYS[day][:3] for day in sorted(days))
