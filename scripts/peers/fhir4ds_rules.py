"""The two rules in CQL by fhir4ds-v2, which turns CQL into DuckDB SQL: a peer (AGPL, run only)."""

import argparse
import contextlib
import json
import sys
import time
from pathlib import Path

import fhir4ds
from fhir4ds.cql import evaluate_measure

CQL = Path(__file__).with_name("rules.cql")
COLUMNS = {"low": "Low", "none": "No Count"}


def main() -> None:
    """Load, ask twice, print the quicker time and the answers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args().folder
    with contextlib.redirect_stdout(sys.stderr):
        started = time.perf_counter()
        connection = fhir4ds.create_connection()
        fhir4ds.FHIRDataLoader(connection).load_ndjson(str(folder / "data.ndjson"))
        loaded = time.perf_counter() - started
        seconds = 1e9
        for _ in range(3):
            started = time.perf_counter()
            rows = evaluate_measure(str(CQL), connection, output_columns=COLUMNS).values.tolist()
            seconds = min(seconds, time.perf_counter() - started)
    answers = {f"Patient/{person}": [bool(low), bool(none)] for person, low, none in rows}
    print(json.dumps({"loading: seconds": loaded, "seconds": seconds, "answers": answers}))


if __name__ == "__main__":
    main()
