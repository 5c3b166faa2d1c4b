"""The report for machines: every number with its id, and what it was made from.

No time, no path and no engine's name is in it: the same record, definitions and code give the same
bytes, from CSV and from Parquet.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from enum import Enum
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

import afterdose
from afterdose.monitoring import Protocol
from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.outcomes.disability.toml import render_toml
from afterdose.sources import package_stamp
from afterdose.study.identifiers import cell_id, named_numbers, number_ids, table_id
from afterdose.study.model import Behind, Cell, Estimate, Part, Report, Section
from afterdose.study.render import words_of

FORMAT = "afterdose-report/1"
"""Changes when a reader of the file would have to."""

KEYS: dict[str, str] = {
    "format": f"`{FORMAT}`; changes when a reader of the file would have to.",
    "title": "The report's title.",
    "simulated": "True where nobody in the record exists.",
    "about": "What the record says of itself.",
    "drug": "Whose first course everything is counted from.",
    "as_of": "The data day: rows recorded later do not exist yet.",
    "volume_from_month": "From which month on brain volume is measured anew; 0: before treatment.",
    "people": "People in the record.",
    "treated": "People whose first course had begun and is in the record.",
    "authorship": "Authors, their declarations, funding and contact, as `--about` gave them.",
    "code.version": "Version of Afterdose.",
    "code.sha256": "Of its source files.",
    "data": "SHA-256 of each table of the record, and of `about`: of values, not of files.",
    "definitions[].id": "Every definition used, in the order of first use.",
    "definitions[].title": "Its name in words.",
    "definitions[].words": "What is asked.",
    "definitions[].source": "The primary document, or `policy` where the choice is ours.",
    "definitions[].toml": "Only of confirmed disability change: every choice, as a file.",
    "definitions[].sha256": "Of the definition as it is applied.",
    "protocols[].id": "The protocols by which completeness of monitoring was measured.",
    "protocols[].version": "Of the protocol file.",
    "protocols[].sha256": "Of the protocol with what the site changed.",
    "sections[].id": "Such as `c`.",
    "sections[].title": "As on the page.",
    "sections[].headline": "The finding in one sentence.",
    "sections[].summary": "On one line; empty where the section is not one of the six statements.",
    "sections[].notes[]": "What a reader has to know.",
    "sections[].missing": "Why the question cannot be answered; empty where it can.",
    "sections[].no_published": "What is said where there is nothing to compare with.",
    "sections[].definitions[]": "Ids of the definitions the section names.",
    "sections[].estimates[].id": "The number's id, such as `c.relapse-rate-year-3`.",
    "sections[].estimates[].label": "What it is.",
    "sections[].tables[].id": "Such as `c1`.",
    "sections[].tables[].caption": "As on the page.",
    "sections[].tables[].header[]": "The columns' headings.",
    "sections[].tables[].cells[][].text": "A cell as readers see it; the first of a row names it.",
    "sections[].tables[].cells[][].id": "Only where the cell shows a number: such as `c1.E3`.",
    "sections[].published[]": "Published figures set beside the section's numbers, as cited.",
}
"""Every key of the file with one sentence; those of a number are in `NUMBER_KEYS`."""

NUMBER_KEYS: dict[str, str] = {
    "value": "In `unit`, to twelve significant digits; null where it cannot be had.",
    "low": "Lower end of the 95 % interval, or null.",
    "high": "Upper end, or null.",
    "numerator": "People or events; null where there is none, as in a median.",
    "denominator": "People, values or patient-years; null in a plain count.",
    "unit": "`people`, `%`, `per patient-year`, ...",
    "method": "How value and interval were had; empty for a count.",
    "behind": "Whose rows it rests on; null where it rests on other numbers or on tests of "
    "monitoring, which `afterdose trace` follows by itself.",
    "behind.outcome": "What was asked of each person.",
    "behind.year": "The year after the first course, or null.",
    "behind.asked": "How many people were asked.",
    "behind.counted": "How many of them counted.",
}
"""The keys of every number, of an estimate and of a cell."""


def write_report_json(
    report: Report, path: Path, *, data: Mapping[str, str], protocols: Iterable[Protocol] = ()
) -> None:
    """Write the report for machines.

    Parameters
    ----------
    report : Report
    path : Path
        Replaced if it exists; its folder is made if it does not.
    data : mapping of str to str
        From `afterdose.cohort.hashes_of`.
    protocols : iterable of Protocol
        By which completeness was measured.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_report_json(report, data=data, protocols=protocols), encoding="utf-8")


