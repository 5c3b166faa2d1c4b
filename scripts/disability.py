"""Confirmed disability change of simulated people, for benchmarks.

`python scripts/disability.py make --folder FOLDER` draws them; `beside` finds what peers are asked
for on the same data, `kernel`, `stream` and `multiverse` measure the local engine. Each prints
JSON, and each is run in a process of its own, so that its memory is its own too.
"""

import argparse
import json
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from timing import timed

from afterdose.cohort import Cohort, Record
from afterdose.cohort.frames import schema_of
from afterdose.engines.local.days import NEVER
from afterdose.engines.local.frozen import all_frozen, frozen
from afterdose.engines.local.outcomes import (
    DisabilityEvaluation,
    PackedOutcomes,
    evaluate_disability,
    multiverse,
    pack_outcomes,
    work_on_outcome_parts,
    write_outcome_parts,
)
from afterdose.engines.local.outcomes.columns import Doses, Relapses, Scans, Visits
from afterdose.engines.reference import DisabilityCounts
from afterdose.engines.reference.disability import total_counts
from afterdose.outcomes.disability import DisabilityDefinition, load_definition
from afterdose.outcomes.disability.choices import Class, Direction, Report
from afterdose.outcomes.disability.parts import Confirmation, Distance, Window
from afterdose.outcomes.disability.steps import EDSS_HALF_ABOVE_5, EDSS_HALF_ABOVE_5_5
from afterdose.record.dates import Period
from afterdose.record.tables import SPECS

AS_OF = date(2040, 1, 1)
DAY_0 = 14_610
"""1 January 2010."""
VISITS = 20
BESIDE = {"pymsprog": "msprog-first-cdw", "msclinical": "msclinical-cdw"}
"""The definition each peer is asked to carry out: its defaults."""
STREAMED = "msprog-first-cdw"
KERNEL = ("care-ms-cdw-6m", STREAMED, "mueller-2025-pira")
"""The first worsening after treatment, after any visit, and independent of relapses."""


def draw(people: int, seed: int = 1) -> PackedOutcomes:
    """People with twenty visits about three months apart, and relapses around them."""
    random = np.random.default_rng(seed)
    gaps = random.integers(60, 130, (people, VISITS))
    gaps[:, 0] = DAY_0 + random.integers(0, 1500, people)
    day = np.cumsum(gaps, axis=1).astype(np.int32)
    moves = random.choice([-1, -0.5, 0, 0, 0, 0, 0.5, 0.5, 1], (people, VISITS))
    moves[:, 0] = random.choice(np.arange(13) / 2, people)
    value = np.clip(np.cumsum(moves, axis=1), 0, 9.5)
    relapses = random.poisson(1.5, people)
    person = np.repeat(np.arange(people), relapses)
    onset = (day[person, 0] + random.integers(-100, 1900, len(person))).astype(np.int32)
    onset = onset[np.lexsort((onset, person))]
    everybody = np.full(people, VISITS, np.int32)
    nothing = np.zeros(people + 1, np.int64)
    return PackedOutcomes(
        as_of=AS_OF,
        person_ids=pl.Series([f"p{number:07d}" for number in range(people)]),
        died=frozen(np.full(people, NEVER, np.int32)),
        visits={
            "edss": all_frozen(
                Visits(_offsets(everybody), day.ravel(), value.ravel(), everybody, everybody)
            )
        },
        relapses=all_frozen(Relapses(_offsets(relapses), onset, onset)),
        scans=all_frozen(Scans(nothing, np.zeros(0, np.int32), np.zeros(0, bool))),
        # The first course is given a few days after the second visit.
        doses=all_frozen(
            Doses(
                np.arange(people + 1), np.zeros(people, np.int32), day[:, 1] + 5,
                np.ones(people, np.int32),
            )
        ),
        drugs=("alemtuzumab",),
    )  # fmt: skip


