"""Rows of a record as a reader of a trace sees them: table, day, values, where they came from."""

from dataclasses import dataclass
from typing import Any

from afterdose.record.tables import SPECS

_TABLE_OF = {spec.row: name for name, spec in SPECS.items()}
_DAYS = ("specimen_date", "onset_date", "start_date", "date", "since", "death_date")
_ORIGIN = ("provider", "source")


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the record.

    Attributes
    ----------
    table : str
    day : str
        When it was true; may be partial, or empty.
    values : str
        Every other value the row has, by column: ``edss``, then ``value=3.0``.
    provider, source : str
        Where it came from, in tables that hold it; else empty.
    """

    table: str
    day: str
    values: str
    provider: str
    source: str


def show_row(row: Any) -> RowShown:
    """A row of any table.

    Parameters
    ----------
    row : named tuple
        Of a class in `afterdose.record.tables`.

    Examples
    --------
    >>> from datetime import date
    >>> from afterdose.record.tables import Relapse
    >>> shown = show_row(Relapse("P1", date(2012, 3, 1), confirmed=True))
    >>> shown.table, shown.day, shown.values
    ('relapses', '2012-03-01', 'confirmed=yes')
    """
    held = {name: value for name, value in row._asdict().items() if value is not None}
    held.pop("person_id")
    day = next((name for name in _DAYS if name in held), None)
    origin = {name: held.pop(name, "") for name in _ORIGIN}
    return RowShown(
        table=_TABLE_OF[type(row)],
        day=str(held.pop(day)) if day else "",
        values=", ".join(f"{name}={_word(value)}" for name, value in held.items()),
        **origin,
    )


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
