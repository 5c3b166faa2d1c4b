"""Peers that read the Observations of `scripts/fhir_export.py`, in an environment of their own.

Each does what its users would write: none lands bytes, converts a unit, checks a code or a range,
looks for duplicates, knows a person by more than the reference, or writes anything. All take the
same twelve members of a line, but for fhir.resources, which checks the whole resource.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

Sampled = dict[str, list[Any]]
"""By id: person, code, value, bound, unit, when taken."""


class Peer(NamedTuple):
    """``read`` gives what it read of a file; ``count`` and ``find`` look into that, unmeasured."""

    package: str
    read: Callable[[Path, int], Any]
    count: Callable[[Any], int]
    find: Callable[[Any, list[str]], Sampled]


# DuckDB -----------------------------------------------------------------------------------------

_QUANTITY = 'struct("value" double, comparator varchar, unit varchar, code varchar)'
_LOAD = f"""
create or replace table observations as
select id, subject.reference as person, code.coding[1].system as system,
       code.coding[1].code as code, status, effectiveDateTime as taken, issued,
       performer[1].display as performer, valueQuantity.value as value,
       valueQuantity.comparator as bound, valueQuantity.code as unit,
       referenceRange[1].low.value as low, referenceRange[1].high.value as high
from read_json('{{path}}', format = 'newline_delimited', columns = {{{{
    resourceType: 'varchar', id: 'varchar', status: 'varchar',
    subject: 'struct(reference varchar)', effectiveDateTime: 'varchar', issued: 'varchar',
    code: 'struct(coding struct(system varchar, code varchar)[])',
    performer: 'struct(display varchar)[]', valueQuantity: '{_QUANTITY}',
    referenceRange: 'struct(low {_QUANTITY}, high {_QUANTITY})[]'}}}})
where resourceType = 'Observation'
"""


def _duckdb_read(path: Path, _lines: int) -> Any:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set threads = 2")
    connection.execute(_LOAD.format(path=path))
    return connection


def _duckdb_find(connection: Any, ids: list[str]) -> Sampled:
    rows = connection.execute(
        "select id, person, code, value, bound, unit, taken from observations "
        "where id in (select unnest(?))",
        [ids],
    ).fetchall()
    return {own: rest for own, *rest in rows}


def _duckdb_count(connection: Any) -> int:
    (count,) = connection.execute("select count(value) from observations").fetchone()
    return count


# Polars -----------------------------------------------------------------------------------------


def _polars_read(path: Path, lines: int) -> Any:
    import polars as pl

    text = pl.String
    quantity = pl.Struct({"value": pl.Float64, "comparator": text, "unit": text, "code": text})
    schema = {
        "resourceType": text, "id": text, "status": text,
        "subject": pl.Struct({"reference": text}), "effectiveDateTime": text, "issued": text,
        "code": pl.Struct({"coding": pl.List(pl.Struct({"system": text, "code": text}))}),
        "performer": pl.List(pl.Struct({"display": text})), "valueQuantity": quantity,
        "referenceRange": pl.List(pl.Struct({"low": quantity, "high": quantity})),
    }  # fmt: skip
    coding = pl.col("code").struct.field("coding").list.get(0, null_on_oob=True).struct
    limits = pl.col("referenceRange").list.get(0, null_on_oob=True).struct
    return (
        pl.scan_ndjson(path, schema=schema, n_rows=lines)
        .filter(pl.col("resourceType") == "Observation")
        .select(
            "id", "status", "issued",
            person=pl.col("subject").struct.field("reference"),
            system=coding.field("system"),
            code=coding.field("code"),
            taken="effectiveDateTime",
            performer=pl.col("performer").list.get(0, null_on_oob=True).struct.field("display"),
            value=pl.col("valueQuantity").struct.field("value"),
            bound=pl.col("valueQuantity").struct.field("comparator"),
            unit=pl.col("valueQuantity").struct.field("code"),
            low=limits.field("low").struct.field("value"),
            high=limits.field("high").struct.field("value"),
        )
        .collect()
    )  # fmt: skip


def _polars_find(table: Any, ids: list[str]) -> Sampled:
    wanted = table.filter(table["id"].is_in(ids))
    rows = wanted.select("id", "person", "code", "value", "bound", "unit", "taken").rows()
    return {own: rest for own, *rest in rows}


# orjson -----------------------------------------------------------------------------------------


def _orjson_read(path: Path, lines: int) -> list[tuple[Any, ...]]:
    import orjson

    with path.open("rb") as file:
        return [_members(orjson.loads(line)) for line in islice(file, lines)]


def _members(one: dict[str, Any]) -> tuple[Any, ...]:
    coding, quantity = one["code"]["coding"][0], one["valueQuantity"]
    limits = one.get("referenceRange", [{}])[0]
    performer = one.get("performer", [{}])[0]
    return (
        one["id"], one["subject"]["reference"], coding["code"], quantity["value"],
        quantity.get("comparator"), quantity["code"], one["effectiveDateTime"], coding["system"],
        one["status"], one["issued"], performer.get("display"),
        limits.get("low", {}).get("value"), limits.get("high", {}).get("value"),
    )  # fmt: skip


def _tuples_find(rows: list[tuple[Any, ...]], ids: list[str]) -> Sampled:
    wanted = set(ids)
    return {row[0]: list(row[1:7]) for row in rows if row[0] in wanted}


# fhir.resources ---------------------------------------------------------------------------------


def _model_read(path: Path, lines: int) -> list[Any]:
    from fhir.resources.R4B.observation import Observation

    with path.open("rb") as file:
        return [Observation.model_validate_json(line) for line in islice(file, lines)]


def _model_find(models: list[Any], ids: list[str]) -> Sampled:
    def plain() -> Iterator[tuple[str, list[Any]]]:
        for one in models:
            if one.id in wanted:
                quantity = one.valueQuantity
                yield one.id, [
                    one.subject.reference, one.code.coding[0].code, float(quantity.value),
                    quantity.comparator, quantity.code, one.effectiveDateTime.isoformat(),
                ]  # fmt: skip

    wanted = set(ids)
    return dict(plain())


PEERS = {
    "duckdb": Peer("duckdb", _duckdb_read, _duckdb_count, _duckdb_find),
    "polars": Peer("polars", _polars_read, lambda table: table["value"].count(), _polars_find),
    "orjson": Peer("orjson", _orjson_read, len, _tuples_find),
    "fhir.resources": Peer("fhir.resources", _model_read, len, _model_find),
}


def main() -> None:
    """Read as often as asked; print the seconds of each run, the count and the sample as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("peer", choices=list(PEERS))
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--lines", type=int, required=True, help="the most that a slow one reads")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    peer = PEERS[given.peer]
    ids = json.loads((given.folder.with_suffix(".json")).read_text("utf-8"))["sample"]
    seconds, read = [], None
    for _ in range(given.runs):
        del read
        started = time.perf_counter()
        read = peer.read(given.folder / "Observation.ndjson", given.lines)
        seconds.append(time.perf_counter() - started)
    found = {"version": version(peer.package), "seconds": seconds, "read": peer.count(read)}
    print(json.dumps(found | {"sample": peer.find(read, ids)}))


if __name__ == "__main__":
    main()
