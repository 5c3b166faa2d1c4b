"""Predicates at one result: says what `monitoring.predicates`, `verdicts` and `lasting` say."""

import numpy as np

from afterdose.engines.local.compile import (
    ABOVE,
    ALL,
    ANY,
    AT_LEAST,
    AT_MOST,
    BASELINE,
    BELOW,
    BY_BASELINE,
    FALL,
    LASTING,
    LIMIT,
    RANGE,
)
from afterdose.engines.local.days import FIRST, NONE
from afterdose.engines.local.kernels.compiling import inlined
from afterdose.engines.local.labs import SECONDS

NOT_MET, MET, NOT_ASSESSABLE = 0, 1, 2
# What makes a predicate not assessable: bits of a mask.
EXACT, RANGE_LIMIT, BASE, IN_TIME, GAP, EARLIER, BASE_RANGE, SINCE = (1 << bit for bit in range(8))
UNDECIDED = EXACT | GAP | SINCE
"""Reasons for which a result may meet a predicate, and another result would tell."""


@inlined
def ends(value, comparator):
    """The lowest and highest value a result allows, and whether each end is excluded."""
    if comparator == 0:
        return value, value, False, False
    if comparator <= 2:
        return -np.inf, value, False, comparator == 1
    return value, np.inf, comparator == 3, False


@inlined
def beyond(value, comparator, relation, limit):
    """Whether every value, or no value, that a result allows lies beyond a limit."""
    if comparator == 0:
        if relation == BELOW:
            return MET if value < limit else NOT_MET
        if relation == AT_MOST:
            return MET if value <= limit else NOT_MET
        if relation == ABOVE:
            return MET if value > limit else NOT_MET
        return MET if value >= limit else NOT_MET
    low, high, low_open, high_open = ends(value, comparator)
    if relation >= ABOVE:
        low, high, low_open, high_open = -high, -low, high_open, low_open
        limit = -limit
    includes = relation in (AT_MOST, AT_LEAST)
    if high < limit or (high == limit and (includes or high_open)):
        return MET
    if low > limit or (low == limit and (not includes or low_open)):
        return NOT_MET
    return NOT_ASSESSABLE


@inlined
def day_at(labs, place):
    return labs.moment[place] >> SECONDS


@inlined
def last_up_to(day, first, stop, labs):
    """The last of a run's results taken on or before ``day``; ``first - 1``: none was."""
    if first == stop or day_at(labs, stop - 1) <= day:
        return stop - 1
    low, high = first, stop - 1
    while low < high:
        middle = (low + high) >> 1
        if day_at(labs, middle) <= day:
            low = middle + 1
        else:
            high = middle
    return low - 1


@inlined
def leaf_at(node, place, first, base, start, rules, labs):
    """One single predicate at one result.

    Returns the answer, the newest day on which a row it used was received, and what makes it not
    assessable (0: nothing that has a name).
    """
    nodes = rules.nodes
    kind = nodes[node].kind
    value, comparator = labs.value[place], labs.comparator[place]
    received = labs.received[place]
    if kind == LIMIT:
        answer = beyond(value, comparator, nodes[node].relation, nodes[node].number)
        return answer, received, EXACT
    if kind == RANGE:
        relation = nodes[node].relation
        limit = labs.low[place] if relation == BELOW else labs.high[place]
        if np.isnan(limit):
            return NOT_ASSESSABLE, received, RANGE_LIMIT
        return beyond(value, comparator, relation, nodes[node].number * limit), received, EXACT
    if kind == BASELINE:
        if base < 0 or base == place:
            return NOT_ASSESSABLE, received, BASE
        received = max(received, labs.received[base])
        low, high, _, _ = ends(value, comparator)
        base_low, base_high, _, _ = ends(labs.value[base], labs.comparator[base])
        factor = nodes[node].number
        if low > factor * base_high:
            return MET, received, 0
        if high <= factor * base_low:
            return NOT_MET, received, 0
        return NOT_ASSESSABLE, received, EXACT
    if kind == FALL:
        return fall_at(node, place, first, rules, labs)
    return lasting_at(node, place, first, start, rules, labs)


