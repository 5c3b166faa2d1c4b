"""A simulated cohort, batch by batch, as a record."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from afterdose.cohort import About, Record, RecordWriter
from afterdose.record.tables import SPECS
from afterdose.simulate import tables
from afterdose.simulate.autoimmunity import draw_onsets
from afterdose.simulate.people import BLOCK, draw_block

_WITHOUT_ONSETS = {
    "people": tables.people,
    "treatments": tables.treatments,
    "assessments": tables.assessments,
    "relapses": tables.relapses,
    "mri": tables.mri,
    "examinations": tables.examinations,
    "follow_up": tables.follow_up,
    "owners": tables.owners,
}


def about(people: int, seed: int) -> About:
    """What a simulated record says about itself."""
    return About(
        simulated=True,
        title=f"Simulated cohort of {people} people shaped like the CARE-MS alemtuzumab arms",
        made_by=f"afterdose simulate --people {people} --seed {seed}",
        notes="Nobody in this record exists.",
    )


def simulate_batches(
    people: int,
    seed: int,
    *,
    batch_size: int = 4 * BLOCK,
    only: Sequence[str] | None = None,
) -> Iterator[dict[str, pl.DataFrame]]:
    """The cohort's tables, a batch of people at a time.

    Parameters
    ----------
    people : int
    seed : int
        The same seed gives the same people, whatever their number and the size of the batches.
    batch_size : int
        Rounded up to whole blocks of people drawn together.
    only : sequence of str, optional
        Only these tables; the others are drawn all the same where later draws depend on them.

    Yields
    ------
    dict of str to polars.DataFrame
        Tables with every column of the specification, sorted by person and date.
    """
    blocks = -(-people // BLOCK)
    at_a_time = max(1, -(-batch_size // BLOCK))
    for first in range(0, blocks, at_a_time):
        parts = [
            _block_tables(seed, index, people, only)
            for index in range(first, min(first + at_a_time, blocks))
        ]
        yield {table: pl.concat([part[table] for part in parts]) for table in parts[0]}


def simulate_cohort(people: int, seed: int, *, only: Sequence[str] | None = None) -> Record:
    """The whole cohort in memory."""
    batches = list(simulate_batches(people, seed, only=only))
    frames = {table: pl.concat([batch[table] for batch in batches]) for table in batches[0]}
    return Record(frames, about(people, seed))


def write_simulated(
    folder: Path, people: int, seed: int, progress: Callable[[int], None] | None = None
) -> None:
    """Write the cohort as a record of Parquet parts, in bounded memory.

    ``progress`` is called with the number of people done.
    """
    done = 0
    with RecordWriter(folder, about(people, seed)) as writer:
        for batch in simulate_batches(people, seed):
            writer.write(batch)
            done += batch["people"].height
            if progress is not None:
                progress(done)


def _block_tables(
    seed: int, index: int, people: int, only: Sequence[str] | None
) -> dict[str, pl.DataFrame]:
    """One block's tables. Every table has a generator of its own, so that leaving one out changes
    no other."""
    found = {}
    for place, table in enumerate(SPECS):
        if only is not None and table not in only:
            continue
        block = draw_block(seed, index)
        onsets = draw_onsets(block)
        block.rng = _generator(seed, index, place)
        if table in _WITHOUT_ONSETS:
            frame = _WITHOUT_ONSETS[table](block)
        else:
            frame = {"labs": tables.labs, "events": tables.events}[table](block, onsets)
        last = tables.person_ids(block.number[:1] + people - 1 - block.number[0])
        frame = frame.filter(pl.col("person_id") <= last[0])
        found[table] = frame.sort(*SPECS[table].order, maintain_order=True, nulls_last=True)
    return found


def _generator(seed: int, index: int, table: int):  # type: ignore[no-untyped-def]
    import numpy as np

    return np.random.default_rng([seed, index, table + 1])
