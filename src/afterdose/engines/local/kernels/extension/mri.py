"""MRI activity by year: says what `outcomes.mri_activity` says."""

from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import (
    CLOSING_GD,
    EVERY_T2,
    MET,
    NO_SCAN,
    NO_YEAR,
    NOT_ASSESSABLE,
    NOT_MET,
    NOTHING,
)
from afterdose.engines.local.kernels.extension.nearest import first_from, year_end_place


@inlined
def activity_between(days, new_t2, gd, begin, stop, after, end):
    """Whether scans of a year show new T2 lesions, enhancing ones, and all have a T2 count."""
    has_t2, has_gd, is_counted = False, False, True
    row = first_from(days, begin, stop, after + 1)
    while row < stop and days[row] <= end:
        has_t2 |= new_t2[row] == 1
        has_gd |= gd[row] == 1
        is_counted &= new_t2[row] >= 0
        row += 1
    return has_t2, has_gd, is_counted


@compiled
def mri_of_all(lines, scans, near, found):
    """Fill in everybody's MRI activity; ``found`` is `engines.extension.Mri`."""
    rows, days, new_t2, gd = scans.offsets, scans.day, scans.new_t2, scans.gd
    for person in range(len(lines.start)):
        seen, who = lines.seen[person], lines.person[person]
        begin, stop, after = rows[who], rows[who + 1], lines.start[person]
        for year in range(found.either.shape[1]):
            if year >= seen:
                found.new_t2[person, year] = found.gd[person, year] = NO_YEAR
                found.either[person, year] = found.missing[person, year] = NO_YEAR
                continue
            anniversary = lines.anniversary[person, year + 1]
            closing = year_end_place(days, begin, stop, anniversary, near)
            end = days[closing] if closing >= 0 else anniversary
            has_t2, has_gd, is_counted = activity_between(days, new_t2, gd, begin, stop, after, end)
            after = end
            lacks_t2, lacks_gd = NOTHING, NOTHING
            if closing < 0:
                lacks_t2, lacks_gd = NO_SCAN, NO_SCAN
            else:
                if not is_counted:
                    lacks_t2 = EVERY_T2
                if gd[closing] < 0:
                    lacks_gd = CLOSING_GD
            t2_told, gd_told = has_t2 or lacks_t2 == NOTHING, has_gd or lacks_gd == NOTHING
            quiet_t2 = NOT_MET if t2_told else NOT_ASSESSABLE
            quiet_gd = NOT_MET if gd_told else NOT_ASSESSABLE
            found.new_t2[person, year] = MET if has_t2 else quiet_t2
            found.gd[person, year] = MET if has_gd else quiet_gd
            found.missing[person, year] = NOTHING
            if has_t2 or has_gd:
                found.either[person, year] = MET
            elif t2_told and gd_told:
                found.either[person, year] = NOT_MET
            else:
                found.either[person, year] = NOT_ASSESSABLE
                found.missing[person, year] = lacks_t2 if lacks_t2 != NOTHING else lacks_gd
