"""What was measured on a simulated registry, from `docs/benchmarks.json`."""

import json
from pathlib import Path
from typing import Any

from generators.markdown import page, table


def pages(root: Path) -> dict[str, str]:
    """The tables of the page on performance."""
    found = json.loads((root / "docs" / "benchmarks.json").read_text("utf-8"))
    return {"fragments/performance.md": page(*_blocks(found))}


def _blocks(found: dict[str, Any]) -> list[str]:
    return [
        f"Measured on {found['measured']}, Python {found['python']}, {found['cores']} cores: "
        f"{found['results']:,} results of {found['people']:,} simulated people.",
        table(("What", "Target", "Measured", "Held"), _targets(found)),
        "## Beside peers",
        table(("Engine", "Seconds", "Most memory, MB", "Afterdose is quicker by"), _peers(found)),
        f"The peers' counts of episodes, a person and alert, against ours: DuckDB "
        f"{found['duckdb']['agrees']}; Polars {found['polars']['agrees']}.",
        "## By size",
        table(
            ("Results", "Seconds", "Nanoseconds a result", "Most memory, MB"),
            [
                (
                    f"{one['results']:,}",
                    f"{one['whole history: seconds']:.2f}",
                    f"{_cost(one):.1f}",
                    f"{one['most memory, MB']:,.0f}",
                )
                for one in found["sizes"]
            ],
        ),
        "## Two rules on FHIR Observations",
        f"Latest platelets below 100, and no blood count in 31 days: {found['fhir']['people']:,} "
        "people with 100 Observations each, as NDJSON.",
        table(
            ("Engine", "People/s with loading", "People/s without", "Right answers"),
            _fhir(found["fhir"]),
        ),
    ]


def _fhir(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    names = {
        "ours": "Afterdose, ingest and local engine",
        "fhir4ds": "fhir4ds-v2, CQL",
        "cql": "cql-execution, CQL",
        "duckdb": "DuckDB, by hand",
    }
    people = found["people"]
    return [
        (
            name,
            f"{people / (found[key]['loading: seconds'] + found[key]['seconds']):,.0f}",
            f"{people / found[key]['seconds']:,.0f}",
            f"{found[key]['right']:,} of {people:,}",
        )
        for key, name in names.items()
    ]


def _targets(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    ours, results = found["ours"], found["results"]
    whole = results / ours["whole history: seconds"] / 1e6
    kernel = found["kernel"]
    pass_seconds = kernel["checks, coverage and alerts: seconds"]
    alone = kernel["results"] / pass_seconds / 1e6
    both = kernel["results"] / (pass_seconds + kernel["timelines: seconds"]) / 1e6
    memory = ours["most memory, MB"] / ours["columns in use, MB"]
    ratio = min(found[peer]["seconds"] for peer in ("duckdb", "polars"))
    quicker = ratio / ours["whole history: seconds"]
    costs = [_cost(one) for one in found["sizes"]]
    spread = 100 * (max(costs) / min(costs) - 1)
    single = found["one person, ms"]
    fhir, peer = found["fhir"]["ours"], found["fhir"]["fhir4ds"]
    without = peer["seconds"] / fhir["seconds"]
    loading = (peer["seconds"] + peer["loading: seconds"]) / (
        fhir["seconds"] + fhir["loading: seconds"]
    )
    rows = [
        ("Parquet to result, whole history", "20 million results/s", f"{whole:.1f} million/s",
         whole >= 20),
        ("Kernels alone, checks, coverage and alerts", "100 million results/s",
         f"{alone:.0f} million/s", alone >= 100),
        ("Kernels alone, with day-by-day timelines", "100 million results/s",
         f"{both:.0f} million/s", both >= 100),
        ("Most memory, against the columns in use", "at most 3 times", f"{memory:.2f} times",
         memory <= 3),
        ("Against the quicker peer", "at least 5 times", f"{quicker:.1f} times", quicker >= 5),
        ("Cost a result, smallest against largest", "within 15 %", f"{spread:.0f} %", spread <= 15),
        ("Two rules on FHIR, against fhir4ds-v2, with loading", "at least 10 times",
         f"{loading:.1f} times", loading >= 10),
        ("Two rules on FHIR, against fhir4ds-v2, without", "at least 100 times",
         f"{without:.0f} times", without >= 100),
        ("One new result, one person, warm", "under 5 ms", f"{single:.1f} ms", single < 5),
    ]  # fmt: skip
    return [(*row[:3], "yes" if row[3] else "**no**") for row in rows]


def _peers(found: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    ours = found["ours"]
    whole, some = ours["whole history: seconds"], ours["alerts and coverage: seconds"]
    memory = f"{ours['most memory, MB']:,.0f}"
    rows = [
        ("Afterdose, whole history with timelines", f"{whole:.2f}", memory, ""),
        ("Afterdose, without timelines", f"{some:.2f}", memory, ""),
    ]
    for peer, name in (("duckdb", "DuckDB, by hand"), ("polars", "Polars, by hand")):
        seconds = found[peer]["seconds"]
        ratio = f"{seconds / some:.1f} without timelines, {seconds / whole:.1f} with"
        rows.append((name, f"{seconds:.2f}", f"{found[peer]['most memory, MB']:,.0f}", ratio))
    return rows


def _cost(one: dict[str, Any]) -> float:
    """Nanoseconds a result, whole history."""
    return 1e9 * one["whole history: seconds"] / one["results"]
