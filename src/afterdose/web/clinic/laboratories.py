"""When the last result came from each laboratory, and whether one has fallen silent.

How long a laboratory may be silent is the team's policy: `afterdose.web.clinic.models.Laboratory`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.timezone import localtime

from afterdose.web.accounts.models import Team
from afterdose.web.clinic.models import Laboratory
from afterdose.web.record.models import Arrival, Lab


@dataclass(frozen=True)
class LastResult:
    """The last that was heard of one laboratory.

    Attributes
    ----------
    laboratory : Laboratory
    day : date or None
        When its last result was received; None: none ever was.
    moment : datetime or None
        When its last message landed, where it comes by a feed.
    is_silent : bool
        It has sent nothing for longer than it may.
    days : int
        Days since.
    """

    laboratory: Laboratory
    day: date | None
    moment: datetime | None
    is_silent: bool
    days: int


def last_results(team: Team) -> list[LastResult]:
    """The last result from each laboratory that is watched; the silent ones first."""
    found = [
        _last_result(team, one)
        for one in team.laboratories.filter(is_watched=True).order_by("provider")
    ]
    return sorted(found, key=lambda one: not one.is_silent)


def note_laboratories(team: Team) -> int:
    """Watch every laboratory that has sent a result lately and is not known yet; how many are new.

    Those that have sent nothing for half a year when they are first seen are left out: they would
    stand on the page as silent for ever.
    """
    recent = team.today - timedelta(days=183)
    seen = (
        Lab.objects.filter(person__team=team, received_date__gte=recent)
        .exclude(provider=None)
        .order_by()
        .values_list("provider", flat=True)
        .distinct()
    )
    with transaction.atomic():
        known = set(team.laboratories.values_list("provider", flat=True))
        new = sorted(set(seen) - known)
        Laboratory.objects.bulk_create(Laboratory(team=team, provider=name) for name in new)
    return len(new)


def _last_result(team: Team, laboratory: Laboratory) -> LastResult:
    rows = Lab.objects.filter(provider=laboratory.provider, person__team=team)
    rows = rows.filter(received_date__lte=team.today)
    day = rows.order_by("-received_date").values_list("received_date", flat=True).first()
    # A feed is called as the laboratory is, unless the team says otherwise.
    landed = Arrival.objects.filter(team=team, feed=laboratory.feed or laboratory.provider)
    moment = landed.order_by("-landed_at").values_list("landed_at", flat=True).first()
    if moment is not None:
        # What came otherwise does not show that the feed still works.
        day = localtime(moment).date()
    days = (team.today - day).days if day else 0
    is_silent = day is None or days > laboratory.every_days
    return LastResult(laboratory, day, moment, is_silent, days)
