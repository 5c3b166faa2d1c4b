"""Results from before birth or after death: part of `monitoring.impossible`."""

from afterdose.engines.local.kernels.bare import bare, bare_labs
from afterdose.engines.local.kernels.compiling import compiled
from afterdose.engines.local.kernels.judging import day_at


@compiled
def results_outside_life(born, died, labs, found):
    """Mark in ``found`` everybody who has a result before ``born`` or after ``died``."""
    labs, found = bare_labs(labs), bare(found)
    for person in range(len(born)):
        for run in range(labs.person_run[person], labs.person_run[person + 1]):
            first, stop = labs.run_start[run], labs.run_start[run + 1]
            if first < stop:
                found[person] |= day_at(labs, first) < born[person]
                found[person] |= day_at(labs, stop - 1) > died[person]
