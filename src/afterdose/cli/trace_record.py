"""Which record a report was made from: told by its values, wherever it lies."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from afterdose.cli.opening import Opened, open_cohort
from afterdose.cohort import hashes_of
from afterdose.cohort.about import read_about
from afterdose.cohort.hashes import hash_of_about
from afterdose.record.errors import RecordError, UsageError
from afterdose.record.tables import SPECS
from afterdose.study.people import TABLES

if TYPE_CHECKING:
    from afterdose.study.report_file import ReportFile

MONITORING = "monitoring"
"""The section that rests on every table; the others leave laboratory results alone."""


def open_record(
    record: Path | None, *, report: Path, written: "ReportFile", section: str
) -> tuple[Path, Opened]:
    """Open the record a report was made from, on the report's day.

    Parameters
    ----------
    record : Path or None
        None: the one near the report, in its folder, in a folder beside it or above it.
    report : Path
    written : ReportFile
    section : str
        Of the number asked about: the tables it rests on have to be what they were.

    Raises
    ------
    UsageError
        There is none, or its values are not those the report was made from.
    """
    folders = [record] if record is not None else list(_records_near(report, written))
    if not folders:
        raise UsageError(
            f"No record that could be the report's lies near {report.name}. Permitted: in its "
            "folder, in a folder beside it, or above it. Name the record with --record."
        )
    refused = []
    for folder in folders:
        opened = open_cohort(folder, as_of=written.as_of)
        found = hashes_of(opened.cohort)
        rests_on = ("about", *TABLES)
        if section == MONITORING:
            rests_on = tuple(sorted({*written.data, *found}))
        try:
            written.refuse_other_data(found, rests_on)
        except UsageError as error:
            refused.append(error)
        else:
            return folder, opened
    raise refused[0]


def _records_near(report: Path, written: "ReportFile") -> Iterator[Path]:
    """Records that say of themselves what the report's says."""
    home = report.resolve().parent
    beside = sorted(path for path in home.iterdir() if path.is_dir())
    for folder in (home, *beside, *home.parents):
        try:
            if not any(
                (folder / f"{table}{end}").exists()
                for table in SPECS
                for end in (".parquet", ".csv", "")
            ):
                continue
            about = hash_of_about(read_about(folder))
        except (RecordError, OSError):
            continue
        if about == written.data.get("about"):
            yield folder
