"""What was measured on ingest, from `docs/benchmarks-ingest.json`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generators.figures import measured_on, number, spread
from generators.markdown import page, table

OBSERVATIONS_A_SECOND, MESSAGES_A_SECOND = 250_000, 20_000
MEMORY_TIMES = 1.25
"""How much more memory the same results in a file several times as large may take."""
STREAM_BYTES = 10e9
"""The stream that memory is to suffice for."""

_ALL = "lands the bytes, normalises, validates, tells duplicates, writes record and receipt"
_WORK = {
    "duckdb": "reads the fields only, on two cores",
    "polars": "reads the fields only, on two cores",
    "orjson": "reads the fields only, on one core",
    "fhir.resources": "checks each resource against its model, on one core",
    "split": "cuts at separators only, undoes no escape, on one core",
    "hl7": "parses the message, on one core",
    "hl7apy": "parses the message by the standard's structures, on one core",
}
_NAMES = {
    "duckdb": "DuckDB, `read_json`",
    "polars": "Polars, `scan_ndjson`",
    "orjson": "orjson and a loop",
    "fhir.resources": "fhir.resources",
    "split": "`str.split` and a loop",
    "hl7": "The package hl7",
    "hl7apy": "hl7apy",
}
_SHAPES = {
    "synthea": "As Synthea writes: hardly two values alike, no range, no performer",
    "identifiers": "The hospital's, with an identifier and a specimen each",
    "vital-signs": "The hospital's, and each draw a weight and a blood pressure: set aside",
}
_EXPORTS = {
    "small": "The hospital's lines",
    "packed": "The same in gzip",
    "large": "Four times as many of them",
    "long": "As many as at first, each line with a narrative",
}


def pages(root: Path) -> dict[str, str]:
    """The tables of the page on how quick ingest is; that nothing was measured, where so."""
    path = root / "docs" / "benchmarks-ingest.json"
    found = json.loads(path.read_text("utf-8")) if path.exists() else None
    return {"fragments/ingest-performance.md": page(*_blocks(found))}


def _blocks(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return [
            "*Not measured yet.* `make bench-ingest` measures and writes what this page prints."
        ]
    observations, messages, command = (
        found[job] for job in ("observations", "messages", "command")
    )
    ours = observations["ours"]
    return [
        measured_on(found, "Each rate is that of the quickest run, with the slowest in brackets."),
        table(("What", "Target", "Measured", "Held"), targets(found)),
        "## FHIR, one Observation a line",
        f"{ours['results']:,} Observations of {ours['people']:,} people, "
        f"{_bytes_each(ours)} a line on average, and the people's file. {_cores(ours)}",
        table(
            ("Program", "Does", "Observations/s", "Measured on", "Values compared"),
            _beside(ours, observations["peers"], "results", "read"),
        ),
        "### Lines of other shapes",
        table(
            ("Lines", "Bytes a line", "Results", "Set aside", "Results/s"),
            [_shape(name, one) for name, one in observations["shapes"].items()],
        ),
        "## HL7 v2, ORU^R01",
        f"{messages['ours']['messages']:,} messages of eight results in three orders, "
        f"{_bytes_each(messages['ours'])} a message on average. {_cores(messages['ours'])}",
        table(
            ("Program", "Does", "Messages/s", "Measured on", "Values compared"),
            _beside(messages["ours"], messages["peers"], "messages", "messages"),
        ),
        "## Memory",
        table(
            ("Export", "File, MB", "Results", "Seconds", "Most memory, MB", "Bytes a result"),
            map(_memory, found["memory"]),
        ),
        _growth({one["export"]: one for one in found["memory"]}),
        "## The whole command",
        f"`afterdose ingest` on {command['results']:,} Observations, start-up included: "
        f"{number(command['first'])} s the first time after an installation, "
        f"{spread(command['later'])} s later. "
        + (
            "The first time includes compiling."
            if command["compiles"]
            else "Nothing of ingest is compiled."
        ),
    ]


def targets(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """A row a target: what, target, measured, and whether it was held."""
    words = {True: "yes", False: "**no**"}
    return [(what, target, measured, words[held]) for what, target, measured, held in _held(found)]


def _held(found: dict[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    observations, ours = found["observations"], found["messages"]["ours"]
    for lines, one in (
        ("the hospital's lines", observations["ours"]),
        ("Synthea's lines", observations["shapes"]["synthea"]),
    ):
        yield (
            f"FHIR to a record, {lines}, {_bytes_each(one)} each",
            f"{OBSERVATIONS_A_SECOND:,} Observations/s",
            f"{_rates(one['results'], one['seconds'])} Observations/s",
            one["results"] / min(one["seconds"]) >= OBSERVATIONS_A_SECOND,
        )
    yield (
        f"HL7 v2 to a record, eight results and {_bytes_each(ours)} each",
        f"{MESSAGES_A_SECOND:,} messages/s",
        f"{_rates(ours['messages'], ours['seconds'])} messages/s",
        ours["messages"] / min(ours["seconds"]) >= MESSAGES_A_SECOND,
    )
    memory = {one["export"]: one for one in found["memory"]}
    small, long = memory["small"], memory["long"]
    times = long["most memory, MB"] / small["most memory, MB"]
    yield (
        f"Most memory for the same results in a file {number(long['bytes'] / small['bytes'])} "
        "times as large",
        f"at most {MEMORY_TIMES} times as much",
        f"{number(times)} times: {long['most memory, MB']:,.0f} MB and "
        f"{small['most memory, MB']:,.0f} MB",
        times <= MEMORY_TIMES,
    )


def _beside(
    ours: dict[str, Any], peers: list[dict[str, Any]], count: str, theirs: str
) -> Iterator[tuple[str, ...]]:
    """A row for us and for each peer; ``count`` and ``theirs`` name what the rate is of."""
    yield ("Afterdose", _ALL, _rates(ours[count], ours["seconds"]), f"{ours[count]:,}", "")
    for one in peers:
        yield (
            f"{_NAMES[one['peer']]} {one['version']}".rstrip(),
            _WORK[one["peer"]],
            _rates(one[theirs], one["seconds"]),
            f"{one[theirs]:,}",
            f"{one['compared']:,}, all alike",
        )


def _shape(name: str, one: dict[str, Any]) -> tuple[str, ...]:
    lines = one["results"] + one["other lines"]
    return (
        _SHAPES[name],
        f"{one['bytes'] / lines:,.0f}",
        f"{one['results']:,}",
        f"{one['set aside']:,}",
        _rates(one["results"], one["seconds"]),
    )


def _memory(one: dict[str, Any]) -> tuple[str, ...]:
    return (
        _EXPORTS[one["export"]],
        number(one["bytes"] / 1e6),
        f"{one['results']:,}",
        spread(one["seconds"]),
        f"{one['most memory, MB']:,.0f}",
        f"{_above_start(one) / one['results']:,.0f}",
    )


def _above_start(one: dict[str, Any]) -> float:
    """Bytes held at most, less those of the program before it read anything."""
    return (one["most memory, MB"] - one["memory before, MB"]) * 1e6


def _growth(memory: dict[str, dict[str, Any]]) -> str:
    small, large = memory["small"], memory["large"]
    each = (_above_start(large) - _above_start(small)) / (large["results"] - small["results"])
    results = STREAM_BYTES / (large["bytes"] / large["results"])
    needed = _above_start(large) + max(each, 0) * (results - large["results"])
    return (
        f"From {small['results']:,} to {large['results']:,} results the most memory grows by "
        f"{each:,.0f} bytes a result. By that, not by measurement, {STREAM_BYTES / 1e9:.0f} GB of "
        f"such lines, {results / 1e6:.1f} million results, take {needed / 1e9:.1f} GB."
    )


def _bytes_each(one: dict[str, Any]) -> str:
    count = one.get("messages", one["results"])
    return f"{one['bytes'] / count:,.0f} bytes"


def _cores(one: dict[str, Any]) -> str:
    quickest = one["seconds"].index(min(one["seconds"]))
    busy = one["processor seconds"][quickest] / one["seconds"][quickest]
    return f"Afterdose kept {busy:.1f} cores busy."


def _rates(count: int, seconds: list[float]) -> str:
    """By the quickest run, and by the slowest where there are several."""
    best = number(count / min(seconds))
    return best if len(seconds) == 1 else f"{best} ({number(count / max(seconds))})"
