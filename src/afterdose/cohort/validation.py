"""Whether a table keeps to its specification: every problem, and what to do about it.

A problem says the table, the rows, the column, what was seen, what is permitted and what to do. It
shows codes, units and column names; of values, dates and free text it says only what kind of thing
was seen, never the thing.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from afterdose.cohort.frames import schema_of, typed
from afterdose.cohort.problems import Problem, TableOutcome
from afterdose.cohort.rules import RULES
from afterdose.record.analytes import catalogue
from afterdose.record.columns import Column
from afterdose.record.drugs import known_drugs
from afterdose.record.nearest import nearest_in_words
from afterdose.record.tables import TableSpec

_KINDS = {
    "date": "a day written YYYY-MM-DD",
    "partial_date": "a date written YYYY, YYYY-MM or YYYY-MM-DD",
    "number": "a number",
    "whole": "a whole number",
    "yes_no": "yes or no",
}
_SHOWN = 24
"""How much of a code is shown: enough to recognise it, too little for a sentence about a person."""


@dataclass(frozen=True)
class TableCheck:
    """A table, its good rows and its bad ones."""

    outcome: TableOutcome
    raw: pl.DataFrame
    frame: pl.DataFrame
    bad: pl.Series

    def accepted(self) -> pl.DataFrame:
        """The rows that keep to the specification, in canonical types."""
        return self.frame.filter(~self.bad) if self.outcome.set_aside else self.frame


def check_table(spec: TableSpec, raw: pl.DataFrame, people: pl.Series | None) -> TableCheck:
    """Hold one table to its specification.

    Parameters
    ----------
    spec : TableSpec
    raw : polars.DataFrame
        As read: text from CSV, types from Parquet.
    people : polars.Series or None
        Everybody in the table of people, or None where the record holds none.
    """
    structural = list(_structural(spec, raw))
    frame = _canonical(spec, raw)
    found: list[tuple[Problem, pl.Series]] = []
    for name, column in spec.columns.items():
        if name in raw.columns:
            found.extend(_column_problems(spec, name, column, raw[name], frame[name]))
    found.extend(_rule_problems(spec, frame, people))
    bad = pl.Series("bad", [False]).new_from_index(0, frame.height)
    for _, mask in found:
        bad = bad | mask
    outcome = TableOutcome(
        table=spec.name,
        read=raw.height,
        set_aside=int(bad.sum()),
        problems=(*structural, *(problem for problem, _ in found)),
        notes=tuple(_unknown_drugs(spec, frame, bad)),
    )
    return TableCheck(outcome, raw, frame, bad)


def write_set_aside(checks: Iterable[TableCheck], path: Path) -> None:
    """Write every bad row to a CSV file: table, row, reason, and the row itself as JSON."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("table", "row", "reason", "content"))
        for check in checks:
            reasons: dict[int, list[str]] = {}
            for problem in check.outcome.problems:
                for row in problem.rows:
                    reasons.setdefault(row, []).append(
                        f"{problem.column}: {problem.seen}; permitted: {problem.permitted}"
                    )
            for row in sorted(reasons):
                content = json.dumps(check.raw.row(row - 1, named=True), default=str)
                writer.writerow((check.outcome.table, row, " | ".join(reasons[row]), content))


def _structural(spec: TableSpec, raw: pl.DataFrame) -> Iterator[Problem]:
    for name in raw.columns:
        if name not in spec.columns:
            yield Problem(
                spec.name, _code(name), (), "an unknown column", ", ".join(spec.columns),
                "Rename or remove it.",
            )  # fmt: skip
    for name in sorted(spec.required - set(raw.columns)):
        yield Problem(
            spec.name, name, (), "the column is missing", "the column, filled in every row",
            "Add it.",
        )  # fmt: skip


def _canonical(spec: TableSpec, raw: pl.DataFrame) -> pl.DataFrame:
    """Every column in its type; empty cells take the specification's default, if it has one."""
    schema = schema_of(spec)
    columns = {}
    for name, column in spec.columns.items():
        if name in raw.columns:
            series = typed(raw[name], column)
        else:
            series = pl.Series(name, [None], dtype=schema[name]).new_from_index(0, raw.height)
        default = spec.row._field_defaults.get(name)
        columns[name] = series if default is None else series.fill_null(default)
    return pl.DataFrame(columns)


