"""Findings that nobody has taken in hand in time are passed to a deputy, at weekends too."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.mail import send_mail
from django.db import transaction
from django.utils.timezone import localtime

from afterdose.monitoring import Urgency
from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.actions import escalate
from afterdose.web.clinic.deputies import deputy_on
from afterdose.web.clinic.effects import by_item, effect_of, holds
from afterdose.web.clinic.models import URGENCIES, Item, Step, StepKind
from afterdose.web.record.models import Lab

ANSWER_WITHIN = {
    URGENCIES.index(Urgency.ACT_TODAY): timedelta(days=1),
    URGENCIES.index(Urgency.ACT_SOON): timedelta(days=3),
    URGENCIES.index(Urgency.REVIEW): timedelta(days=14),
}
"""Policy: how long after the newest result was received somebody has to have a finding in hand."""


@dataclass(frozen=True)
class Escalated:
    """What one run did.

    Attributes
    ----------
    passed : int
        Findings passed to the deputy.
    nobody : int
        Findings that were late while nobody was on duty.
    """

    passed: int
    nobody: int


def escalate_overdue(team: Team) -> Escalated:
    """Pass every finding nobody has answered in time to whoever is on duty today; each once a day.

    A finding is answered once somebody acknowledged, snoozed or resolved it as it stands.
    """
    late = _late(team)
    deputy = deputy_on(team, team.today)
    if deputy is None:
        return Escalated(passed=0, nobody=len(late))
    with transaction.atomic():
        for item, why in late:
            escalate(item, by=None, to=deputy, reason=why)
        if late:
            transaction.on_commit(lambda: _tell(deputy, team, len(late)))
    return Escalated(passed=len(late), nobody=0)


def _late(team: Team) -> list[tuple[Item, str]]:
    items = list(
        Item.objects.filter(team=team, urgency__in=ANSWER_WITHIN)
        .select_related("team")
        .order_by("person", "position")
    )
    people = {item.person_id for item in items}
    steps = Step.objects.filter(team=team, person__in=people).order_by("at", "pk")
    done = by_item(steps)
    received = _received(items)
    found = []
    for item in items:
        own = done.get((item.person_id, item.key), [])
        effect = effect_of(item, own, today=team.today)
        known = received.get(item.newest_row) or item.since or team.today
        limit = known + ANSWER_WITHIN[item.urgency]
        is_answered = effect.acknowledged or effect.quiet
        if limit <= team.today and not is_answered and not _passed_today(item, own, team):
            found.append((item, f"Nobody had it in hand by {limit}."))
    return found


def _received(items: list[Item]) -> dict[str, date]:
    """When the newest result behind each item was received."""
    keys = {item.newest_row.removeprefix("labs:") for item in items}
    rows = Lab.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    return {f"labs:{pk}": day for pk, day in rows.values_list("pk", "received_date")}


def _passed_today(item: Item, steps: list[Step], team: Team) -> bool:
    return any(
        step.kind == StepKind.ESCALATED
        and holds(step, item)
        and localtime(step.at).date() == team.today
        for step in steps
    )


def _tell(deputy: User, team: Team, count: int) -> None:
    """A letter without names and values: they stand behind the sign-in."""
    findings = f"{count} finding{'' if count == 1 else 's'}"
    send_mail(
        f"Afterdose: {findings} passed to you",
        f"{findings} of {team.name} had nobody who took them in hand in time. You are on duty "
        "today. Sign in and open the worklist.\n",
        None,
        [deputy.email],
    )
