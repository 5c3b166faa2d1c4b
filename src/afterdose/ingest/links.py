"""Results that may be one by way of two laboratories: named in ``links.csv``, none deleted."""

import csv
from datetime import timedelta
from pathlib import Path

import polars as pl

from afterdose.monitoring.copies import WITHIN, Link, links_of
from afterdose.monitoring.versions import current_results
from afterdose.record.tables import USABLE_STATUSES, Lab

FILE_NAME = "links.csv"
COLUMNS = (
    "person_id",
    "analyte",
    "specimen_date",
    "specimen_time",
    "provider",
    "source",
    "copy_date",
    "copy_time",
    "copy_provider",
    "copy_source",
)
_CLOCKS = timedelta(hours=26)
_ALIKE = ("person_id", "analyte", "value", "comparator")


def find_links(labs: pl.DataFrame) -> list[Link]:
    """The links of every person's current results; see `afterdose.monitoring.copies`.

    Few people have any, so only theirs become objects.
    """
    people = _people_with_alike(labs)
    rows: dict[str, list[Lab]] = {}
    for row in labs.filter(pl.col("person_id").is_in(people.implode())).iter_rows():
        rows.setdefault(str(row[0]), []).append(Lab(*row))
    return [
        link
        for person_id in sorted(rows)
        for link in links_of(
            lab for lab in current_results(rows[person_id]) if lab.status in USABLE_STATUSES
        )
    ]


def write_links(path: Path, links: list[Link]) -> None:
    """Write every link; no file where there is none, nor was."""
    if not links and not path.exists():
        return
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *map(_cells, links)])
    temporary.replace(path)


def _people_with_alike(labs: pl.DataFrame) -> pl.Series:
    """Whoever has two alike results of two laboratories, taken minutes apart or by clocks that may
    be: two clocks stand up to `_CLOCKS` apart.
    """
    timed = labs.filter(
        pl.all_horizontal(pl.col("provider", "specimen_time", "value").is_not_null())
    )
    several = timed.filter(timed.select(pl.struct(_ALIKE).hash()).to_series().is_duplicated())
    taken = pl.concat_str("specimen_date", pl.lit("T"), "specimen_time").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S"
    )
    rows = several.select(*_ALIKE, "provider", taken=taken).sort(*_ALIKE, "taken")
    is_alike = pl.all_horizontal(
        *(pl.col(name).eq_missing(pl.col(name).shift()) for name in _ALIKE),
        pl.col("taken") - pl.col("taken").shift() <= WITHIN + _CLOCKS,
        pl.col("provider") != pl.col("provider").shift(),
    )
    return rows.filter(is_alike)["person_id"].unique()


def _cells(link: Link) -> tuple[object, ...]:
    one, copy = link
    return (
        one.person_id,
        one.analyte,
        *(cell for row in (one, copy) for cell in _whence(row)),
    )


def _whence(row: Lab) -> tuple[object, ...]:
    return row.specimen_date, row.specimen_time, row.provider, row.source or ""
