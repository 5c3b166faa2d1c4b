"""How a column of the record is specified."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

Kind = Literal["text", "code", "date", "partial_date", "number", "whole", "yes_no"]


@dataclass(frozen=True)
class Column:
    """One column: what it means and what it may hold.

    Parameters
    ----------
    meaning : str
        One sentence for the documentation.
    kind : Kind
        ``text`` (free), ``code`` (one of ``values``, or of the analyte catalogue), ``date``
        (a whole day), ``partial_date`` (year, month or day), ``number``, ``whole``, ``yes_no``.
    unit : str, optional
        The unit of a number, where it is always the same.
    values : tuple of str
        For a code: what is permitted. A value ending in ``*`` permits any ending.
    low, high : float, optional
        Inclusive limits of a number.
    step : float, optional
        A number must be a multiple of this.
    """

    meaning: str
    kind: Kind
    unit: str | None = None
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: float | None = None


def text(meaning: str) -> Any:
    return Column(meaning, "text")


def coded(meaning: str, *values: str) -> Any:
    return Column(meaning, "code", values=values)


def day(meaning: str) -> Any:
    return Column(meaning, "date")


def partial_day(meaning: str) -> Any:
    return Column(meaning, "partial_date")


def number(
    meaning: str,
    *,
    unit: str | None = None,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
) -> Any:
    return Column(meaning, "number", unit=unit, low=low, high=high, step=step)


def whole(
    meaning: str, *, unit: str | None = None, low: float | None = None, high: float | None = None
) -> Any:
    return Column(meaning, "whole", unit=unit, low=low, high=high)


def yes_no(meaning: str) -> Any:
    return Column(meaning, "yes_no")


PersonId = Annotated[str, text("Who. The same identifier in every table; never a name.")]
RecordedDate = Annotated[
    date | None,
    day("The day we knew. Empty: known on the row's own date."),
]

Source = Annotated[
    str | None,
    text("Where the row came from: file hash and position inside the file."),
]
