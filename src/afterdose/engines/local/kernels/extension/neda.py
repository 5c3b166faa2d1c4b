"""No evidence of disease activity: says what `outcomes.neda` says."""

from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.compiling import compiled, inlined
from afterdose.engines.local.kernels.extension.codes import (
    ATROPHY,
    MET,
    MRI,
    NO_YEAR,
    NOT_ASSESSABLE,
    NOT_MET,
    RELAPSE,
    WORSENING,
)


@inlined
def closing_day(closing, anniversary, person, year):
    """Day of the visit nearest to a year's end; without one, the anniversary."""
    day = closing[person, year]
    return anniversary[person, year + 1] if day == NONE else day


@inlined
def worsening_in(closing, anniversary, change, start, near, person, year):
    """Whether the first confirmed worsening began in a year."""
    answer, onset, censored = change
    if answer == NOT_ASSESSABLE:
        return NOT_ASSESSABLE
    has_onset = onset != NEVER
    if has_onset and start + onset <= closing_day(closing, anniversary, person, year):
        had_it = year > 0 and start + onset <= closing_day(closing, anniversary, person, year - 1)
        return NOT_MET if had_it else MET
    told = onset if has_onset else censored
    if told == NEVER or closing[person, year] == NONE:
        return NOT_ASSESSABLE
    is_late = start + told >= anniversary[person, year + 1] - near
    return NOT_MET if is_late else NOT_ASSESSABLE


@inlined
def answer_of(active, lacking):
    """No component with activity, and none missing."""
    if active:
        return NOT_MET
    return NOT_ASSESSABLE if lacking else MET


@compiled
def neda_of_all(lines, closing, free, cdw, mri, volume, limit, near, found):
    """Fill in everybody's answers by one definition; ``found`` is `engines.extension.Nedas`.

    ``volume`` (people, years) is the yearly change, and ``limit`` the loss that is activity; a
    volume of no years takes no part.
    """
    has_volume = volume.shape[1] > 0
    starts, all_seen, anniversary = lines.start, lines.seen, lines.anniversary
    answers, onsets, censored = cdw.answer, cdw.onset, cdw.censored
    for person in range(len(starts)):
        start, seen = starts[person], all_seen[person]
        worsened = answers[person], onsets[person], censored[person]
        ever_active, ever_lacking = 0, 0
        for year in range(free.shape[1]):
            active, lacking = 0, 0
            if year >= seen:
                found.answer[person, year] = found.through[person, year] = NO_YEAR
                found.active[person, year] = found.lacking[person, year] = 0
                continue
            if free[person, year] == NOT_MET:
                active |= RELAPSE
            elif free[person, year] == NOT_ASSESSABLE:
                lacking |= RELAPSE
            worsening = worsening_in(closing, anniversary, worsened, start, near, person, year)
            if worsening == MET:
                active |= WORSENING
            elif worsening == NOT_ASSESSABLE:
                lacking |= WORSENING
            if mri[person, year] == MET:
                active |= MRI
            elif mri[person, year] == NOT_ASSESSABLE:
                lacking |= MRI
            if has_volume:
                change = volume[person, year]
                if change != change:  # not a number
                    lacking |= ATROPHY
                elif change < -limit:
                    active |= ATROPHY
            ever_active |= active
            ever_lacking |= lacking
            found.active[person, year], found.lacking[person, year] = active, lacking
            found.answer[person, year] = answer_of(active, lacking)
            found.through[person, year] = answer_of(ever_active, ever_lacking)