@inlined
def fall_at(node, place, first, rules, labs):
    """Compared with the last result of an earlier day."""
    nodes = rules.nodes
    before = place - 1
    while before >= first and day_at(labs, before) == day_at(labs, place):
        before -= 1
    received = labs.received[place]
    if before < first:
        return NOT_ASSESSABLE, received, EARLIER
    received = max(received, labs.received[before])
    low, high, _, _ = ends(labs.value[place], labs.comparator[place])
    then_low, then_high, _, _ = ends(labs.value[before], labs.comparator[before])
    keep, floor = nodes[node].number, nodes[node].second
    if high <= keep * then_low and low > floor:
        return MET, received, 0
    if low > keep * then_high or high <= floor:
        return NOT_MET, received, 0
    return NOT_ASSESSABLE, received, EXACT


@inlined
def inside(node, place, rules, labs):
    """Whether a result lies in the range of a state that lasts."""
    nodes = rules.nodes
    value, comparator = labs.value[place], labs.comparator[place]
    below = beyond(value, comparator, BELOW, nodes[node].number)
    low = nodes[node].second
    if np.isnan(low) or below == NOT_MET:
        return below
    enough = beyond(value, comparator, AT_LEAST, low)
    return below if enough == MET else enough


@inlined
def lasting_at(node, place, first, start, rules, labs):
    """A state that must have lasted: the chain of results behind this one and its reach."""
    nodes, periods = rules.nodes, rules.periods
    here = inside(node, place, rules, labs)
    received = labs.received[place]
    if here != MET:
        return here, received, EXACT
    lasting, gap = nodes[node].period, nodes[node].gap
    today = day_at(labs, place)
    chain, count = place, 1
    while chain > first and inside(node, chain - 1, rules, labs) == MET:
        if periods[gap, day_at(labs, chain - 1) - FIRST] < day_at(labs, chain):
            break
        chain -= 1
        count += 1
        received = max(received, labs.received[chain])
    if periods[lasting, day_at(labs, chain) - FIRST] < today and count >= nodes[node].results:
        return MET, received, 0
    possible = possible_start(node, place, first, start, rules, labs)
    if periods[lasting, possible - FIRST] < today:
        return NOT_ASSESSABLE, received, GAP
    return NOT_MET, received, 0


@inlined
def possible_start(node, place, first, start, rules, labs):
    """The earliest day the state can have begun on: gaps and bounds in its favour."""
    gap = rules.nodes[node].gap
    begin = day_at(labs, place)
    for earlier in range(place - 1, first - 1, -1):
        day = day_at(labs, earlier)
        if inside(node, earlier, rules, labs) == NOT_MET:
            return day if rules.periods[gap, day - FIRST] < begin else begin
        begin = day
    if start < begin and rules.periods[gap, start - FIRST] < begin:
        return np.int64(start)
    return begin


@inlined
def may_last_by(node, place, day, first, start, rules, labs):
    """Whether a state may have lasted long enough by ``day``, nothing tested since ``place``."""
    if inside(node, place, rules, labs) != MET:
        return False
    if rules.periods[rules.nodes[node].gap, day_at(labs, place) - FIRST] >= day:
        return False
    possible = possible_start(node, place, first, start, rules, labs)
    return rules.periods[rules.nodes[node].period, possible - FIRST] < day


@inlined
def unit_at(node, place, first, base, start, rules, labs, room):
    """A predicate about one analyte at one of its results: answer, received, missing."""
    nodes = rules.nodes
    if nodes[node].kind <= LASTING:
        return single_at(node, place, first, base, start, rules, labs)
    for part in range(nodes[node].lowest, node + 1):
        if nodes[part].kind <= LASTING:
            found = single_at(part, place, first, base, start, rules, labs)
        elif nodes[part].kind == BY_BASELINE:
            found = by_baseline(part, place, base, rules, labs, room)
        else:
            found = any_at(part, place, rules, labs, room)
        room.answer[part], room.received[part], room.missing[part] = found
    return room.answer[node], room.received[node], room.missing[node]


@inlined
def single_at(node, place, first, base, start, rules, labs):
    answer, received, why = leaf_at(node, place, first, base, start, rules, labs)
    return answer, received, why if answer == NOT_ASSESSABLE else 0


