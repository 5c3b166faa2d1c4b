"""The worklist as a table for a spreadsheet: a line an item."""

from collections.abc import Iterator

from afterdose.monitoring.words import owner_in_words
from afterdose.web.clinic.board import Shown
from afterdose.web.clinic.listing import Row
from afterdose.web.clinic.models import URGENCIES
from afterdose.web.pages.shapes import OWNER_LOOKS, person_name

COLUMNS = (
    "person_id",
    "name",
    "birth_date",
    "urgency",
    "what",
    "why",
    "next",
    "since",
    "days",
    "drug",
    "owner",
    "owner_state",
    "acknowledged_by",
    "escalated_to",
    "snoozed_until",
    "outcome",
    "months_since_course",
    "monitored_until",
)


def cells_of(row: Row) -> Iterator[list[str]]:
    """Every item of a person, most dangerous first; a person whose checks nobody owns has one."""
    for one in row.items:
        yield _safe([*_who(row), *_what(one), *_when(row)])
    if not row.items:
        checks = ", ".join(row.unowned)
        what = ["", "No accepted owner", checks, "", "", "", "", "", "", "", "", "", ""]
        yield _safe([*_who(row), *what, *_when(row)])


def _who(row: Row) -> list[object]:
    return [row.person.person_id, person_name(row.person), row.person.birth_date]


def _what(one: Shown) -> list[object]:
    item, effect = one.item, one.effect
    return [
        URGENCIES[item.urgency],
        item.what,
        item.why,
        item.then,
        item.since,
        item.days,
        item.drug,
        owner_in_words(item.owner),
        OWNER_LOOKS[item.owner_state].word,
        effect.acknowledged and effect.acknowledged.by,
        effect.escalated and effect.escalated.to,
        effect.quiet and effect.quiet.until,
        effect.quiet and effect.quiet.outcome,
    ]


def _when(row: Row) -> list[object]:
    return [row.standing.months_since_course, row.standing.monitored_until]


def _safe(cells: list[object]) -> list[str]:
    """As text that no spreadsheet takes for a formula."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in texts]
