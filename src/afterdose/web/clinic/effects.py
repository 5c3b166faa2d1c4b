"""What people's steps amount to for what stands on the list now.

A snooze hides nothing worse and nothing newer: it ends on its last day, with the next result behind
the finding, and when the finding becomes more urgent. So does an acknowledgement, and so does an
outcome, which also ends after `OUTCOME_HOLDS`, for a rule may still hold that nobody acts on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.timezone import localtime

from afterdose.web.clinic.models import Item, Step, StepKind

LONGEST_SNOOZE = timedelta(days=90)
"""Policy: the last day of a snooze lies no further ahead."""
OUTCOME_HOLDS = timedelta(days=28)
"""Policy: while its rule still holds, an item with an outcome comes back after so long."""

_QUIETING = (StepKind.SNOOZED, StepKind.WOKEN, StepKind.RESOLVED, StepKind.REOPENED)


@dataclass(frozen=True, slots=True)
class Effect:
    """Where an item stands by what people did about it.

    Attributes
    ----------
    acknowledged : Step or None
        Somebody has it in hand.
    quiet : Step or None
        The snooze or outcome that keeps it off the list for now.
    escalated : Step or None
        It was passed to a deputy, and nobody has answered since.
    """

    acknowledged: Step | None = None
    quiet: Step | None = None
    escalated: Step | None = None


NOTHING_DONE = Effect()


def effect_of(item: Item, steps: Iterable[Step], *, today: date) -> Effect:
    """What the steps of one item amount to.

    Parameters
    ----------
    item : Item
        As it stands now.
    steps : iterable of Step
        All of its own, oldest first.
    today : date
    """
    acknowledged = quiet = escalated = None
    for step in steps:
        match step.kind:
            case StepKind.ACKNOWLEDGED:
                acknowledged, escalated = step, None
            case StepKind.ESCALATED:
                escalated = step
            case StepKind.REOPENED:
                acknowledged = None
        if step.kind in _QUIETING:
            quiet = step
            escalated = None
    return Effect(
        acknowledged=acknowledged if acknowledged and holds(acknowledged, item) else None,
        quiet=quiet if quiet and _keeps_quiet(quiet, item, today) else None,
        escalated=escalated if escalated and holds(escalated, item) else None,
    )


def holds(step: Step, item: Item) -> bool:
    """Whether an item is still what it was: no newer result behind it, and no more urgent."""
    return step.rests_on == item.newest_row and (
        step.urgency is None or item.urgency >= step.urgency
    )


def _keeps_quiet(step: Step, item: Item, today: date) -> bool:
    if not holds(step, item):
        return False
    if step.kind == StepKind.SNOOZED:
        return step.until is not None and step.until >= today
    if step.kind == StepKind.RESOLVED:
        return localtime(step.at).date() + OUTCOME_HOLDS >= today
    return False


def by_item(steps: Iterable[Step]) -> dict[tuple[int, str], list[Step]]:
    """Steps by person and key, in the order given."""
    found: dict[tuple[int, str], list[Step]] = {}
    for step in steps:
        found.setdefault((step.person_id, step.key), []).append(step)
    return found
