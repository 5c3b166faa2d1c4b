"""Ingest of a simulated export and of a simulated feed, for benchmarks.

`python scripts/ingesting.py export --folder FOLDER` and `feed` write them, with what they hold
beside them as `FOLDER.json`; `pack` puts an export into gzip; `measure` ingests it and prints JSON.
"""

import argparse
import gzip
import json
import resource
import shutil
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from fhir_export import SHAPES, write_export
from hl7_feed import write_feed

LANDED_ON = date(2026, 1, 1)
_BLOCK = 1 << 20


def held_in(folder: Path) -> Path:
    """Where it stands what the files of a folder hold."""
    return folder.with_suffix(".json")


def pack(folder: Path, into: Path) -> None:
    """The same export, its Observations in gzip."""
    into.mkdir(parents=True)
    shutil.copyfile(folder / "Patient.ndjson", into / "Patient.ndjson")
    with (
        (folder / "Observation.ndjson").open("rb") as source,
        gzip.open(into / "Observation.ndjson.gz", "wb", compresslevel=1) as packed,
    ):
        shutil.copyfileobj(source, packed, _BLOCK)
    told = json.loads(held_in(folder).read_text("utf-8"))
    told["bytes"] = (into / "Observation.ndjson.gz").stat().st_size
    held_in(into).write_text(json.dumps(told), encoding="utf-8")


def measure(folder: Path, record: Path, runs: int) -> dict[str, Any]:
    """Ingest a folder into a new record each time.

    Parameters
    ----------
    folder : Path
        What was handed in.
    record : Path
        Made for each run, and removed after it.
    runs : int

    Returns
    -------
    dict
        ``seconds`` and ``processor seconds`` of each run; what the receipt says of the results;
        the rows of the sample by the identifier of the result, else by order and code; how much
        memory was held before, and at most; bytes of the record but for what landed.
    """
    from afterdose.ingest import ingest_files

    before = most_memory()
    seconds, processor = [], []
    for _ in range(runs):
        shutil.rmtree(record, ignore_errors=True)
        started, used = time.perf_counter(), time.process_time()
        receipt = ingest_files([folder], record, landed_on=LANDED_ON)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
    most = most_memory()
    refused = [file.refused for file in receipt.files if file.refused]
    if refused:
        raise SystemExit(f"A file of {folder} was refused: {refused[0]}")
    found = {
        "seconds": seconds,
        "processor seconds": processor,
        "rows": sum(file.rows for file in receipt.files),
        "accepted": sum(file.accepted for file in receipt.files),
        "duplicates": sum(file.duplicates for file in receipt.files),
        "set aside": sum(file.set_aside.total() for file in receipt.files),
        "memory before, MB": before,
        "most memory, MB": most,
        "record, bytes": sum(file.stat().st_size for file in record.glob("*.*")),
    }
    wanted = json.loads(held_in(folder).read_text("utf-8"))["sample"]
    found |= _kept(record, wanted)
    shutil.rmtree(record)
    return found


def _kept(record: Path, wanted: list[str]) -> dict[str, Any]:
    """How many results the record holds, and those of the sample, as their sender wrote them."""
    import polars as pl

    labs = pl.scan_parquet(record / "labs.parquet")
    code = pl.col("original_code").str.strip_prefix("LOINC:")
    key = pl.coalesce("result_id", pl.concat_str("accession", pl.lit("|"), code))
    rows = (
        labs.filter(key.is_in(wanted))
        .select(
            key, "person_id", code, "original_value", "comparator", "original_unit",
            pl.concat_str("specimen_date", pl.lit("T"), "specimen_time"),
        )
        .collect()
        .rows()
    )  # fmt: skip
    count = labs.select(pl.len()).collect().item()
    return {"results": count, "sample": {own: rest for own, *rest in rows}}


def most_memory() -> float:
    """The most memory of this process so far, in MB of a million bytes.

    What the operating system counts for a process includes what its parent held when it began; the
    high-water mark under ``/proc`` does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    # In units of 1,024 bytes everywhere but on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Do what is asked for; print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["export", "feed", "pack", "measure"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--shape", choices=list(SHAPES), default="hospital")
    parser.add_argument("--people", type=int, default=2_500)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--sampled", type=int, default=200)
    parser.add_argument("--into", type=Path, help="a folder for pack, a record for measure")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    if given.job == "measure":
        found = measure(given.folder, given.into, given.runs)
    elif given.job == "pack":
        pack(given.folder, given.into)
        found = json.loads(held_in(given.into).read_text("utf-8"))
    else:
        if given.job == "export":
            shape = SHAPES[given.shape]
            found = write_export(given.folder, given.people, given.draws, shape, given.sampled)
        else:
            found = write_feed(given.folder / "feed.hl7", given.messages, given.sampled)
        held_in(given.folder).write_text(json.dumps(found), encoding="utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
