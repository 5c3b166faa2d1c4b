"""Confirmed disability change of everybody by one definition, or by many."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from afterdose.engines.local.definitions import DisabilityRules, compile_definition
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.kernels.disability.everybody import (
    DISABILITY,
    EVENT,
    Output,
    Space,
    disability_of_all,
)
from afterdose.engines.local.kernels.disability.searching import HELD
from afterdose.engines.local.outcomes.answers import DisabilityEvaluation, counts_of
from afterdose.engines.local.outcomes.columns import PackedOutcomes, Visits
from afterdose.engines.local.shares import in_shares
from afterdose.engines.reference.disability import DisabilityCounts, total_counts
from afterdose.outcomes.disability import DisabilityDefinition

_SHARE = 4096
"""People a thread takes at a time: their visits stay in its cache, whatever is asked of them."""


class _Asked(NamedTuple):
    """One definition as a kernel takes it, with the columns it reads."""

    rules: DisabilityRules
    visits: Visits
    lives: np.ndarray
    draws: np.ndarray


def evaluate_disability(
    packed: PackedOutcomes, definition: DisabilityDefinition, *, threads: int = 2
) -> DisabilityEvaluation:
    """The confirmed changes of everybody that a definition reports.

    Parameters
    ----------
    packed : PackedOutcomes
    definition : DisabilityDefinition
    threads : int
        How many cores to use.

    Returns
    -------
    DisabilityEvaluation
        The answers of `afterdose.outcomes.disability.evaluate_disability`, for everybody.

    Raises
    ------
    DefinitionError
        A step is a Python function.
    """
    asked = _ask(packed, definition)
    people = np.zeros(len(packed), DISABILITY)

    def share(some: np.ndarray) -> np.ndarray:
        return _events(some, packed, asked, _space([asked], some), people)

    events = in_shares(share, len(packed), size=_SHARE, threads=threads)
    return DisabilityEvaluation(
        definition, packed, people, np.concatenate([np.zeros(0, EVENT), *events])
    )


def multiverse(
    packed: PackedOutcomes, definitions: Sequence[DisabilityDefinition], *, threads: int = 2
) -> tuple[DisabilityCounts, ...]:
    """How many people and events each definition finds.

    Every definition is asked of a few people before the next few are fetched; no events are kept.

    Parameters
    ----------
    packed : PackedOutcomes
    definitions : sequence of DisabilityDefinition
    threads : int
    """
    every = [_ask(packed, definition) for definition in definitions]
    people = np.zeros(len(packed), DISABILITY)

    def share(some: np.ndarray) -> list[DisabilityCounts]:
        space = _space(every, some)
        found = []
        for asked in every:
            events = _events(some, packed, asked, space, people)
            found.append(counts_of(people[some[0] : some[1]], events))
        return found

    shares = in_shares(share, len(packed), size=_SHARE, threads=threads)
    return tuple(total_counts(one[at] for one in shares) for at in range(len(every)))


def _ask(packed: PackedOutcomes, definition: DisabilityDefinition) -> _Asked:
    confirmation = definition.confirmation
    is_drawn = 0 < confirmation.last_visit_share < 1
    draws = np.zeros(1)
    if is_drawn:
        assert confirmation.seed is not None
        draws = packed.draws(confirmation.seed)
    return _Asked(
        rules=all_frozen(compile_definition(definition)),
        visits=packed.visits_of(definition.measure),
        lives=packed.lives(definition.drug),
        draws=frozen(draws),
    )


def _space(every: Sequence[_Asked], some: np.ndarray) -> Space:
    """Room for any of some people by any of some definitions."""
    people = slice(some[0], some[1] + 1)
    visits = max(
        (int(np.diff(one.visits.offsets[people]).max(initial=0)) for one in every), default=0
    )
    windows = max((len(one.rules.windows) for one in every), default=0)
    return Space(
        marks=np.zeros(visits, np.uint8),
        opens=np.zeros(windows, np.int64),
        closes=np.zeros(windows, np.int64),
        held=np.zeros(visits + 1, HELD),
    )


def _events(
    some: np.ndarray, packed: PackedOutcomes, asked: _Asked, space: Space, people: np.ndarray
) -> np.ndarray:
    """Events of some people; their answers go into ``people``."""
    windows = len(asked.rules.windows)
    space = space._replace(opens=space.opens[:windows], closes=space.closes[:windows])
    # No two events begin at one visit. Memory that is never written to is never taken.
    visits = asked.visits.offsets[some[1]] - asked.visits.offsets[some[0]]
    output = Output(people, np.empty(visits, EVENT), np.zeros(1, np.int64))
    disability_of_all(
        some, asked.rules, asked.lives, asked.visits, packed.relapses, packed.scans,
        asked.draws, space, output,
    )  # fmt: skip
    return output.events[: output.count[0]]