def render_report_json(
    report: Report, *, data: Mapping[str, str], protocols: Iterable[Protocol] = ()
) -> str:
    """The report for machines as text: keys sorted, not a number as null."""
    values = report_as_dict(report, data=data, protocols=protocols)
    text = json.dumps(values, allow_nan=False, ensure_ascii=False, indent=1, sort_keys=True)
    return text + "\n"


def report_as_dict(
    report: Report, *, data: Mapping[str, str] | None = None, protocols: Iterable[Protocol] = ()
) -> dict[str, Any]:
    """The report as plain values, ready for JSON; see `KEYS` and `NUMBER_KEYS`.

    Without ``data`` it does not say which record it is of, and cannot be traced.

    Raises
    ------
    ValueError
        Two of its numbers would have the same id.
    """
    number_ids(report)
    return {
        "format": FORMAT,
        "title": report.title,
        "simulated": report.simulated,
        "about": report.about,
        "drug": report.drug,
        "as_of": report.as_of.isoformat(),
        "volume_from_month": report.volume_from_month,
        "people": report.people,
        "treated": report.treated,
        "authorship": asdict(report.authorship),
        "code": {"version": afterdose.__version__, "sha256": package_stamp()},
        "data": dict(data or {}),
        "definitions": [_definition(one) for one in definitions_of(report).values()],
        "protocols": [
            {"id": one.id, "version": one.version, "sha256": hash_of(one)} for one in protocols
        ],
        "sections": [_section(section) for section in report.sections],
    }


def definitions_of(report: Report) -> dict[str, Definition | DisabilityDefinition]:
    """Every definition a report uses, by id, in the order of first use."""
    return {one.id: one for section in report.sections for one in section.definitions}


def hash_of(value: Any) -> str:
    """The SHA-256 of a frozen value by what it holds, whatever order its sets have in memory."""
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()


def _definition(one: Definition | DisabilityDefinition) -> dict[str, Any]:
    found = {
        "id": one.id,
        "title": one.title,
        "words": words_of(one),
        "source": one.source,
        "sha256": hash_of(one),
    }
    return found if isinstance(one, Definition) else {**found, "toml": render_toml(one)}


def _section(section: Section) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "headline": section.headline,
        "summary": section.summary,
        "notes": list(section.notes),
        "missing": section.missing,
        "no_published": section.no_published,
        "definitions": [one.id for one in section.definitions],
        "estimates": [
            {"id": one.id, "label": one.number.label, **_number(one.number)}
            for one in named_numbers(section)
        ],
        "tables": [
            _table(part, table_id(section, place)) for place, part in enumerate(section.parts, 1)
        ],
        "published": [asdict(figure) for figure in section.published],
    }


def _table(part: Part, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "caption": part.table.caption,
        "header": list(part.table.header),
        "cells": [
            [
                {"text": str(cell), "id": cell_id(name, row, column), **_number(cell.number)}
                if isinstance(cell, Cell)
                else {"text": cell}
                for column, cell in enumerate(cells)
            ]
            for row, cells in enumerate(part.table.rows)
        ],
    }


def _number(number: Estimate) -> dict[str, Any]:
    return {
        "value": finite(number.value),
        "low": finite(number.low),
        "high": finite(number.high),
        "numerator": finite(number.numerator),
        "denominator": finite(number.denominator),
        "unit": number.unit,
        "method": number.method,
        "behind": None if number.behind is None else _behind(number.behind),
    }


def _behind(behind: Behind) -> dict[str, Any]:
    return {
        "outcome": behind.outcome,
        "year": behind.year,
        "asked": int(np.bitwise_count(behind.asked_bits).sum()),
        "counted": int(np.bitwise_count(behind.counted_bits).sum()),
    }


def finite(value: float | None) -> float | None:
    """A plain number of twelve significant digits, which every engine has alike; else None.

    A whole one has no decimal point, whatever array it came from.

    Examples
    --------
    >>> finite(0.1 + 0.2), finite(3.0), finite(float("nan"))
    (0.3, 3, None)
    """
    if value is None or not isfinite(value):
        return None
    return int(value) if value == int(value) else float(f"{value:.12g}")


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(one) for one in value), key=json.dumps)
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"": type(value).__name__, **held}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    raise TypeError(f"A {type(value).__name__} has no plain form. Give `_plain` one.")
