"""More people than fit into memory: part after part, a few in hand at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from afterdose.engines.local.evaluate import Evaluation, evaluate_labs, timelines
from afterdose.engines.local.labs import SCHEMA, packed
from afterdose.engines.local.parts import Part, work_on_parts
from afterdose.engines.local.people import People
from afterdose.monitoring.model import Protocol


@dataclass(frozen=True)
class PartEvaluation:
    """What becomes of one part's people.

    Attributes
    ----------
    part : Part
    answers : Evaluation
        Row ``i`` is person ``part.first + i``.
    stretches : numpy.ndarray
        The states of every check through time; empty where they were not asked for.
    """

    part: Part
    answers: Evaluation
    stretches: np.ndarray


def evaluate_parts(
    folder: Path,
    people: People,
    protocols: Sequence[Protocol],
    *,
    as_of: date,
    with_timelines: bool = False,
    threads: int = 2,
) -> Iterator[PartEvaluation]:
    """Evaluate a packed folder part by part; memory holds a few parts at a time.

    Parameters
    ----------
    folder : Path
        Packed results; every one of them has to have been received by ``as_of``.
    people : People
        Everybody.
    protocols : sequence of Protocol
    as_of : date
    with_timelines : bool
        Also say where every check stood on every day.
    threads : int
        How many cores to use, and so how many parts are in hand.
    """

    def work(part: Part) -> PartEvaluation:
        some = people.some(part.first, part.stop)
        announced = packed(pl.DataFrame(schema=SCHEMA), len(some))
        answers = evaluate_labs(some, part.labs, announced, protocols, as_of=as_of, threads=1)
        stretches = np.zeros(0)
        if with_timelines:
            stretches = timelines(some, part.labs, protocols, as_of=as_of, threads=1)
        return PartEvaluation(part, answers, stretches)

    yield from work_on_parts(folder, work, threads=threads)
