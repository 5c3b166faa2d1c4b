"""Episodes: the stretches during which an alert holds."""

from dataclasses import dataclass, replace
from datetime import date

from afterdose.monitoring.verdicts import Verdict
from afterdose.record.tables import Lab


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch during which an alert holds.

    Attributes
    ----------
    opened : date
        Specimen date of the first result that made the alert true.
    known_since : date
        When the last row that was needed to see it had been received.
    first : Lab
        The result that opened it.
    rows : tuple of Lab
        The rows that opened it, with those it was compared or combined with.
    confirmed : date or None
        Specimen date of the first later result that met it too.
    latest : Lab
        The newest result that still met it.
    answered : Lab
        The newest result that gave an answer, whether or not it still met the alert: a repeat is
        expected after it.
    closed : date or None
        Specimen date of the result that closed it; None while it is open.
    note : str
    """

    opened: date
    known_since: date
    first: Lab
    rows: tuple[Lab, ...]
    latest: Lab
    answered: Lab
    confirmed: date | None = None
    closed: date | None = None
    note: str = ""

    @property
    def is_refuted(self) -> bool:
        """Closed by the first repeat: nothing ever confirmed it."""
        return self.closed is not None and self.confirmed is None


def taken(row: Lab) -> tuple[date, str]:
    """The moment of the specimen; without a time of day it comes before those with one."""
    return row.specimen_date, row.specimen_time or ""


def prolong(
    episodes: list[Episode], verdict: Verdict, row: Lab, *, is_confirmed: bool = False
) -> None:
    """Open an episode at ``row``, or let the open one go on; a later result confirms it.

    ``is_confirmed``: several results had to agree for it to open, so it is confirmed at once.
    """
    standing = open_of(episodes)
    if standing is None:
        episodes.append(
            Episode(
                opened=row.specimen_date,
                known_since=max(used.received_date for used in verdict.rows),
                first=row,
                rows=verdict.rows,
                latest=row,
                answered=row,
                confirmed=row.specimen_date if is_confirmed else None,
                note=verdict.note,
            )
        )
        return
    confirmed = standing.confirmed
    if confirmed is None and taken(row) > taken(standing.first):
        confirmed = row.specimen_date
    episodes[-1] = replace(standing, latest=row, answered=row, confirmed=confirmed)


def repeat(episodes: list[Episode], row: Lab) -> None:
    """A result that neither meets the alert nor closes its episode is a repeat all the same."""
    standing = open_of(episodes)
    if standing is not None:
        episodes[-1] = replace(standing, answered=row)


def close(episodes: list[Episode], row: Lab) -> None:
    """Close the open episode, if any, by the later result ``row``.

    Two results of one moment contradict each other: only a later specimen settles it.
    """
    standing = open_of(episodes)
    if standing is not None and taken(row) > taken(standing.latest):
        episodes[-1] = replace(standing, closed=row.specimen_date)


def open_of(episodes: list[Episode]) -> Episode | None:
    """The episode that is open, if any."""
    return episodes[-1] if episodes and episodes[-1].closed is None else None
