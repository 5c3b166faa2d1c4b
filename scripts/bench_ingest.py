"""Measures ingest beside peers, on the same files in one run.

Writes `docs/benchmarks-ingest.json`, which the documentation prints. `--small` does everything at a
small size and writes into `.cache`. Peers live in an environment of their own, made from
`requirements/peers-ingest.txt`. Every measurement is a process of its own, one after another; a
record begins empty each time.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bench_outcomes import machine, versions
from bench_registry import ROOT, peers_python, run

CACHE = ROOT / ".cache" / "ingest"
TARGET = ROOT / "docs" / "benchmarks-ingest.json"
OURS = Path(sys.executable)
AFTERDOSE = OURS.with_name("afterdose")

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Sizes:
    """How much of everything.

    Attributes
    ----------
    people, other_people : int
        In the export that all are asked of, and in those of other shapes; with all draws, each has
        400 results.
    messages : int
        Of HL7 v2, with eight results each.
    peer_lines, peer_messages : tuple of (str, int)
        What each slow peer reads of it; the others read all.
    memory_people : tuple of int
        In the two exports whose most memory is compared.
    command_people : int
        In the export that the whole command is measured on.
    draws, runs : int
    """

    people: int = 2_500
    other_people: int = 600
    messages: int = 20_000
    peer_lines: tuple[tuple[str, int], ...] = (
        ("polars", 200_000), ("orjson", 200_000), ("fhir.resources", 10_000),
    )  # fmt: skip
    peer_messages: tuple[tuple[str, int], ...] = (("hl7", 1_000), ("hl7apy", 50))
    memory_people: tuple[int, int] = (1_000, 4_000)
    command_people: int = 100
    draws: int = 50
    runs: int = 3


SMALL = Sizes(
    8, 4, 200, (("orjson", 2_000), ("fhir.resources", 300)), (("hl7", 100), ("hl7apy", 10)),
    (4, 16), 4, runs=2,
)  # fmt: skip
ALL_SLOW = 1 << 40
"""More than any file has."""


def step(what: str, work: Callable[[], _Result]) -> _Result:
    """Say what is being done, do it, say how long it took.

    Examples
    --------
    >>> step("Counting", lambda: 3)
    Counting … 0 s
    3
    """
    print(what, end=" … ", flush=True)
    started = time.perf_counter()
    found = work()
    print(f"{time.perf_counter() - started:.0f} s", flush=True)
    return found


def export(folder: Path, people: int, draws: int, shape: str = "hospital") -> dict[str, Any]:
    """Write one."""
    asked = ("--people", people, "--draws", draws, "--shape", shape)
    return step(
        f"Writing the Observations of {people:,} people, {shape}",
        lambda: run(OURS, "ingesting.py", "export", "--folder", folder, *asked),
    )


def ingest(folder: Path, made: dict[str, Any], runs: int) -> dict[str, Any]:
    """Ingest it, and hold the receipt against what was made."""
    found = step(
        f"Ingesting {made['results']:,} results, {made['bytes'] / 1e6:,.0f} MB, {runs} times",
        lambda: run(
            OURS, "ingesting.py", "measure", "--folder", folder,
            "--into", folder.with_name("record"), "--runs", runs,
        ),
    )  # fmt: skip
    hold(found, made)
    return found | {
        name: made[name] for name in ("bytes", "people", "messages", "other lines") if name in made
    }


def hold(found: dict[str, Any], made: dict[str, Any]) -> None:
    """Every result is in the record, everybody was found, and nothing but vital signs set aside.

    Raises
    ------
    SystemExit
        Something was lost or added: no figure of such a run counts.
    """
    # A weight is one row, a blood pressure two: its components.
    set_aside = 3 * made.get("other lines", 0) // 2
    expected = {
        "results": made["results"],
        "accepted": made["results"] + made["people"],
        # Each message says whose it is; the first of a person is new.
        "duplicates": made["messages"] - made["people"] if "messages" in made else 0,
        "set aside": set_aside,
    }
    wrong = [
        f"{name} {found[name]:,} instead of {count:,}"
        for name, count in expected.items()
        if found[name] != count
    ]
    if wrong or set(found["sample"]) != set(made["sample"]):
        raise SystemExit(f"The record is not what was handed in: {', '.join(wrong) or 'sample'}.")


def observations(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """A hospital's export by us and by peers, then exports of other shapes by us."""
    # Whatever is compiled, once after an installation, is compiled before anything is measured.
    ingest(folder / "first", export(folder / "first", sizes.command_people, sizes.draws), 1)
    made = export(folder / "export", sizes.people, sizes.draws)
    ours = ingest(folder / "export", made, sizes.runs)
    found: dict[str, Any] = {"ours": ours, "peers": []}
    known = _people(folder / "export")
    limits = dict(sizes.peer_lines)
    for peer in ("duckdb", "polars", "orjson", "fhir.resources"):
        lines = limits.get(peer, ALL_SLOW)
        theirs = ask(peer, "observations", folder / "export", "--lines", lines, sizes=sizes)
        expected = min(lines, made["results"])
        if theirs["read"] != expected:
            raise SystemExit(f"{peer} read {theirs['read']:,} results instead of {expected:,}.")
        told = {
            own: [known[person], *rest] for own, (person, *rest) in theirs.pop("sample").items()
        }
        compared = compare(peer, ours["sample"], told, is_observation_alike)
        found["peers"].append(theirs | {"compared": compared})
    ours.pop("sample")
    shutil.rmtree(folder / "export")
    found["shapes"] = {}
    for shape in ("synthea", "identifiers", "vital-signs"):
        made = export(folder / shape, sizes.other_people, sizes.draws, shape)
        one = ingest(folder / shape, made, sizes.runs)
        one.pop("sample")
        found["shapes"][shape] = one
        shutil.rmtree(folder / shape)
    return found


