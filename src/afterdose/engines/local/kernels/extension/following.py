"""How long people were under observation: says what `outcomes.timeline` says."""

from afterdose.engines.local.days import NONE
from afterdose.engines.local.kernels.compiling import compiled
from afterdose.engines.local.kernels.extension.codes import DIED, NOT_ENDED, NOT_STATED
from afterdose.engines.local.kernels.extension.years import (
    is_observed,
    observed_through,
    year_of,
)


@compiled
def spans_of_all(morning, died, treatments, follow_up, calendar, found):
    """Everybody's first course, and the spans under observation from it on.

    ``found`` are: the number of each course; and of each person the first day (`NONE`: not in the
    record), the year of the last day seen, and the spans, whose ends take the places of rows of
    follow-up.
    """
    numbers, starts, seen, spans, first, last = found
    courses, begun, given = treatments.offsets, treatments.start, treatments.number
    rows, opens, closes = follow_up.offsets, follow_up.first, follow_up.last
    for person in range(len(died)):
        start, number = NONE, 0
        for row in range(courses[person], courses[person + 1]):
            number = given[row] if given[row] != 0 else number + 1
            numbers[row] = number
            if number == 1 and start == NONE:
                start = begun[row]
        starts[person], seen[person], spans[person] = start, 0, 0
        if start == NONE:
            continue
        until = min(morning, died[person])
        place = rows[person]
        for row in range(rows[person], rows[person + 1]):
            begin, end = max(opens[row], start), min(closes[row], until)
            if end < begin:
                continue
            if place > rows[person] and begin <= last[place - 1] + 1:
                last[place - 1] = max(last[place - 1], end)
            else:
                first[place], last[place] = begin, end
                place += 1
        spans[person] = place - rows[person]
        if place > rows[person]:
            seen[person] = year_of(calendar, start, last[place - 1])


@compiled
def followed_of_all(morning, lines, follow_up, calendar, found):
    """Fill in how long each person was followed; ``found`` is `engines.extension.Followed`."""
    first, last = lines.first, lines.last
    rows, opens, closes, reasons = (
        follow_up.offsets, follow_up.first, follow_up.last, follow_up.why,
    )  # fmt: skip
    anniversary, days = lines.anniversary, found.days
    years = days.shape[1]
    for person in range(len(lines.start)):
        start, died = lines.start[person], lines.died[person]
        begin, stop = lines.span[person], lines.span[person + 1]
        found.start[person] = start
        found.years_seen[person] = lines.seen[person]
        found.spans[person] = stop - begin
        found.on_data_day[person] = is_observed(first, last, begin, stop, morning)
        found.unbroken[person] = observed_through(start, first, last, begin, stop) - start
        over = year_of(calendar, start, morning)
        found.years_over[person] = over - 1 + (year_of(calendar, start, morning + 1) > over)
        in_all = 0
        for span in range(begin, stop):
            in_all += last[span] - first[span] + 1
        found.days_in_all[person] = in_all
        completed_through = 0
        for year in range(years):
            opening, closing = anniversary[person, year], anniversary[person, year + 1] - 1
            seen, entered, completed = 0, False, False
            for span in range(begin, stop):
                seen += max(0, min(last[span], closing) - max(first[span], opening) + 1)
                entered |= first[span] <= opening <= last[span]
                completed |= first[span] <= closing <= last[span]
            found.anniversary[person, year] = opening - start
            days[person, year] = seen
            found.entered[person, year], found.completed[person, year] = entered, completed
            if completed:
                completed_through = year + 1
        found.anniversary[person, years] = anniversary[person, years] - start
        found.years_completed[person] = completed_through
        # The end of observation, and why it came.
        has_died = died <= morning
        found.end_year[person], found.end_why[person] = 0, NOT_ENDED
        if not has_died and (begin == stop or last[stop - 1] >= morning):
            continue
        end = last[stop - 1] if begin < stop else start
        found.end_year[person] = year_of(calendar, start, end)
        why = NOT_STATED
        if died == end:
            why = DIED
        else:
            newest = -1
            who = lines.person[person]
            for row in range(rows[who], rows[who + 1]):
                if opens[row] <= morning and (newest < 0 or opens[row] > opens[newest]):
                    newest = row
            if newest >= 0 and closes[newest] <= morning:
                why = reasons[newest]
        found.end_why[person] = why


@compiled
def deaths_of_all(lines, calendar, morning, cause, found):
    """Fill in deaths known; ``found`` is `engines.extension.Deaths`."""
    first, last = lines.first, lines.last
    for person in range(len(lines.start)):
        start, died = lines.start[person], lines.died[person]
        found.year[person], found.observed[person], found.cause[person] = 0, False, -1
        found.days[person] = died
        if died > morning:
            continue
        found.days[person] = died - start
        if died >= start:
            begin, stop = lines.span[person], lines.span[person + 1]
            found.year[person] = year_of(calendar, start, died)
            found.observed[person] = is_observed(first, last, begin, stop, died)
            found.cause[person] = cause[person]
