"""Measures outcomes, their estimators and the extension report beside peers, on the same data.

Writes `docs/benchmarks-outcomes.json`, which the documentation prints. `--small` does every job at
a small size and writes into `.cache`; with names of jobs only those are done, and nothing is
written. Peers live in an environment of their own, made from `requirements/peers-outcomes.txt`.
Every job of ours and of a peer runs in a process of its own, one after another.
"""

import argparse
import json
import os
import platform
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench_registry import ROOT, peers_python, run

CACHE = ROOT / ".cache" / "outcomes"
TARGET = ROOT / "docs" / "benchmarks-outcomes.json"
OURS = Path(sys.executable)


@dataclass(frozen=True)
class Sizes:
    """How much of everything.

    Attributes
    ----------
    beside : tuple of int
        People of whom peers are asked, a comparison each.
    streamed : int
        People read from Parquet.
    universe : int
        People of whom the kernels alone, and 360 definitions, are asked.
    times, incidence_times : int
        Of Kaplan-Meier's and of Aalen-Johansen's estimate.
    report, large_report : int
        People in the report with laboratory results, and in the one without.
    runs, peer_runs : int
        How often ours and theirs is measured.
    """

    beside: tuple[int, ...] = (1_000, 5_000)
    streamed: int = 1_000_000
    universe: int = 100_000
    times: int = 1_000_000
    incidence_times: int = 100_000
    report: int = 811
    large_report: int = 100_000
    runs: int = 5
    peer_runs: int = 3


SMALL = Sizes((60,), 2_000, 300, 2_000, 500, 40, 60, runs=2, peer_runs=1)


def disability(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Confirmed worsening beside pymsprog and msclinical, then what they cannot do in a day."""
    script, runs = "disability.py", ("--runs", sizes.runs)
    few = map(str, sizes.beside)
    run(OURS, script, "make", "--folder", folder, "--people", sizes.streamed, "--sizes", *few)
    peers = []
    for size in sizes.beside:
        asked = ("--folder", folder, "--people", size)
        for peer, mine in run(OURS, script, "beside", *asked, *runs).items():
            theirs = run(
                peers_python("peers-outcomes"), f"peers/{peer}_disability.py", *asked,
                "--runs", sizes.peer_runs,
            )  # fmt: skip
            peers.append(
                {
                    "peer": peer,
                    "version": theirs["version"],
                    "definition": mine["definition"],
                    "people": size,
                    "ours": mine["seconds"],
                    "theirs": theirs["seconds"],
                }
                | compared(mine["events"], theirs["events"])
            )
    return {
        "peers": peers,
        "kernel": run(OURS, script, "kernel", "--people", sizes.universe, *runs),
        "from Parquet": run(OURS, script, "stream", "--folder", folder, *runs),
        "multiverse": run(OURS, script, "multiverse", "--people", sizes.universe, "--runs", 2),
    }


def compared(ours: list[list[float]], theirs: list[list[float]]) -> dict[str, int]:
    """How many events are the same, and how many people have any that is not.

    An event is its person, onset day, confirmation day and reference value.

    Examples
    --------
    >>> compared([[1, 90, 180, 2.0]], [[1, 90, 180, 2.0], [2, 60, 150, 1.0]])
    {'events of either': 2, 'events of both': 1, 'people who differ': 1}
    """
    by_person: dict[float, list[set[tuple[float, ...]]]] = defaultdict(lambda: [set(), set()])
    for side, events in enumerate((ours, theirs)):
        for event in events:
            by_person[event[0]][side].add(tuple(event))
    return {
        "events of either": sum(len(mine | other) for mine, other in by_person.values()),
        "events of both": sum(len(mine & other) for mine, other in by_person.values()),
        "people who differ": sum(mine != other for mine, other in by_person.values()),
    }


def survival(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """Kaplan-Meier, and Aalen-Johansen with its variance, beside lifelines."""
    many = {"kaplan-meier": sizes.times, "aalen-johansen": sizes.incidence_times}
    run(
        OURS, "survival.py", "make", "--folder", folder,
        "--people", sizes.times, "--incidence-people", sizes.incidence_times,
    )  # fmt: skip
    mine = run(OURS, "survival.py", "ours", "--folder", folder, "--runs", sizes.runs)
    theirs = run(
        peers_python("peers-outcomes"), "peers/lifelines_survival.py",
        "--folder", folder, "--runs", sizes.peer_runs,
    )  # fmt: skip
    found: dict[str, Any] = {"peer": "lifelines", "version": theirs["version"]}
    for name, one in mine.items():
        other = theirs[name]
        found[name] = {
            "times": many[name],
            "ours": one["seconds"],
            "theirs": other["seconds"],
            "largest difference": {
                what: max(abs(a - b) for a, b in zip(one[what], other[what], strict=True))
                for what in one
                if what != "seconds"
            },
        }
    return found


def report(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """The whole extension report, as it comes and by the compiled engine, cold and warm."""
    run(OURS, "report.py", "make", "--folder", folder / "few", "--people", sizes.report)
    measure = ("report.py", "measure", "--folder")
    found = []
    for engine in ("default", "local"):
        asked = (*measure, folder / "few", "--engine", engine, "--runs")
        # Compiling, once after an installation, is no part of a cold run.
        run(OURS, *asked, 1)
        found.append({"people": sizes.report} | run(OURS, *asked, sizes.runs))
    large: dict[str, Any] = {"people": sizes.large_report}
    if "not run" in found[-1]:
        large |= {key: found[-1][key] for key in ("engine", "not run")}
    else:
        make = ("report.py", "make", "--without-labs", "--folder", folder / "many")
        run(OURS, *make, "--people", sizes.large_report)
        large |= run(OURS, *measure, folder / "many", "--engine", "local", "--runs", 3)
    return {"measured": [*found, large]}


JOBS: dict[str, Callable[[Sizes, Path], dict[str, Any]]] = {
    "disability": disability,
    "survival": survival,
    "report": report,
}


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text("utf-8").splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory, GB": round(memory / 1e9),
    }


def versions() -> dict[str, str]:
    """Of everything of ours that a figure may depend on; a peer's stands beside its figures."""
    ours = {name: version(name) for name in ("afterdose", "numba", "numpy", "polars")}
    return {"python": platform.python_version()} | ours


def measure(jobs: list[str], sizes: Sizes) -> dict[str, Any]:
    """What each job found, by its name; each is printed as it ends."""
    found = {}
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in jobs:
        with TemporaryDirectory(dir=CACHE) as folder:
            found[name] = JOBS[name](sizes, Path(folder))
        print(json.dumps({name: found[name]}, indent=1), flush=True)
    return found


def main() -> None:
    """Do the jobs asked for; write when every one was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"one of {', '.join(JOBS)}")
    parser.add_argument("--small", action="store_true", help="every job at a small size")
    parser.add_argument("--into", type=Path, help="the file to write, instead of the usual one")
    given = parser.parse_args()
    unknown = [name for name in given.jobs if name not in JOBS]
    if unknown:
        parser.error(f"no job {', '.join(unknown)}; there are {', '.join(JOBS)}")
    found = measure(given.jobs or list(JOBS), SMALL if given.small else Sizes())
    if given.jobs:
        return
    about = {
        "measured": date.today().isoformat(),  # noqa: DTZ011
        "small": given.small,
        "machine": machine(),
        "versions": versions(),
    }
    into = given.into or (CACHE / "small.json" if given.small else TARGET)
    into.write_text(json.dumps(about | found, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {into}.")


if __name__ == "__main__":
    main()
