"""A simulated registry in packed parts, for benchmarks: the same people as often as asked for.

Run as `python scripts/registry.py ours --parts FOLDER ...` it also measures the local engine in a
process of its own, so that its memory is its own too.
"""

import argparse
import json
import pickle
import resource
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from afterdose.cohort import Cohort
from afterdose.engines.local import Packed, evaluate_labs, evaluate_parts, timelines
from afterdose.engines.local.labs import SCHEMA, packed
from afterdose.engines.local.parts import write_parts
from afterdose.engines.local.people import People, Spans, courses_of_protocol
from afterdose.monitoring import load_protocol
from afterdose.simulate import simulate_cohort

AS_OF = date(2030, 1, 1)
"""A morning on which everything had come."""
PROTOCOL = "alemtuzumab-eu"


def make(folder: Path, people: int, copies: int, seed: int = 1) -> int:
    """Write ``copies`` of ``people`` simulated people into ``folder``; returns how many results."""
    source = Packed.of(Cohort.of(simulate_cohort(people, seed)))
    parts = folder / "parts"
    for copy in range(copies):
        write_parts(source.labs.current, parts, people=-(-people // 3), first=copy * people)
    everybody = tiled(source.people, copies)
    (folder / "people.pickle").write_bytes(pickle.dumps(everybody))
    offsets, rows = courses_of_protocol(everybody, load_protocol(PROTOCOL), 30_000)
    person = np.repeat(np.arange(len(everybody), dtype=np.int32), np.diff(offsets))
    courses = {"person": person, "start": rows["start"], "last": rows["last"]}
    pl.DataFrame(courses).write_parquet(folder / "courses.parquet")
    return copies * source.labs.current.rows


def tiled(people: People, copies: int) -> People:
    """The same people again and again, with new numbers."""
    return replace(
        people,
        born=np.tile(people.born, copies),
        died=np.tile(people.died, copies),
        sex=np.tile(people.sex, copies),
        treatments=_tiled(people.treatments, copies),
        follow_up=_tiled(people.follow_up, copies),
        examinations={name: _tiled(rows, copies) for name, rows in people.examinations.items()},
        events=_tiled(people.events, copies),
    )


def _tiled(spans: Spans, copies: int) -> Spans:
    sizes = np.tile(np.diff(spans.offsets), copies)
    offsets = np.append(0, np.cumsum(sizes)).astype(np.int64)
    return Spans(offsets, {name: np.tile(rows, copies) for name, rows in spans.columns.items()})


def ours(folder: Path, out: Path | None) -> dict[str, float]:
    """Every check and alert of the protocol, whole history, from Parquet to result."""
    people: People = pickle.loads((folder / "people.pickle").read_bytes())  # noqa: S301
    protocols = [load_protocol(PROTOCOL)]
    parts = folder / "parts"
    _warm(parts, people, protocols)
    found: dict[str, float] = {"people": len(people)}
    for name, with_timelines in (("alerts and coverage", False), ("whole history", True)):
        started = time.perf_counter()
        rows = episodes = stretches = columns = 0
        tables = []
        for part in evaluate_parts(
            parts, people, protocols, as_of=AS_OF, with_timelines=with_timelines
        ):
            rows += part.part.labs.rows
            columns += part.part.labs.nbytes
            episodes += len(part.answers.episodes)
            stretches += len(part.stretches)
            if out is not None and with_timelines:
                tables.append(_table(part.part.first, part.answers, protocols[0]))
        found[f"{name}: seconds"] = time.perf_counter() - started
    found |= {"results": rows, "episodes": episodes, "stretches": stretches}
    found["columns in use, MB"] = columns / 1e6
    found["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if out is not None:
        pl.concat(tables).write_parquet(out)
    return found


def kernel(people: int) -> dict[str, float]:
    """The kernels alone: results in memory, both cores."""
    source = Packed.of(Cohort.of(simulate_cohort(people, 1)))
    protocols = [load_protocol(PROTOCOL)]
    some, labs, announced = source.people, source.labs.current, source.labs.announced
    jobs = {
        "checks, coverage and alerts": lambda: evaluate_labs(
            some, labs, announced, protocols, as_of=AS_OF
        ),
        "timelines": lambda: timelines(some, labs, protocols, as_of=AS_OF),
    }
    found: dict[str, float] = {"results": labs.rows}
    for name, job in jobs.items():
        job()
        found[f"{name}: seconds"] = min(_timed(job) for _ in range(5))
    return found


def _timed(job) -> float:  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _warm(parts: Path, people: People, protocols: Sequence) -> None:  # type: ignore[type-arg]
    """Compile, or load what was compiled, before anything is measured."""
    from afterdose.engines.local.parts import read_part

    part = read_part(sorted(parts.glob("part-*.parquet"))[0])
    some = people.some(part.first, part.stop)
    announced = packed(pl.DataFrame(schema=SCHEMA), len(some))
    evaluate_labs(some, part.labs, announced, protocols, as_of=AS_OF)
    timelines(some, part.labs, protocols, as_of=AS_OF)


def _table(first: int, answers, protocol) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    """Episodes a person and alert, to be held against those of the peers."""
    names = [alert.id for alert in protocol.alerts]
    rows = answers.episodes
    frame = pl.DataFrame({"person": rows["person"] + first, "alert": rows["alert"]})
    return (
        frame.group_by("person", "alert")
        .len("episodes")
        .with_columns(rule=pl.col("alert").replace_strict(list(range(len(names))), names))
    )


def main() -> None:
    """Measure what is asked for; print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["make", "ours", "kernel"])
    parser.add_argument("--parts", type=Path)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.job == "make":
        print(json.dumps({"results": make(given.parts, given.people, given.copies)}))
    elif given.job == "kernel":
        print(json.dumps(kernel(given.people)))
    else:
        print(json.dumps(ours(given.parts, given.out)))


if __name__ == "__main__":
    main()
