"""Writes the HL7 v2 messages of a laboratory; the same arguments give the same bytes."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from blood_draws import (
    FIRST_SAMPLED,
    LABORATORIES,
    OUTPUT_BYTES,
    PANELS,
    TESTS,
    Draw,
    Result,
    draws_of,
    people_of,
    results_of,
    sampling_step,
)

MESSAGES_A_PERSON = 8
"""How often a person stands in the feed."""


def write_feed(path: Path, messages: int, sampled: int) -> dict[str, object]:
    r"""Write HL7 v2.5.1 ORU^R01 messages of eight results in three orders.

    Parameters
    ----------
    path : Path
    messages : int
    sampled : int
        How many results to name for a comparison, evenly spread, beside the first.

    Returns
    -------
    dict
        How many people, ``messages`` and ``results``; bytes; the sample, each as the laboratory's
        number of the order and the code.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     made = write_feed(Path(folder) / "feed.hl7", 3, sampled=2)
    >>> made["results"], made["sample"][:2]
    (24, ['F0000000-0|777-3', 'F0000000-0|6690-2'])
    """
    chance = random.Random(6)  # noqa: S311, nothing secret hangs on it
    path.parent.mkdir(parents=True, exist_ok=True)
    count = -(-messages // MESSAGES_A_PERSON)
    everybody = people_of(count, chance)
    results, sample = 0, []
    every = sampling_step(messages * len(TESTS), sampled)
    seen = set()
    with path.open("w", encoding="utf-8", newline="", buffering=OUTPUT_BYTES) as out:
        for draw in draws_of(everybody, MESSAGES_A_PERSON, chance):
            if draw.number == messages:
                break
            seen.add(draw.person.number)
            found = list(results_of(draw, chance))
            for result in found:
                if results < FIRST_SAMPLED or results % every == 0:
                    sample.append(f"{_order(draw, result.test.panel)}|{result.test.code}")
                results += 1
            out.write("\r".join(_segments(draw, found, chance)) + "\r")
    return {
        "people": len(seen),
        "messages": messages,
        "results": results,
        "bytes": path.stat().st_size,
        "sample": sample,
    }


def _segments(draw: Draw, results: list[Result], chance: random.Random) -> Iterator[str]:
    person, laboratory = draw.person, LABORATORIES[draw.laboratory]
    offset = draw.zone.replace(":", "")
    taken = f"{draw.taken:%Y%m%d%H%M%S}{offset}"
    told = f"{draw.taken + timedelta(minutes=chance.randrange(40, 420)):%Y%m%d%H%M%S}{offset}"
    sex = "F" if person.is_female else "M"
    yield (
        f"MSH|^~\\&|LIS|Example pathology|EHR|Example hospital|{told}||ORU^R01^ORU_R01|"
        f"M{draw.number:08d}|P|2.5.1|||AL|NE||UNICODE UTF-8"
    )
    yield (
        f"PID|1||4{person.number:07d}^^^HOSP^MR||Nobody^N{person.number}^^^^^L||"
        f"{person.born:%Y%m%d}|{sex}|||1 No Street^^Nowhere^^00000^^H||^PRN^PH^^^000^0000000"
    )
    yield f"PV1|1|O|NEURO^^^Example hospital||||0001^Nobody^Dr|||NEU||||||||V{draw.number:08d}"
    for panel, name in enumerate(PANELS):
        order = _order(draw, panel)
        yield f"ORC|RE|P{draw.number:07d}-{panel}^EHR|{order}^LIS|||CM"
        yield (
            f"OBR|{panel + 1}|P{draw.number:07d}-{panel}^EHR|{order}^LIS|{name}|||{taken}"
            f"|||||||||0001^Nobody^Dr||||||{told}||LAB|F"
        )
        for place, result in enumerate((r for r in results if r.test.panel == panel), start=1):
            yield _obx(place, result, taken, told, laboratory)
        if chance.random() < 0.1:
            yield "NTE|1|L|Sample slightly haemolysed\\T\\ lipaemic: read with care."


def _obx(place: int, result: Result, taken: str, told: str, laboratory: str) -> str:
    test = result.test
    kind, value = ("SN", f"{result.bound}^{result.value}") if result.bound else ("NM", result.value)
    shown = test.shown_unit.replace("^", "\\S\\")
    return (
        f"OBX|{place}|{kind}|{test.code}^{test.name}^LN^{test.local[:4].upper()}^{test.local}^L||"
        f"{value}|{test.unit}^{shown}^UCUM|{result.low}-{result.high}|{result.flag}|||F|||{taken}"
        f"|||||{told}||||{laboratory}"
    )


def _order(draw: Draw, panel: int) -> str:
    """The laboratory's number of an order."""
    return f"F{draw.number:07d}-{panel}"