def _column_problems(
    spec: TableSpec, name: str, column: Column, raw: pl.Series, series: pl.Series
) -> Iterator[tuple[Problem, pl.Series]]:
    empty = raw.is_null()
    if raw.dtype == pl.String:
        empty = empty | (raw.fill_null("").str.strip_chars() == "")
    if name in spec.required:
        yield from _say(spec, name, empty, "empty", "a value in every row", "Fill it in.")
    unreadable = ~empty & series.is_null()
    permitted = _KINDS.get(column.kind, "text")
    yield from _say(
        spec, name, unreadable, "something else", permitted, "Correct the value or leave it empty."
    )
    if column.kind == "partial_date":
        yield from _say(
            spec, name, _bad_partial(series), "something else", permitted, "Correct the date."
        )
    if column.kind == "code":
        yield from _bad_codes(spec, name, column, series)
    yield from _bad_numbers(spec, name, column, series)


def _bad_partial(series: pl.Series) -> pl.Series:
    """Dates that are neither a year, a month nor a day of the calendar."""
    filled = series.str.len_chars().replace_strict(
        {4: "-01-01", 7: "-01", 10: ""}, default=None, return_dtype=pl.String
    )
    whole = (series + filled).str.to_date("%Y-%m-%d", strict=False)
    return series.is_not_null() & whole.is_null()


def _bad_codes(
    spec: TableSpec, name: str, column: Column, series: pl.Series
) -> Iterator[tuple[Problem, pl.Series]]:
    values = column.values or tuple(catalogue())
    exact = [value for value in values if not value.endswith("*")]
    good = series.is_in(exact)
    for value in values:
        if value.endswith("*"):
            good = good | series.str.starts_with(value.removesuffix("*"))
    wrong = series.is_not_null() & ~good.fill_null(value=False)
    for code in series.filter(wrong).unique(maintain_order=True):
        permitted = ", ".join(values) if column.values else "a name of the analyte catalogue"
        yield from _say(
            spec, name, wrong & (series == code), f"'{_code(code)}'", permitted, "Correct the code."
        )


def _bad_numbers(
    spec: TableSpec, name: str, column: Column, series: pl.Series
) -> Iterator[tuple[Problem, pl.Series]]:
    if column.kind not in ("number", "whole"):
        return
    if column.kind == "number":
        odd = series.is_not_null() & ~series.is_finite()
        yield from _say(spec, name, odd, "not a finite number", "a number", "Correct the value.")
    limits = []
    outside = pl.Series(name, [False]).new_from_index(0, series.len())
    if column.low is not None:
        limits.append(f"at least {column.low:g}")
        outside = outside | (series < column.low)
    if column.high is not None:
        limits.append(f"at most {column.high:g}")
        outside = outside | (series > column.high)
    yield from _say(
        spec,
        name,
        outside,
        "a value outside its limits",
        " and ".join(limits),
        "Correct the value.",
    )


def _rule_problems(
    spec: TableSpec, frame: pl.DataFrame, people: pl.Series | None
) -> Iterator[tuple[Problem, pl.Series]]:
    for rule in RULES.get(spec.name, ()):
        wrong = frame.select(rule.wrong).to_series()
        yield from _say(spec, rule.column, wrong, rule.seen, rule.permitted, rule.do)
    if spec.name != "people" and people is not None:
        yield from _say(
            spec,
            "person_id",
            frame["person_id"].is_not_null() & ~frame["person_id"].is_in(people.implode()),
            "somebody who is not in people",
            "a person_id of the table people",
            "Add the person to people, or correct the identifier.",
        )


def _unknown_drugs(spec: TableSpec, frame: pl.DataFrame, bad: pl.Series) -> Iterator[Problem]:
    """Drugs outside the list: permitted, but a slip in the name leaves a person unfollowed."""
    if spec.name != "treatments":
        return
    drugs = frame["drug"]
    unknown = ~bad & ~drugs.is_in(known_drugs())
    for drug in drugs.filter(unknown).unique(maintain_order=True):
        nearest = nearest_in_words(drug, known_drugs())
        permitted = f"any drug, but of this one the list of drugs knows nothing{nearest}"
        do = "No protocol follows it. Correct the name if another was meant."
        rows = unknown & (drugs == drug)
        for note, _ in _say(spec, "drug", rows, f"'{_code(drug)}'", permitted, do):
            yield note


def _say(
    spec: TableSpec, column: str, wrong: pl.Series, seen: str, permitted: str, do: str
) -> Iterator[tuple[Problem, pl.Series]]:
    wrong = wrong.fill_null(value=False)
    if wrong.any():
        rows = tuple(row + 1 for row in wrong.arg_true())
        yield Problem(spec.name, column, rows, seen, permitted, do), wrong


def _code(text: str) -> str:
    """A code as it may be shown: printable and short."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
