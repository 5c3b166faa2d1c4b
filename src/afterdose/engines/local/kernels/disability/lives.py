"""What was given to whom, as far as a definition of outcomes asks."""

import numpy as np

from afterdose.engines.local.days import NEVER, NONE
from afterdose.engines.local.kernels.bare import bare
from afterdose.engines.local.kernels.compiling import compiled

LIFE = np.dtype([(name, np.int32) for name in ("died", "first_course", "retreated", "switched")])
"""A person: the days of death, of the first course of one drug, of its first course beyond the
planned two, and of the first other drug after its first dose. `NEVER`: none. ``first_course`` is
`NONE` without any course begun, and `NEVER` where the record does not hold the first one."""

_PLANNED_COURSES = 2


@compiled
def lives_of_all(died, doses, drug, as_of, found):
    """Fill in ``found``, a `LIFE` record a person; ``drug`` -1 is a drug that nobody was given."""
    offsets, drugs, starts, numbers = (
        bare(doses.offsets), bare(doses.drug), bare(doses.start), bare(doses.number)
    )  # fmt: skip
    for person in range(len(found)):
        life = found[person]
        life.died = died[person]
        life.first_course = NONE
        life.retreated = NEVER
        life.switched = NEVER
        first, number = NEVER, 0
        for row in range(offsets[person], offsets[person + 1]):
            if drugs[row] != drug:
                continue
            start = starts[row]
            first = min(first, start)
            number = numbers[row] if numbers[row] > 0 else number + 1
            if start > as_of:
                continue
            if number == 1 and (life.first_course == NONE or life.first_course == NEVER):
                life.first_course = start
            elif life.first_course == NONE:
                life.first_course = NEVER
            if number > _PLANNED_COURSES:
                life.retreated = min(life.retreated, start)
        for row in range(offsets[person], offsets[person + 1]):
            if drugs[row] != drug and first < starts[row] <= as_of:
                life.switched = min(life.switched, starts[row])
