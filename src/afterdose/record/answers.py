"""The three answers to any question about a person."""

from enum import StrEnum


class Answer(StrEnum):
    """Absent data never reads as normal, so there are three."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ASSESSABLE = "not assessable"
