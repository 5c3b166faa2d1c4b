"""Arrays without an owner, for the length of one kernel.

Taking an array out of a tuple counts a reference up and down, with a locked instruction each time:
more than a row's whole work. The kernel's caller keeps every array alive until the kernel returns,
so inside it the arrays are used without counting.
"""

import numpy as np
from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from afterdose.engines.local.compile import Rules
from afterdose.engines.local.labs import Labs


@intrinsic
def bare(typing_context, array):
    """The same memory as an array that nobody counts."""

    def without_owner(context, builder, signature, arguments):
        found = context.make_array(signature.return_type)(context, builder, arguments[0])
        found.meminfo = ir.Constant(found.meminfo.type, None)
        found.parent = ir.Constant(found.parent.type, None)
        return found._getvalue()

    return array(array), without_owner


@njit(inline="always")
def bare_labs(labs):
    return Labs(
        bare(labs.moment),
        bare(labs.received),
        bare(labs.value),
        bare(labs.low),
        bare(labs.high),
        bare(labs.comparator),
        bare(labs.row),
        bare(labs.run_analyte),
        bare(labs.run_start),
        bare(labs.person_run),
    )


@njit(inline="always")
def bare_rules(rules):
    return Rules(
        bare(rules.checks),
        bare(rules.needs),
        bare(rules.phases),
        bare(rules.alerts),
        bare(rules.nodes),
        bare(rules.scans),
        bare(rules.pool),
        bare(rules.continuous),
        bare(rules.periods),
    )


@njit(inline="always")
def rows_of(first, stop):
    """Places from ``first`` up to ``stop`` without a sign.

    A signed place is looked at each time whether it counts from the end, and a loop with that
    question in it is not made into vector instructions: four to five times slower.
    """
    return range(np.uintp(first), np.uintp(stop))
