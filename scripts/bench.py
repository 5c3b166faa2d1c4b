"""Measures the main jobs on this machine; prints a table and writes `.cache/bench.json`.

Every figure is one run on the same simulated record. `--people` sets its size.
"""

import argparse
import json
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "bench"
AFTERDOSE = str(Path(sys.executable).with_name("afterdose"))


def timed(job: Callable[[], object]) -> tuple[float, object]:
    """Seconds a job took, and what it returned."""
    started = time.perf_counter()
    found = job()
    return time.perf_counter() - started, found


def command(*arguments: str) -> float:
    """Seconds a whole command took, its start-up included."""
    seconds, _ = timed(
        lambda: subprocess.run([AFTERDOSE, *arguments], check=True, capture_output=True)
    )
    return seconds


def measure(people: int) -> dict[str, dict[str, float | str]]:
    """Every figure by name: seconds, and how many rows or people a second."""
    from afterdose.cohort import Cohort, read_record, validate_folder
    from afterdose.engines.reference import build_completeness, build_worklist
    from afterdose.monitoring import load_protocol
    from afterdose.simulate import write_simulated
    from afterdose.simulate.parameters import NOT_CALIBRATED

    record = CACHE / "record"
    shutil.rmtree(CACHE, ignore_errors=True)
    as_of = NOT_CALIBRATED["data_until"]
    protocol = load_protocol("alemtuzumab-eu")
    found: dict[str, dict[str, float | str]] = {}

    def note(name: str, seconds: float, count: int, what: str) -> None:
        found[name] = {"seconds": round(seconds, 2), f"{what} a second": round(count / seconds)}
        print(f"{name:<44}{seconds:>8.2f} s {count / seconds:>12,.0f} {what} a second", flush=True)

    seconds, _ = timed(lambda: write_simulated(record, people, 1))
    note("simulate and write", seconds, people, "people")
    seconds, validation = timed(lambda: validate_folder(record))
    rows = sum(table.read for table in validation.tables)
    note("validate", seconds, rows, "rows")
    seconds, held = timed(lambda: read_record(record))
    note("read and validate", seconds, rows, "rows")
    seconds, cohort = timed(lambda: Cohort.of(held))
    note("sort into a cohort", seconds, rows, "rows")
    seconds, histories = timed(lambda: list(cohort.histories()))
    note("histories as objects", seconds, rows, "rows")
    seconds, _ = timed(lambda: build_worklist(histories, [protocol], as_of=as_of))
    note("worklist, plain code, one core", seconds, people, "people")
    seconds, _ = timed(lambda: build_completeness(histories, protocol, as_of=as_of))
    note("completeness, plain code, one core", seconds, people, "people")
    examples = ROOT / "examples" / "three-laboratories"
    seconds = command(
        "ingest", str(examples), "--into", str(CACHE / "alex"), "--landed-on", "2023-11-08"
    )
    note("ingest the example, whole command", seconds, 355, "rows")
    seconds = min(command("--help") for _ in range(5))
    note("afterdose --help, best of five", seconds, 1, "commands")
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    people = parser.parse_args().people
    print(f"{people} simulated people, Python {platform.python_version()}\n")
    found = measure(people)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\nMost memory at any time: {peak} MB, with every history held as objects")
    target = ROOT / ".cache" / "bench.json"
    target.write_text(json.dumps({"people": people, "peak_mb": peak, "jobs": found}, indent=2))
    print(f"Written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