@inlined
def by_baseline(node, place, base, rules, labs, room):
    """The reading the baseline calls for; where that is not known, only if both agree."""
    nodes = rules.nodes
    normal = rules.pool[nodes[node].child_from]
    other = rules.pool[nodes[node].child_from + 1]
    raised = NOT_ASSESSABLE
    if base >= 0 and not np.isnan(labs.high[base]):
        raised = beyond(labs.value[base], labs.comparator[base], ABOVE, labs.high[base])
    chosen = other if raised == MET else normal
    if raised == NOT_ASSESSABLE and room.answer[normal] != room.answer[other]:
        return NOT_ASSESSABLE, labs.received[place], BASE_RANGE
    return room.answer[chosen], room.received[chosen], room.missing[chosen]


@inlined
def any_at(node, place, rules, labs, room):
    """At least one part at the same result; a grade has one part only."""
    nodes = rules.nodes
    answer, received, missing = NOT_MET, labs.received[place], 0
    for position in range(nodes[node].child_from, nodes[node].child_to):
        part = rules.pool[position]
        if room.answer[part] == MET:
            return room.answer[part], room.received[part], room.missing[part]
        received = max(received, room.received[part])
        if room.answer[part] == NOT_ASSESSABLE:
            answer = NOT_ASSESSABLE
            missing |= room.missing[part]
    return answer, received, missing


@inlined
def around(root, analyte, place, start, rules, labs, room):
    """A predicate at one result and, for other analytes, at those taken shortly before it.

    Returns the answer, the newest day a row it used was received (`NONE`: it used none), and what
    is missing.
    """
    nodes = rules.nodes
    if nodes[root].kind <= LASTING:  # its analyte is the alert's only one
        return single_at(
            root, place, room.runs[analyte, 0], room.bases[analyte], start, rules, labs
        )
    for node in range(nodes[root].lowest, root + 1):
        if nodes[node].is_inner:
            continue
        if nodes[node].kind in (ALL, ANY):
            found = combined(node, rules, room)
        elif nodes[node].analyte == analyte:
            found = unit_at(
                node, place, room.runs[analyte, 0], room.bases[analyte], start, rules, labs, room
            )
        else:
            found = window_at(node, place, start, rules, labs, room)
        room.answer[node], room.received[node], room.missing[node] = found
    return room.answer[root], room.received[root], room.missing[root]


@inlined
def combined(node, rules, room):
    """All, or any, of the parts just judged."""
    nodes = rules.nodes
    is_all = nodes[node].kind == ALL
    used = opened = NONE
    missing = unmeasured = 0
    is_measured = has_open = False
    for position in range(nodes[node].child_from, nodes[node].child_to):
        part = rules.pool[position]
        answer, received = room.answer[part], room.received[part]
        if answer == (NOT_MET if is_all else MET):
            return answer, received, room.missing[part]
        if not is_all and received == NONE:
            unmeasured |= room.missing[part]
            continue
        is_measured = True
        used = max(used, received)
        if answer == NOT_ASSESSABLE:
            has_open = True
            opened = max(opened, received)
            missing |= room.missing[part]
    if not is_all and not is_measured:
        return np.int8(NOT_ASSESSABLE), NONE, unmeasured
    if has_open:
        return np.int8(NOT_ASSESSABLE), opened, missing
    return np.int8(MET if is_all else NOT_MET), used, missing


@inlined
def window_at(node, place, start, rules, labs, room):
    """A predicate at its own results taken up to ``back`` before another result."""
    nodes = rules.nodes
    own = nodes[node].analyte
    today = day_at(labs, place)
    since = rules.periods[nodes[node].back, today - FIRST]
    first, stop = room.runs[own, 0], room.runs[own, 1]
    newest = last_up_to(today, first, stop, labs)
    if newest < first or day_at(labs, newest) < since:
        return NOT_ASSESSABLE, NONE, IN_TIME
    found = unit_at(node, newest, first, room.bases[own], start, rules, labs, room)
    while found[0] != MET:
        newest -= 1
        if newest < first or day_at(labs, newest) < since:
            return found
        part = unit_at(node, newest, first, room.bases[own], start, rules, labs, room)
        if part[0] == MET or found[0] == NOT_MET:
            found = part if part[0] != NOT_MET else found
    return found
