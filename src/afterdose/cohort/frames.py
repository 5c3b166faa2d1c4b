"""The record's tables as data frames: canonical types, and text turned into them."""

import polars as pl

from afterdose.record.columns import Column
from afterdose.record.tables import TableSpec

TYPE_OF: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "partial_date": pl.String(),
    "date": pl.Date(),
    "number": pl.Float64(),
    "whole": pl.Int64(),
    "yes_no": pl.Boolean(),
}
_YES_NO = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


def schema_of(spec: TableSpec) -> dict[str, pl.DataType]:
    """Every column of a table with its canonical type, in the specification's order."""
    return {name: TYPE_OF[column.kind] for name, column in spec.columns.items()}


def empty_frame(spec: TableSpec) -> pl.DataFrame:
    """A table without rows."""
    return pl.DataFrame(schema=schema_of(spec))


def typed(series: pl.Series, column: Column) -> pl.Series:
    """``series`` in its canonical type; blanks, and what cannot be read, become null."""
    wanted = TYPE_OF[column.kind]
    if series.dtype == pl.String:
        return _from_text(series, column).alias(series.name)
    return series if series.dtype == wanted else series.cast(wanted, strict=False)


def _from_text(series: pl.Series, column: Column) -> pl.Series:
    text = series.str.strip_chars().replace("", None)
    if column.kind == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "yes_no":
        return text.str.to_lowercase().replace_strict(
            _YES_NO, default=None, return_dtype=pl.Boolean
        )
    return text.cast(TYPE_OF[column.kind], strict=False)
