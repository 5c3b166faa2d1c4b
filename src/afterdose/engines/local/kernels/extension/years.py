"""Years after the first course, and days under observation in them."""

from afterdose.engines.local.days import FIRST
from afterdose.engines.local.kernels.compiling import compiled, inlined


@inlined
def anniversary_of(calendar, start, year):
    """First day of year 1, 2, ... after a day."""
    place = start - FIRST
    at = calendar.year[place] + year - 1
    begin = calendar.begins[at]
    is_leap = calendar.begins[at + 1] - begin == 366
    return begin + calendar.place[place] + (calendar.late[place] if is_leap else 0)


@inlined
def year_of(calendar, start, day):
    """In which year after ``start`` a day on or after it lies, from 1."""
    year = calendar.year[day - FIRST] - calendar.year[start - FIRST] + 1
    return year if day >= anniversary_of(calendar, start, year) else year - 1


@inlined
def is_observed(first, last, begin, stop, day):
    """Whether one of a person's spans holds a day."""
    for span in range(begin, stop):  # noqa: SIM110  a kernel knows no any()
        if first[span] <= day <= last[span]:
            return True
    return False


@inlined
def observed_through(start, first, last, begin, stop):
    """The last day of unbroken observation from the first course; the day before it without any."""
    if begin < stop and first[begin] == start:
        return last[begin]
    return start - 1


@compiled
def anniversaries_of_all(calendar, start, found):
    """First days of years 1, 2, ..., one row a person."""
    for person in range(len(start)):
        for year in range(found.shape[1]):
            found[person, year] = anniversary_of(calendar, start[person], year + 1)
