"""What was measured on outcomes, from `docs/benchmarks-outcomes.json`."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from generators.figures import measured_on, number, spread
from generators.markdown import code, page, table

_ENGINES = {"default": "as it comes", "local": "compiled"}
_ESTIMATES = {"kaplan-meier": "Kaplan-Meier", "aalen-johansen": "Aalen-Johansen with variance"}

Row = tuple[str, str, str, str]


def pages(root: Path) -> dict[str, str]:
    """The tables of the page on how quick outcomes are; that nothing was measured, where so."""
    path = root / "docs" / "benchmarks-outcomes.json"
    found = json.loads(path.read_text("utf-8")) if path.exists() else None
    return {"fragments/outcomes-performance.md": page(*_blocks(found))}


def _blocks(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return [
            "*Not measured yet.* `make bench-outcomes` measures and writes what this page prints."
        ]
    disability, survival, report = (found[job] for job in ("disability", "survival", "report"))
    return [
        _about(found),
        table(("What", "Target", "Measured", "Held"), targets(found)),
        "## Disability beside peers",
        table(
            ("Peer", "People", "Afterdose, people/s", "Peer, people/s", "Quicker by",
             "Events alike", "People who differ"),
            map(_peer, disability["peers"]),
        ),
        "## Disability by definition",
        _by_definition(disability),
        "## Estimates beside lifelines",
        table(
            ("Estimate", "Times", "Afterdose, s", f"lifelines {survival['version']}, s",
             "Quicker by", "Largest difference"),
            [_estimate(name, survival[key]) for key, name in _ESTIMATES.items()],
        ),
        "## The extension report",
        table(
            ("People", "Engine", "Reading, s", "Building, s", "Rendering, s",
             "Completeness, s", "The first time, s", "Most memory, MB"),
            map(_report, report["measured"]),
        ),
    ]  # fmt: skip


def _about(found: dict[str, Any]) -> str:
    return measured_on(
        found,
        "Each figure is the median of its runs, with the least and the greatest in brackets.",
    )


def targets(found: dict[str, Any]) -> list[Row]:
    """A row a target: what, target, measured, and whether it was held."""
    rows = (*_disability_targets(found), *_survival_targets(found), *_report_targets(found))
    words = {True: "yes", False: "**no**", None: "not run"}
    return [(what, target, measured, words[held]) for what, target, measured, held in rows]


def _disability_targets(found: dict[str, Any]) -> Iterator[tuple[str, str, str, bool | None]]:
    kernel, streamed, many = (
        found["disability"][job] for job in ("kernel", "from Parquet", "multiverse")
    )
    for one in kernel["by definition"]:
        if one["cores"] == 2:
            yield (
                f"Kernel alone, two cores, {code(one['definition'])}",
                "1,000,000 people/s",
                _rates(kernel["people"], one["seconds"]),
                kernel["people"] / median(one["seconds"]) >= 1_000_000,
            )
    yield (
        f"Parquet to every answer, {streamed['people']:,} people with 20 visits each",
        "300,000 people/s",
        _rates(streamed["people"], streamed["seconds"]),
        streamed["people"] / median(streamed["seconds"]) >= 300_000,
    )
    yield (
        f"{many['definitions']} definitions of {many['people']:,} people",
        "under 60 s",
        f"{spread(many['seconds'])} s",
        median(many["seconds"]) < 60,
    )


def _survival_targets(found: dict[str, Any]) -> Iterator[tuple[str, str, str, bool | None]]:
    for key, name in _ESTIMATES.items():
        one = found["survival"][key]
        quicker = _quicker(one)
        yield (
            f"{name} of {one['times']:,} times, against lifelines",
            "at least 10 times",
            f"{number(quicker)} times",
            quicker >= 10,
        )


def _report_targets(found: dict[str, Any]) -> Iterator[tuple[str, str, str, bool | None]]:
    *few, large = found["report"]["measured"]
    for limit, one in [*((3, one) for one in few), (30, large)]:
        what = f"Extension report of {one['people']:,} people, {_ENGINES[one['engine']]}, warm"
        if "not run" in one:
            yield what, f"under {limit} s", f"not run: {one['not run']}", None
            continue
        without, *completed = _whole(one)
        measured = f"{spread(without[1:])} s"
        for each in completed:
            measured += f"; with completeness {spread(each[1:])} s"
        yield what, f"under {limit} s", measured, median(without[1:]) < limit


def _peer(one: dict[str, Any]) -> tuple[str, ...]:
    people = one["people"]
    return (
        f"{one['peer']} {one['version']}, {code(one['definition'])}",
        f"{people:,}",
        _rates(people, one["ours"], unit=""),
        _rates(people, one["theirs"], unit=""),
        f"{number(_quicker(one))} times",
        f"{one['events of both']:,} of {one['events of either']:,}",
        f"{one['people who differ']:,}",
    )


def _by_definition(disability: dict[str, Any]) -> str:
    kernel, streamed, many = (disability[job] for job in ("kernel", "from Parquet", "multiverse"))
    without = streamed["people"] - streamed["with an event"] - streamed["not assessable"]
    rows = [
        (
            code(one["definition"]),
            str(one["cores"]),
            _rates(kernel["people"], one["seconds"], unit=""),
        )
        for one in kernel["by definition"]
    ]
    return page(
        f"The kernel alone, {kernel['people']:,} people in memory:",
        table(("Definition", "Cores", "People/s"), rows),
        f"From Parquet, by {code(streamed['definition'])}: {streamed['people']:,} people = "
        f"{streamed['with an event']:,} with an event + {without:,} without + "
        f"{streamed['not assessable']:,} not assessable; {streamed['events']:,} events; at most "
        f"{streamed['most memory, MB']:,.0f} MB of memory.",
        f"By {many['definitions']} definitions the share with an event goes from "
        f"{100 * many['least share with an event']:.1f} % to "
        f"{100 * many['greatest share with an event']:.1f} % of the people assessable.",
    )


def _estimate(name: str, one: dict[str, Any]) -> tuple[str, ...]:
    differences = (
        f"{what} {most:.0e}" if most else f"{what} none"
        for what, most in one["largest difference"].items()
    )
    return (
        name,
        f"{one['times']:,}",
        spread(one["ours"]),
        spread(one["theirs"]),
        f"{number(_quicker(one))} times",
        ", ".join(differences),
    )


def _report(one: dict[str, Any]) -> tuple[str, ...]:
    head = (f"{one['people']:,}", _ENGINES[one["engine"]])
    if "not run" in one:
        return (*head, *("not run",) * 6)
    warm = [
        spread(one[part][1:]) if part in one else "left out"
        for part in ("building", "rendering", "completeness")
    ]
    first = number(_whole(one)[-1][0])
    return (*head, spread(one["reading"]), *warm, first, f"{one['most memory, MB']:,.0f}")


def _whole(one: dict[str, Any]) -> list[list[float]]:
    """Seconds of each run's report; and with completeness where that was measured."""
    without = [sum(parts) for parts in zip(one["building"], one["rendering"], strict=True)]
    if "completeness" not in one:
        return [without]
    return [without, [sum(parts) for parts in zip(without, one["completeness"], strict=True)]]


def _quicker(one: dict[str, Any]) -> float:
    return median(one["theirs"]) / median(one["ours"])


def _rates(people: int, seconds: Sequence[float], *, unit: str = " people/s") -> str:
    return spread([people / one for one in seconds], unit=unit)
