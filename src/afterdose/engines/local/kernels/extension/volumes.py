"""Change of brain volume, and a person's own slope: says what `outcomes.brain_volume` and
`outcomes.ageing` say."""

import numpy as np

from afterdose.engines.local.days import FIRST
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import (
    BROKEN,
    NO_FIRST,
    NO_LAST,
    NO_VOLUME,
    NO_YEAR,
    NOT_RECORDED,
    NOTHING,
    OTHER_METHOD,
    OTHER_SCANNER,
    TOO_NEAR,
)
from afterdose.engines.local.kernels.extension.nearest import (
    baseline_place,
    year_end_place,
)


@inlined
def has_volume(rows, begin, stop, row, is_bpf):
    """Whether a scan counts: it has the volume, or is by a method that gives PBVC."""
    if is_bpf:
        return not np.isnan(rows.bpf[row])
    if not np.isnan(rows.pbvc[row]):
        return True
    method = rows.method[row]
    if method < 0:
        return False
    for other in range(begin, stop):
        if rows.method[other] == method and not np.isnan(rows.pbvc[other]):
            return True
    return False


@inlined
def scans_of(rows, begin, stop, is_bpf, scans, counted):
    """One person's scans with a volume, one a day, into ``scans``; returns how many.

    Of several methods on one day the one used most often stands, then the last by the alphabet,
    then the last row.
    """
    for row in range(begin, stop):
        counted[row - begin] = has_volume(rows, begin, stop, row, is_bpf)
    count, day, most, highest = 0, -1, 0, 0
    for row in range(begin, stop):
        if not counted[row - begin]:
            continue
        method = rows.method[row]
        often = 0
        for other in range(begin, stop):
            often += counted[other - begin] and rows.method[other] == method
        if count == 0 or rows.day[row] != day:
            count += 1
        elif often < most or (often == most and method < highest):
            continue
        day, most, highest = rows.day[row], often, method
        scans.row[count - 1] = row
    return count


@inlined
def level_scans(rows, count, is_bpf, scans):
    """Days, levels and stretches of comparable scans of one person's ``count`` scans.

    The level of PBVC is an index that begins at 100 with each stretch.
    """
    stretch, level = 0, 100.0
    for place in range(count):
        row = scans.row[place]
        method, scanner = rows.method[row], rows.scanner[row]
        if is_bpf:
            level = rows.bpf[row]
        else:
            # A scan without a recorded method or scanner is compared with none, in no stretch.
            alike = False
            if place > 0 and method >= 0 and scanner >= 0:
                before = scans.row[place - 1]
                alike = rows.method[before] == method and rows.scanner[before] == scanner
            if alike and not np.isnan(rows.pbvc[row]):
                level *= 1 + rows.pbvc[row] / 100
            else:
                stretch, level = stretch + 1, 100.0
        scans.day[place], scans.level[place], scans.stretch[place] = rows.day[row], level, stretch
        scans.method[place], scans.scanner[place] = method, scanner


@inlined
def is_alike(scans, one, other):
    """Whether two scans are by one method on one scanner."""
    is_method = scans.method[one] == scans.method[other]
    return is_method and scans.scanner[one] == scans.scanner[other]


@inlined
def lacking_between(scans, earlier, later, apart):
    """Why two scans cannot be compared; `NOTHING` where they can."""
    if earlier < 0:
        return NO_FIRST
    if later < 0:
        return NO_LAST
    if scans.level[earlier] == 0:
        return NO_VOLUME
    if min(scans.method[earlier], scans.scanner[earlier]) < 0:
        return NOT_RECORDED
    if min(scans.method[later], scans.scanner[later]) < 0:
        return NOT_RECORDED
    if scans.method[earlier] != scans.method[later]:
        return OTHER_METHOD
    if scans.scanner[earlier] != scans.scanner[later]:
        return OTHER_SCANNER
    if scans.stretch[earlier] != scans.stretch[later]:
        return BROKEN
    if scans.day[later] < apart[scans.day[earlier] - FIRST]:
        return TOO_NEAR
    return NOTHING


