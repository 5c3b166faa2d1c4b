"""Something arrives: into the record, onto the worklist, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from afterdose.web.accounts.models import Team, User
from afterdose.web.clinic.state import recompute_people
from afterdose.web.record.models import Arrival
from afterdose.web.record.taking import Sender, take


def take_files(
    team: Team,
    paths: Sequence[Path],
    *,
    by: User | None,
    known_people_only: bool = False,
    mapping: Path | None = None,
) -> list[Arrival]:
    """Take files into a team's record, and make the state of the people concerned anew.

    Parameters and errors are those of `afterdose.web.record.taking.take`.

    Returns
    -------
    list of Arrival
        One a file, each with its receipt: rows in = accepted + duplicates + set aside.
    """
    with transaction.atomic():
        taken = take(
            team, paths, Sender(by=by), known_people_only=known_people_only, mapping=mapping
        )
        recompute_people(taken.people)
    return taken.arrivals


def take_message(
    team: Team,
    body: bytes,
    *,
    feed: str,
    known_people_only: bool = True,
    landed_at: datetime | None = None,
) -> Arrival:
    """Take one message of a feed into a team's record, as `take_files` does.

    Once this returns it is kept, and shown: before, nobody may be told so.

    Parameters
    ----------
    team : Team
    body : bytes
        An HL7 v2 message, or FHIR as JSON.
    feed : str
        The feed's name.
    known_people_only : bool
        Take nobody new in. A message of somebody unknown waits for a decision.
    landed_at : datetime, optional
        When it landed; else now.
    """
    with TemporaryDirectory(prefix="afterdose-arriving-") as folder:
        path = Path(folder) / name_of(body)
        path.write_bytes(body)
        sender = Sender(feed=feed, landed_at=landed_at)
        return take_journal(team, path, sender, known_people_only=known_people_only)


def take_journal(
    team: Team, path: Path, sender: Sender, *, known_people_only: bool = True
) -> Arrival:
    """Take a file of messages of a feed into a team's record, as `take_message` does."""
    with transaction.atomic():
        taken = take(team, [path], sender, known_people_only=known_people_only)
        recompute_people(taken.people)
    (arrival,) = taken.arrivals
    return arrival


def name_of(body: bytes) -> str:
    """What a message is called where its sender gave it no name.

    Examples
    --------
    >>> name_of(b"MSH|^~"), name_of(b' {"resourceType": "Bundle"}')
    ('message.hl7', 'message.json')
    """
    return "message.json" if body.lstrip()[:1] in (b"{", b"[") else "message.hl7"
