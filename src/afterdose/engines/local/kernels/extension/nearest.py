"""Which visit or scan stands for a baseline, and which for a year's end: says what
`outcomes.visits` says."""

from afterdose.engines.local.kernels.compiling import inlined


@inlined
def first_from(days, begin, stop, day):
    """Place of the first of a person's rows, in order and one a day, on or after a day."""
    while begin < stop:
        middle = (begin + stop) // 2
        if days[middle] < day:
            begin = middle + 1
        else:
            stop = middle
    return begin


@inlined
def baseline_place(days, begin, stop, earliest, start):
    """Place of the last row on or before the first course; -1 if there is none since then."""
    place = first_from(days, begin, stop, start + 1) - 1
    return place if place >= begin and days[place] >= earliest else -1


@inlined
def year_end_place(days, begin, stop, day, near):
    """Place of the row nearest to a day, of two equally near the later; -1 if none is near."""
    place = first_from(days, begin, stop, day)
    if place > begin and (place == stop or day - days[place - 1] < days[place] - day):
        place -= 1
    return place if place < stop and abs(days[place] - day) <= near else -1
