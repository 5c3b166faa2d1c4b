"""Newton's method on a likelihood whose value, score and information are sums over rows.

Only sums are asked for, so the rows may lie anywhere: in one array, in many parts, on a cluster.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_STEPS = 60
_MOST_HALVINGS = 40
_SINGULAR = 1e-11
"""Information at most this, on a scale where each parameter alone has one, is none."""
_STILL = 1e-9
"""A step this short, relative to where it starts, is the last: about its square remains."""


@dataclass(frozen=True)
class LikelihoodSums:
    """A logarithm of a likelihood at one place; ``+`` gives that of both parts' rows.

    Attributes
    ----------
    value : float
    score : array of float, shape (p,)
    information : array of float, shape (p, p)
        Minus the second derivatives.
    """

    value: float
    score: NDArray[np.float64]
    information: NDArray[np.float64]

    def __add__(self, other: "LikelihoodSums") -> "LikelihoodSums":
        return LikelihoodSums(
            self.value + other.value,
            self.score + other.score,
            self.information + other.information,
        )


def is_singular(information: NDArray[np.float64]) -> bool:
    """Whether some combination of parameters has no information, whatever their units."""
    alone = np.sqrt(np.diag(information).clip(min=0))
    if not np.isfinite(information).all() or (alone == 0).any():
        return True
    return bool(np.linalg.eigvalsh(information / np.outer(alone, alone))[0] < _SINGULAR)


def maximise(
    sums_at: Callable[[NDArray[np.float64]], LikelihoodSums], start: NDArray[np.float64]
) -> tuple[NDArray[np.float64], LikelihoodSums] | None:
    """Where the likelihood is highest, with the sums there; None where it rises without end.

    Convergence is judged by the step, not by the likelihood: a likelihood that flattens towards
    infinity gains nothing with steps that never shorten, and programs that look at the gain call
    that converged.
    """
    at, here = start, sums_at(start)
    for _ in range(_MOST_STEPS):
        if not np.isfinite(here.value) or not np.isfinite(here.information).all():
            return None
        step = _step(here)
        settled = bool((np.abs(step) <= _STILL * (1 + np.abs(at))).all())
        gained = _advance(sums_at, at, here, step)
        if gained is None:
            return (at, here) if settled else None
        at, here = gained
        if settled:
            return at, here
    return None


def _advance(
    sums_at: Callable[[NDArray[np.float64]], LikelihoodSums],
    at: NDArray[np.float64],
    here: LikelihoodSums,
    step: NDArray[np.float64],
) -> tuple[NDArray[np.float64], LikelihoodSums] | None:
    """The step, halved until the likelihood does not fall; None if it always does."""
    # The sums are rounded, so near the top the likelihood may seem to fall by a hair.
    floor = here.value - 1e-12 * (1 + abs(here.value))
    for halvings in range(_MOST_HALVINGS):
        there = at + step / 2**halvings
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            found = sums_at(there)
        if found.value >= floor:
            return there, found
    return None


def _step(sums: LikelihoodSums) -> NDArray[np.float64]:
    """Newton's step. Where the likelihood curves upwards, it is turned to go uphill as well."""
    alone = np.sqrt(np.abs(np.diag(sums.information)).clip(min=1e-300))
    sizes, directions = np.linalg.eigh(sums.information / np.outer(alone, alone))
    sizes = np.abs(sizes).clip(min=_SINGULAR)
    step: NDArray[np.float64] = directions @ ((directions.T @ (sums.score / alone)) / sizes) / alone
    return step
