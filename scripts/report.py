"""The extension report of simulated people, for benchmarks.

`python scripts/report.py make --folder FOLDER` writes a record; `measure` reads it, builds the
report and renders it, again and again, and prints JSON. Each engine is asked in a process of its
own: the first run there is a cold one.
"""

import argparse
import inspect
import json
import resource
from functools import partial
from pathlib import Path
from typing import Any

from timing import timed

from afterdose.cohort import Cohort, RecordWriter, read_record
from afterdose.record.tables import SPECS
from afterdose.simulate import simulate_batches
from afterdose.simulate.cohort import about
from afterdose.simulate.parameters import NOT_CALIBRATED

AS_OF = NOT_CALIBRATED["data_until"]
PROTOCOL = "alemtuzumab-eu"


def make(folder: Path, people: int, *, labs: bool) -> dict[str, Any]:
    """A record of simulated people; the report itself reads no laboratory result."""
    tables = [table for table in SPECS if labs or table != "labs"]
    with RecordWriter(folder, about(people, 1)) as writer:
        for batch in simulate_batches(people, 1, only=tables):
            writer.write(batch)
    return {"people": people}


def measure(folder: Path, engine: str, runs: int) -> dict[str, Any]:
    """Seconds of each part of the report, cold first; or that this engine cannot be asked yet."""
    # What a first run loads is part of what it costs.
    from afterdose.study import build_report, render_report

    asked: dict[str, Any] = {} if engine == "default" else {"engine": engine}
    if asked and "engine" not in inspect.signature(build_report).parameters:
        return {"engine": engine, "not run": "`build_report` cannot be asked for an engine yet"}
    seconds, cohort = timed(lambda: Cohort.of(read_record(folder)), 1)
    found: dict[str, Any] = {"engine": engine, "people": len(cohort.person_ids), "reading": seconds}
    completeness = None
    if "labs" in cohort.frames:
        found["completeness"], completeness = timed(partial(_completeness, cohort), runs)
    build = partial(build_report, cohort, as_of=AS_OF, completeness=completeness, **asked)
    found |= {"building": [], "rendering": []}
    for _ in range(runs):
        seconds, report = timed(build, 1)
        found["building"] += seconds
        seconds, page = timed(partial(render_report, report), 1)
        found["rendering"] += seconds
    found["page, bytes"] = len(page.encode())
    found["most memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _completeness(cohort: Cohort) -> Any:
    """How complete the monitoring was, by the compiled engine."""
    from afterdose.engines.local import build_completeness
    from afterdose.monitoring import load_protocol

    return build_completeness(cohort, load_protocol(PROTOCOL), as_of=AS_OF)


def main() -> None:
    """Do one job and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("job", choices=["make", "measure"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--people", type=int, default=811)
    parser.add_argument("--without-labs", action="store_true")
    parser.add_argument("--engine", default="default")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    if given.job == "make":
        found = make(given.folder, given.people, labs=not given.without_labs)
    else:
        found = measure(given.folder, given.engine, given.runs)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