def _people(folder: Path) -> dict[str, str]:
    """Each person's identifier by the reference to them."""
    with (folder / "Patient.ndjson").open(encoding="utf-8") as lines:
        patients = map(json.loads, lines)
        return {f"Patient/{one['id']}": one["identifier"][0]["value"] for one in patients}


def compare(
    peer: str,
    ours: dict[str, list[Any]],
    theirs: dict[str, list[Any]],
    is_alike: Callable[[list[Any], list[Any]], bool],
) -> int:
    """How many results of the sample a peer read too, every one of them as it is in our record.

    Raises
    ------
    SystemExit
        One differs, or there was none to compare.
    """
    other = sum(not is_alike(ours[key], told) for key, told in theirs.items())
    if other or not theirs:
        raise SystemExit(f"Of {len(theirs)} results {peer} read {other} otherwise than we did.")
    return len(theirs)


def is_observation_alike(ours: list[Any], theirs: list[Any]) -> bool:
    """Person, code, value, bound, unit, and the time without its zone.

    Examples
    --------
    >>> ours = ["0001", "718-7", "13.10", None, "g/dL", "2020-01-02T08:00:00"]
    >>> is_observation_alike(
    ...     ours, ["0001", "718-7", 13.1, None, "g/dL", "2020-01-02T08:00:00+01:00"]
    ... )
    True
    """
    person, code, value, bound, unit, taken = theirs
    written = ours[2].removeprefix(ours[3] or "")
    return [*ours[:2], float(written), *ours[3:]] == [person, code, value, bound, unit, taken[:19]]


def ask(peer: str, what: str, folder: Path, *arguments: str | int, sizes: Sizes) -> dict[str, Any]:
    """What one peer read, and how long it took."""
    python = peers_python("peers-ingest")
    asked = (peer, "--folder", folder, "--runs", str(sizes.runs), *map(str, arguments))
    theirs = step(f"Asking {peer}", lambda: run(python, f"peers/{what}.py", *asked))
    return {"peer": peer} | theirs


