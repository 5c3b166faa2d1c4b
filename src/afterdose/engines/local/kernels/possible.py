"""What cannot be met by any of a person's results, found in one look at each run of them.

Most people meet few alerts. A predicate that no result can meet opens no episode, so only its
newest result has a say. False is certain here; True means that each result has to be judged.
"""

import numpy as np

from afterdose.engines.local.compile import (
    ABOVE,
    ALL,
    AT_LEAST,
    BASELINE,
    BELOW,
    LASTING,
    LIMIT,
    RANGE,
)
from afterdose.engines.local.kernels.bare import rows_of
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.kernels.judging import MET, NOT_MET, ends


@inlined
def find_possible(protocol, scan, labs, rules, room):
    """Of each single predicate of a protocol whether any result can meet it; False is certain.

    Returns the first scan of the next protocol.
    """
    while scan < len(rules.scans) and rules.scans[scan].protocol <= protocol:
        one = rules.scans[scan]
        if one.protocol == protocol:
            room.may[scan] = (one.weaker < 0 or room.may[one.weaker]) and (
                _leaf_may_be_met(one.node, labs, rules, room)
            )
        scan += 1
    return scan


@inlined
def may_be_met(root, rules, room):
    """Whether a predicate can be met at any result at all; False is certain, True is not.

    A combination of all needs every part, one of any needs one.
    """
    nodes = rules.nodes
    if nodes[root].kind <= LASTING:
        return room.may[nodes[root].scan]
    for node in range(nodes[root].lowest, root + 1):
        one = nodes[node]
        kind = one.kind
        if kind <= LASTING:
            may = room.may[one.scan]
        else:
            may = kind == ALL
            for position in range(one.child_from, one.child_to):
                part = room.answer[rules.pool[position]] == MET
                may = (may and part) if kind == ALL else (may or part)
        room.answer[node] = MET if may else NOT_MET
    return room.answer[root] == MET


@inlined
def _leaf_may_be_met(node, labs, rules, room):
    one = rules.nodes[node]
    kind, analyte = one.kind, one.analyte
    first, stop = room.runs[analyte, 0], room.runs[analyte, 1]
    if first == stop:
        return False
    if kind == LIMIT:
        return _any_beyond(first, stop, one.relation, one.number, labs)
    if kind == RANGE:
        return _any_out_of_range(first, stop, one.relation, one.number, labs)
    if kind == LASTING:
        return _count_below(first, stop, one.number, labs) >= one.results
    if kind == BASELINE:
        base = room.bases[analyte]
        if base < 0:
            return False
        _, high, _, _ = ends(labs.value[base], labs.comparator[base])
        # Below zero a greater multiple is the weaker one.
        return high < 0 or _any_beyond(first, stop, ABOVE, one.number * high, labs)
    return _any_fall(first, stop, one.number, labs)


@inlined
def _any_beyond(first, stop, relation, limit, labs):
    """Whether any result may be beyond a limit; one with a comparator always may."""
    found = np.int8(0)
    if relation == BELOW:
        for row in rows_of(first, stop):
            found |= np.int8(labs.value[row] < limit) | labs.comparator[row]
    elif relation == ABOVE:
        for row in rows_of(first, stop):
            found |= np.int8(labs.value[row] > limit) | labs.comparator[row]
    elif relation == AT_LEAST:
        for row in rows_of(first, stop):
            found |= np.int8(labs.value[row] >= limit) | labs.comparator[row]
    else:
        for row in rows_of(first, stop):
            found |= np.int8(labs.value[row] <= limit) | labs.comparator[row]
    return found != 0


@inlined
def _any_out_of_range(first, stop, relation, times, labs):
    """As `_any_beyond`, by the laboratory's own limits; a limit not given is met by nothing.

    Of a limit below zero a greater multiple would be the weaker one, so it always may.
    """
    found = np.int8(0)
    value, limit = labs.value, labs.low if relation == BELOW else labs.high
    if relation == BELOW:
        for row in rows_of(first, stop):
            found |= np.int8(value[row] < times * limit[row]) | np.int8(limit[row] < 0)
    elif relation == ABOVE:
        for row in rows_of(first, stop):
            found |= np.int8(value[row] > times * limit[row]) | np.int8(limit[row] < 0)
    elif relation == AT_LEAST:
        for row in rows_of(first, stop):
            found |= np.int8(value[row] >= times * limit[row]) | np.int8(limit[row] < 0)
    else:
        for row in rows_of(first, stop):
            found |= np.int8(value[row] <= times * limit[row]) | np.int8(limit[row] < 0)
    for row in rows_of(first, stop):
        found |= labs.comparator[row]
    return found != 0


@inlined
def _count_below(first, stop, limit, labs):
    count = 0
    for row in rows_of(first, stop):
        count += labs.value[row] < limit or labs.comparator[row] != 0
    return count


@inlined
def _any_fall(first, stop, keep, labs):
    """Whether any result lies low enough against the highest of those before it."""
    found = np.int8(0)
    highest = -np.inf
    for row in rows_of(first, stop):
        found |= np.int8(labs.value[row] <= keep * highest) | labs.comparator[row]
        highest = max(highest, labs.value[row])
    return found != 0