def make(folder: Path, people: int, sizes: list[int]) -> dict[str, Any]:
    """The large record in packed parts, and a small one a size as tables that peers can read."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(0, people, 100_000):
        write_outcome_parts(draw(min(100_000, people - number), seed=number), folder / "parts")
    for size in sizes:
        few = draw(size, seed=size)
        visits, relapses = few.visits["edss"], few.relapses
        pl.DataFrame(
            {
                "person": np.repeat(np.arange(size), np.diff(visits.offsets)),
                "day": visits.day - DAY_0,
                "value": visits.value,
            }
        ).write_csv(folder / f"visits-{size}.csv")
        pl.DataFrame(
            {
                "person": np.repeat(np.arange(size), np.diff(relapses.offsets)),
                "day": relapses.onset - DAY_0,
            }
        ).write_csv(folder / f"relapses-{size}.csv")
    return {"people": people}


def beside(folder: Path, size: int, runs: int) -> dict[str, Any]:
    """From tables in memory to events, by the definition of each peer."""
    cohort = _cohort(folder, size)

    def work(definition: DisabilityDefinition) -> DisabilityEvaluation:
        return evaluate_disability(pack_outcomes(cohort, as_of=AS_OF), definition)

    found = {}
    for name, preset in BESIDE.items():
        definition = load_definition(preset)
        work(definition)
        seconds, answers = timed(partial(work, definition), runs)
        events = [
            [
                int(row["person_id"][1:]), (row["onset_date"] - date(2010, 1, 1)).days,
                (row["confirmation_date"] - date(2010, 1, 1)).days, row["reference_value"],
            ]
            for row in answers.rows()
        ]  # fmt: skip
        found[name] = {"definition": preset, "seconds": seconds, "events": events}
    return found


def kernel(people: int, runs: int) -> dict[str, Any]:
    """Once the columns are in memory: three definitions, each on one core and on two."""
    packed = draw(people)
    found: list[dict[str, Any]] = []
    for name in KERNEL:
        definition = load_definition(name)
        for cores in (1, 2):
            work = partial(evaluate_disability, packed, definition, threads=cores)
            work()
            seconds, _ = timed(work, runs)
            found.append({"definition": name, "cores": cores, "seconds": seconds})
    return {"people": people, "by definition": found}


def stream(folder: Path, runs: int) -> dict[str, Any]:
    """From Parquet to everybody's answer and event, part by part, on two cores."""
    definition = load_definition(STREAMED)

    def work() -> DisabilityCounts:
        return total_counts(
            work_on_outcome_parts(
                folder / "parts",
                lambda part: evaluate_disability(part, definition, threads=1).counts(),
                measures=["edss"],
            )
        )

    work()
    seconds, counts = timed(work, runs)
    return {
        "definition": STREAMED,
        "people": counts.people,
        "with an event": counts.with_event,
        "not assessable": counts.not_assessable,
        "events": counts.events,
        "seconds": seconds,
        "most memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def many(people: int, runs: int) -> dict[str, Any]:
    """A multiverse of 360 definitions: seconds, and how far the share with an event moves."""
    packed = draw(people)
    definitions = grid()
    multiverse(packed, definitions[:1])
    seconds, found = timed(lambda: multiverse(packed, definitions), runs)
    shares = [one.with_event / (one.people - one.not_assessable) for one in found]
    return {
        "people": people,
        "definitions": len(definitions),
        "seconds": seconds,
        "least share with an event": min(shares),
        "greatest share with an event": max(shares),
    }


def grid() -> list[DisabilityDefinition]:
    """Steps, references, windows, visits between, relapses and kinds: every combination."""
    base = load_definition("mueller-2023-pira")
    base = replace(base, events=replace(base.events, report=Report.EACH, of_class=Class.NONE))
    found = []
    for step, roves, weeks, intermediate, days, kinds in product(
        (EDSS_HALF_ABOVE_5, EDSS_HALF_ABOVE_5_5, load_definition("care-ms-cdw-6m").step),
        (Direction.NEITHER, Direction.BOTH),
        (12, 16, 24, 36, 48),
        (True, False),
        (0.0, 30.0, 60.0),
        (Direction.WORSENING, Direction.BOTH),
    ):
        window = Window(Period(days=7 * weeks), 7.0, 730.5)
        found.append(
            replace(
                base,
                step=step,
                reference=replace(base.reference, roves=roves),
                confirmation=Confirmation((window,), intermediate=intermediate),
                relapses=replace(
                    base.relapses, reference=Distance(days), confirmation=Distance(days)
                ),
                events=replace(base.events, kinds=kinds),
            )
        )
    return found


def _cohort(folder: Path, size: int) -> Cohort:
    person = pl.format("p{}", pl.col("person").cast(pl.String).str.zfill(7))
    day = pl.from_epoch(pl.col("day") + DAY_0, "d")
    given = {
        "assessments": ("visits", {"date": day, "measure": pl.lit("edss"), "value": "value"}),
        "relapses": ("relapses", {"onset_date": day}),
    }
    frames = {}
    for table, (name, columns) in given.items():
        rows = pl.read_csv(folder / f"{name}-{size}.csv").select(person_id=person, **columns)
        frames[table] = rows.select(
            column if column in rows.columns else pl.lit(None, kind).alias(column)
            for column, kind in schema_of(SPECS[table]).items()
        )
    return Cohort.of(Record(frames))


def _offsets(counts: np.ndarray) -> np.ndarray:
    return np.append(0, np.cumsum(counts)).astype(np.int64)


def main() -> None:
    """Do one job and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["make", "beside", "kernel", "stream", "multiverse"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 5_000])
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    jobs: dict[str, Callable[[], dict[str, Any]]] = {
        "make": lambda: make(given.folder, given.people, given.sizes),
        "beside": lambda: beside(given.folder, given.people, given.runs),
        "kernel": lambda: kernel(given.people, given.runs),
        "stream": lambda: stream(given.folder, given.runs),
        "multiverse": lambda: many(given.people, given.runs),
    }
    print(json.dumps(jobs[given.job]()))


if __name__ == "__main__":
    main()
