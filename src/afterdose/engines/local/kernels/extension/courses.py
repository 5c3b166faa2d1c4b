"""Courses given, and retreatment: says what `outcomes.courses` and `outcomes.retreatment` say."""

from afterdose.engines.local.days import NEVER
from afterdose.engines.local.kernels.compiling import compiled
from afterdose.engines.local.kernels.extension.years import is_observed, year_of


@compiled
def courses_of_all(lines, treatments, numbers, planned, calendar, found):
    """Fill in everybody's courses; ``found`` is `engines.extension.Courses`.

    ``planned`` is how many courses are no retreatment.
    """
    rows, begun = treatments.offsets, treatments.start
    first, last, most_numbers = lines.first, lines.last, found.begun.shape[2]
    for person in range(len(lines.start)):
        start, seen = lines.start[person], lines.seen[person]
        who = lines.person[person]
        found.most[person] = 0
        found.retreated_after[person], found.retreated_year[person] = NEVER, 0
        for year in range(found.received.shape[1]):
            found.received[person, year] = 1 if year < seen else 0
        stop = rows[who + 1]
        for row in range(rows[who], stop):
            number, day = numbers[row], begun[row]
            found.most[person] = max(found.most[person], number)
            if day < start:
                continue
            year = year_of(calendar, start, day)
            is_first = found.retreated_year[person] == 0
            if number > planned and day > start and is_first:
                found.retreated_after[person], found.retreated_year[person] = day - start, year
            # Of two courses on one day the last one stands.
            if year > seen or (row + 1 < stop and begun[row + 1] == day):
                continue
            if is_observed(first, last, lines.span[person], lines.span[person + 1], day):
                found.begun[person, year - 1, min(number, most_numbers) - 1] += 1
            for later in range(year, seen):
                found.received[person, later] = max(found.received[person, later], number)