def messages(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """A laboratory's messages by us and by peers."""
    feed = folder / "feed"
    made = step(
        f"Writing {sizes.messages:,} messages",
        lambda: run(OURS, "ingesting.py", "feed", "--folder", feed, "--messages", sizes.messages),
    )
    ours = ingest(feed, made, sizes.runs)
    found: dict[str, Any] = {"ours": ours, "peers": []}
    limits = dict(sizes.peer_messages)
    for peer in ("split", "hl7", "hl7apy"):
        count = min(limits.get(peer, made["messages"]), made["messages"])
        theirs = ask(peer, "messages", feed, "--messages", count, sizes=sizes)
        if theirs["read"] != 8 * count:
            raise SystemExit(f"{peer} read {theirs['read']:,} results instead of {8 * count:,}.")
        compared = compare(peer, ours["sample"], theirs.pop("sample"), is_message_alike)
        found["peers"].append(theirs | {"compared": compared})
    ours.pop("sample")
    shutil.rmtree(feed)
    return found


def is_message_alike(ours: list[Any], theirs: list[str]) -> bool:
    """Person, value with its bound, unit, and the time without its zone.

    Examples
    --------
    >>> ours = ["0001", "3016-3", "0.005", "<", "m[IU]/L", "2020-01-02T08:00:00"]
    >>> is_message_alike(ours, ["0001", "<^0.005", "m[IU]/L", "20200102080000+0100"])
    True
    """
    person, _, written, bound, unit, taken = ours
    value = (bound or "") + written.removeprefix(bound or "")
    digits = "".join(letter for letter in taken if letter.isdigit())
    return [person, value, unit, digits] == [
        theirs[0], theirs[1].replace("^", ""), theirs[2], theirs[3][:14]
    ]  # fmt: skip


def memory(sizes: Sizes, folder: Path) -> list[dict[str, Any]]:
    """The most memory of ingesting a small and a large export, a long one, and a packed one.

    ``long`` has the results of the small one in lines as long as to make it as large as the large
    one: what of the memory is the file's, and what is the record's, can be told by it.
    """
    few, many = sizes.memory_people
    found = []
    for name, people, shape in (
        ("small", few, "hospital"),
        ("large", many, "hospital"),
        ("long", few, "narrative"),
    ):
        made = export(folder / name, people, sizes.draws, shape)
        found.append({"export": name} | ingest(folder / name, made, 1))
        if name == "small":
            made = pack(folder / name, folder / "packed")
            found.append({"export": "packed"} | ingest(folder / "packed", made, 1))
            shutil.rmtree(folder / "packed")
        shutil.rmtree(folder / name)
    for one in found:
        one.pop("sample")
    return found


def pack(folder: Path, into: Path) -> dict[str, Any]:
    """The same export in gzip."""
    asked = ("--folder", folder, "--into", into)
    return step("Packing it with gzip", lambda: run(OURS, "ingesting.py", "pack", *asked))


def command(sizes: Sizes, folder: Path) -> dict[str, Any]:
    """The whole command, start-up included: as after an installation, and later.

    Whatever numba compiles is compiled anew the first time.
    """
    made = export(folder / "export", sizes.command_people, sizes.draws)
    kept, record = folder / "compiled", folder / "record"
    kept.mkdir()
    asked = ["ingest", folder / "export", "--into", record, "--landed-on", "2026-01-01"]

    def once() -> None:
        subprocess.run(
            [AFTERDOSE, *map(str, asked)],
            check=True,
            capture_output=True,
            env=os.environ | {"NUMBA_CACHE_DIR": str(kept)},
        )

    seconds = []
    for _ in range(1 + sizes.runs):
        started = time.perf_counter()
        step(f"Running the command on {made['results']:,} results", once)
        seconds.append(time.perf_counter() - started)
        shutil.rmtree(record)
    shutil.rmtree(folder / "export")
    compiles = any(kept.rglob("*.nbi"))
    return {
        "results": made["results"], "first": seconds[0], "later": seconds[1:], "compiles": compiles
    }  # fmt: skip


JOBS: dict[str, Callable[[Sizes, Path], Any]] = {
    "observations": observations,
    "messages": messages,
    "memory": memory,
    "command": command,
}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="everything at a small size")
    parser.add_argument("--into", type=Path, help="the file to write, instead of the usual one")
    given = parser.parse_args()
    found: dict[str, Any] = {
        "measured": date.today().isoformat(),  # noqa: DTZ011
        "small": given.small,
        "machine": machine(),
        "versions": versions(),
    }
    sizes = SMALL if given.small else Sizes()
    CACHE.mkdir(parents=True, exist_ok=True)
    for name, job in JOBS.items():
        with TemporaryDirectory(dir=CACHE) as folder:
            found[name] = job(sizes, Path(folder))
    into = given.into or (CACHE / "small.json" if given.small else TARGET)
    into.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"Written to {into}.")


if __name__ == "__main__":
    main()
