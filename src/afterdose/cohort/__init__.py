"""Many people's record as columns: read, write and hold to its specification."""

from afterdose.cohort.about import About
from afterdose.cohort.columns import Cohort
from afterdose.cohort.folder import (
    Record,
    RecordWriter,
    finish_writing,
    new_files,
    read_record,
    read_table_file,
    validate_folder,
    write_record,
    write_tables,
)
from afterdose.cohort.hashes import hashes_of
from afterdose.cohort.problems import Problem, Validation

__all__ = [
    "About",
    "Cohort",
    "Problem",
    "Record",
    "RecordWriter",
    "Validation",
    "finish_writing",
    "hashes_of",
    "new_files",
    "read_record",
    "read_table_file",
    "validate_folder",
    "write_record",
    "write_tables",
]
