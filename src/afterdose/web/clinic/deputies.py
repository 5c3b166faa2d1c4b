"""Who steps in when nobody has answered: on each day of the week, weekends too."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.models import Duty

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By number, as `datetime.date.weekday` counts."""


@dataclass(frozen=True)
class OnDuty:
    """Who is on duty on a day; ``user`` is None where nobody is."""

    day: date
    user: User | None


def deputy_on(team: Team, day: date) -> User | None:
    """The first whose duty covers the day, if any."""
    for duty in team.duties.select_related("user").order_by("place", "pk"):
        if _covers(duty, day):
            return duty.user
    return None


def next_duties(team: Team) -> list[OnDuty]:
    """Today and the weekend to come, or what is left of it."""
    today = team.today
    days = [today + timedelta(days=ahead) for ahead in range(7)]
    asked = [day for day in days if day == today or day.weekday() >= 5]
    return [OnDuty(day, deputy_on(team, day)) for day in asked]


def _covers(duty: Duty, day: date) -> bool:
    return (
        duty.user.is_active
        and day.weekday() in duty.days
        and duty.starts <= day
        and (duty.ends is None or day <= duty.ends)
    )
