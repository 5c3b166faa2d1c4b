"""The next tests as a calendar file: what and when, and nothing of any result."""

from datetime import UTC, datetime, time, timedelta

from icalendar import Calendar, Event

from afterdose.web.chart.seen import Seen


def calendar_of(seen: Seen) -> bytes:
    """The next tests of a person, each a whole day. The same record gives the same bytes.

    A test that is overdue stands on today: in a calendar a day that has passed is seen by nobody.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Afterdose//Next tests//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Next tests")
    for check, status in seen.next_tests:
        assert status.due_date is not None
        day = max(status.due_date, seen.as_of)
        event = Event()
        event.add("uid", f"{seen.person.pk}-{check.id}-{status.due_date}@afterdose")
        event.add("dtstamp", datetime.combine(seen.as_of, time.min, UTC))
        event.add("summary", f"{check.title}: test due")
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        calendar.add_component(event)
    return calendar.to_ical()