@inlined
def change_between(scans, earlier, later, days_per_year):
    """Change in percent of the earlier scan; in all, and a year."""
    change = 100 * (scans.level[later] - scans.level[earlier]) / scans.level[earlier]
    years = (scans.day[later] - scans.day[earlier]) / days_per_year
    return change, change / years


@inlined
def slope_of(scans, first, stop, days_per_year, student):
    """The least-squares slope in percent of the first scan a year; half its interval's width."""
    count, begin, level = stop - first, scans.day[first], scans.level[first]
    sum_x, sum_y = 0.0, 0.0
    for place in range(first, stop):
        sum_x += (scans.day[place] - begin) / days_per_year
        sum_y += 100 * scans.level[place] / level
    middle_x, middle_y = sum_x / count, sum_y / count
    spread, product, residual = 0.0, 0.0, 0.0
    for place in range(first, stop):
        x = (scans.day[place] - begin) / days_per_year - middle_x
        spread += x * x
        product += x * (100 * scans.level[place] / level - middle_y)
    slope = product / spread
    for place in range(first, stop):
        x = (scans.day[place] - begin) / days_per_year - middle_x
        left = 100 * scans.level[place] / level - middle_y - slope * x
        residual += left * left
    return slope, student[count - 2] * np.sqrt(residual / (count - 2) / spread)


@compiled
def volumes_of_all(lines, rows, rule, student, scans, counted, found):
    """Fill in everybody's volumes by one measure; ``found`` is `engines.extension.Volumes`.

    ``student`` is the 97.5th percentile of Student's t by degrees of freedom; ``scans`` and
    ``counted`` are room for one person's.
    """
    is_bpf, near, months = rule.is_bpf, rule.near, rule.start_months
    per_year = rule.days_per_year
    anniversary, days = lines.anniversary, scans.day
    for person in range(len(lines.start)):
        seen, who = lines.seen[person], lines.person[person]
        begin, stop = rows.offsets[who], rows.offsets[who + 1]
        count = scans_of(rows, begin, stop, is_bpf, scans, counted)
        level_scans(rows, count, is_bpf, scans)
        baseline = baseline_place(days, 0, count, lines.baseline_from[person], lines.start[person])
        first = baseline
        if months > 0:
            first = year_end_place(days, 0, count, lines.volume_from[person], near)
        earlier = baseline
        for year in range(found.yearly.shape[1]):
            found.yearly[person, year] = found.since_baseline[person, year] = np.nan
            found.since_start[person, year] = np.nan
            found.missing[person, year], found.method[person, year] = NO_YEAR, -1
            if year >= seen:
                continue
            later = year_end_place(days, 0, count, anniversary[person, year + 1], near)
            lacking = lacking_between(scans, earlier, later, rule.apart)
            found.missing[person, year] = lacking
            if lacking == NOTHING:
                _, found.yearly[person, year] = change_between(scans, earlier, later, per_year)
                found.method[person, year] = scans.method[earlier]
            if lacking_between(scans, baseline, later, rule.apart) == NOTHING:
                found.since_baseline[person, year], _ = change_between(
                    scans, baseline, later, per_year
                )
            is_after = 12 * (year + 1) > months
            if is_after and lacking_between(scans, first, later, rule.apart) == NOTHING:
                _, found.since_start[person, year] = change_between(scans, first, later, per_year)
            earlier = later
        # A person's own line.
        found.slope[person] = found.low[person] = found.high[person] = np.nan
        found.scanner_changed[person] = False
        if first < 0 or scans.level[first] == 0:
            continue
        if min(scans.method[first], scans.scanner[first]) < 0:
            continue
        end = first
        while (
            end < count
            and is_alike(scans, first, end)
            and (scans.stretch[end] == scans.stretch[first])
        ):
            end += 1
        for place in range(end, count):
            found.scanner_changed[person] |= not is_alike(scans, first, place)
        if end - first < rule.fewest or days[end - 1] < rule.span[days[first] - FIRST]:
            continue
        slope, half = slope_of(scans, first, end, per_year, student)
        found.slope[person] = slope
        found.low[person], found.high[person] = slope - half, slope + half
