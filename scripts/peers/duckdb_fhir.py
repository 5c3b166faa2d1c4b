"""The two rules by hand in DuckDB SQL on the NDJSON file: a peer."""

import argparse
import json
import time
from pathlib import Path

import duckdb

LOAD = """
create or replace table observations as
select subject.reference as person, code.coding[1].code as code,
       valueQuantity.value as value, effectiveDateTime::timestamp as taken
from read_json('{file}', format = 'newline_delimited', columns = {{
    resourceType: 'varchar', subject: 'struct(reference varchar)',
    code: 'struct(coding struct(code varchar)[])', valueQuantity: 'struct(value double)',
    effectiveDateTime: 'varchar'}})
where resourceType = 'Observation'
"""
ASK = """
select person, arg_max(value, taken) < 100, max(taken)::date < date '2026-01-01' - 31
from observations where code = '777-3' group by person
"""


def main() -> None:
    """Load, ask, print the quickest time and the answers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    folder = parser.parse_args().folder
    connection = duckdb.connect()
    connection.execute("set threads = 2")
    started = time.perf_counter()
    connection.execute(LOAD.format(file=folder / "data.ndjson"))
    loaded = time.perf_counter() - started
    seconds = 1e9
    for _ in range(5):
        started = time.perf_counter()
        rows = connection.execute(ASK).fetchall()
        seconds = min(seconds, time.perf_counter() - started)
    answers = {person: [low, none] for person, low, none in rows}
    print(json.dumps({"loading: seconds": loaded, "seconds": seconds, "answers": answers}))


if __name__ == "__main__":
    main()
