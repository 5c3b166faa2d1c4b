"""A record folder into a team's record in the database, and out again."""

from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from afterdose.cohort import Record, read_record, write_record
from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team
from afterdose.web.record.beside import load_beside, write_beside
from afterdose.web.record.export import record_of
from afterdose.web.record.load import add_everybody, add_rows, count_anew
from afterdose.web.record.rows import hold


def load_record(
    folder: Path, team: Team, *, progress: Callable[[str, int], None] | None = None
) -> dict[str, int]:
    """Put the tables of a record folder into a team's record, which must be empty.

    Parameters
    ----------
    folder : Path
    team : Team
    progress : callable, optional
        Called with a table's name and the number of its rows once they are in.

    Returns
    -------
    dict of str to int
        Rows by table.

    Raises
    ------
    UsageError
        The team has people already; or the people are simulated and the team's are not, or the
        other way round.
    RecordError, UnreadableInputError
        As `afterdose.cohort.read_record`.
    """
    record = read_record(folder)
    if record.about.simulated != team.is_simulated:
        kinds = ("people who exist", "simulated people")
        raise UsageError(
            f"The folder holds {kinds[record.about.simulated]} and team '{team.slug}' is for "
            f"{kinds[team.is_simulated]}. Permitted: one kind in a team. Name another team."
        )
    with transaction.atomic():
        if team.people.exists():
            raise UsageError(
                f"Team '{team.slug}' has {team.people.count()} people already. Permitted: a team "
                "without any. Take files into it instead, or name another team."
            )
        keys = add_everybody(record.frames, team)
        rows = {}
        for table, frame in record.frames.items():
            if table != "people":
                add_rows(table, frame, keys)
            rows[table] = frame.height
            if progress is not None:
                progress(table, frame.height)
        hold(team, *record.frames)
        load_beside(folder, team)
    count_anew()
    return rows


def write_team(team: Team, folder: Path) -> Record:
    """Write the record of a team into a folder, with what stands beside its tables."""
    record = record_of(team)
    write_record(record, folder)
    write_beside(team, folder)
    return record
