"""Files and messages into a team's record: landed, read, kept, each with its receipt.

Reading is `afterdose.ingest`, as on the command line; here is what differs where the record is a
database. `afterdose.web.clinic.arrivals` calls it, and makes everybody's state anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.utils.timezone import localdate

from afterdose.ingest.kept import FOLDER as LANDED
from afterdose.ingest.kept import Kept
from afterdose.ingest.order import in_order
from afterdose.ingest.pipeline import Run
from afterdose.ingest.receipt import FileReceipt
from afterdose.ingest.set_aside import SetAsideRow
from afterdose.ingest.versions import mapping_version
from afterdose.record.errors import UsageError
from afterdose.web.accounts.models import Team, User
from afterdose.web.record.load import keys_of
from afterdose.web.record.models import Arrival, Person, SetAside, Unmatched
from afterdose.web.record.store import TeamStore, identities_of, save_identities


@dataclass(frozen=True)
class Sender:
    """Who sent something: a feed by its name, or somebody by hand; when, if not now."""

    feed: str = ""
    by: User | None = None
    landed_at: datetime | None = None


@dataclass(frozen=True)
class Taken:
    """What a run did: what arrived, and the people of whom anything changed."""

    arrivals: list[Arrival]
    people: list[Person]


def landing_of(team: Team) -> Path:
    """The folder in which a team's files land; made if there is none."""
    folder = Path(settings.HOME) / "landed" / team.slug
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def take(
    team: Team,
    paths: Sequence[Path],
    sender: Sender,
    *,
    known_people_only: bool = False,
    mapping: Path | None = None,
) -> Taken:
    """Read files into a team's record; call it inside a transaction.

    Whoever else takes something into the same team waits, so that nobody is taken in twice and no
    result stands there twice.

    Parameters
    ----------
    team : Team
    paths : sequence of Path
        Files, or folders of them.
    sender : Sender
    known_people_only : bool
        Take nobody new in: rows of people whom the record does not know wait.
    mapping : Path, optional
        What the columns of tables are; see `afterdose.ingest.mapping`.

    Raises
    ------
    UsageError
        The team's people are simulated, and this is no demo.
    UnreadableInputError
        The mapping cannot be used.
    """
    with _Run(team) as work:
        moment = sender.landed_at or team.now()
        day = localdate(moment)
        if mapping is not None:
            work.run.use(mapping, landed_on=day)
        receipts = [
            work.run.take(path, landed_on=day, known_people_only=known_people_only)
            for path in in_order(paths)
        ]
        changed = work.save(receipts)
        arrivals = [_arrival(team, receipt, sender, moment) for receipt in receipts]
        changed += _replace_aside(team, work.run, {one.short: one for one in arrivals})
    return Taken(arrivals, _each_once(changed))


def take_again(team: Team, arrivals: Sequence[Arrival], *, by: User | None) -> Taken:
    """Read what landed once more, after somebody said whose it is; call it in a transaction.

    Each is read from the bytes that landed, as of the day it landed, taking nobody new in. What is
    in the record already stays as it is. The receipt of each says what this gave.
    """
    with _Run(team) as work:
        receipts = [work.run.take_again(_kept(team, one)) for one in arrivals]
        changed = work.save(receipts)
        for arrival, receipt in zip(arrivals, receipts, strict=True):
            again = {**_said(receipt), "on": team.today.isoformat(), "by": str(by or "")}
            earlier = arrival.receipt.get("read_again", [])
            arrival.receipt = {**arrival.receipt, "read_again": [*earlier, again]}
            arrival.save(update_fields=["receipt"])
        changed += _replace_aside(team, work.run, {one.short: one for one in arrivals})
    return Taken(list(arrivals), _each_once(changed))


class _Run:
    """A run over a team's record; whoever else begins one for the same team waits."""

    def __init__(self, team: Team) -> None:
        if team.is_simulated and not settings.DEMO:
            raise UsageError(
                f"Team '{team.slug}' is for simulated people. Permitted: files of people who "
                "exist, in a team for them. Choose another team."
            )
        self._team = team

    def __enter__(self) -> Self:
        # Not "for update": rows that point at the team may be written meanwhile.
        Team.objects.select_for_update(no_key=True).get(pk=self._team.pk)
        self._store, self._identities = TeamStore(self._team), identities_of(self._team)
        self._before = self._identities.pairs()
        self.run = Run.over(landing_of(self._team), self._store, self._identities)
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def save(self, receipts: Sequence[FileReceipt]) -> list[Person]:
        """Write the rows and who is who; the people of whom anything changed."""
        self.run.settle()
        for receipt in receipts:
            receipt.check()
        changed = self._store.save()
        return changed + save_identities(self._team, self._before, self._identities)


def _each_once(people: Sequence[Person]) -> list[Person]:
    found = {person.pk: person for person in people}
    return [found[key] for key in sorted(found)]


def _kept(team: Team, arrival: Arrival) -> Kept:
    path = landing_of(team) / LANDED / arrival.sha256
    size = path.stat().st_size if path.exists() else 0
    return Kept(arrival.sha256, arrival.name, size, arrival.landed_on, path, known_people_only=True)


def _said(receipt: FileReceipt) -> dict[str, Any]:
    counted = dict(sorted(receipt.set_aside.items()))
    return {**vars(receipt), "set_aside": counted, "mapping": mapping_version()}


def _arrival(team: Team, receipt: FileReceipt, sender: Sender, moment: datetime) -> Arrival:
    return Arrival.objects.create(
        team=team,
        sha256=receipt.sha256,
        name=receipt.name[:255],
        feed=sender.feed,
        by=sender.by,
        landed_on=localdate(moment),
        landed_at=moment,
        receipt=_said(receipt),
    )


def _replace_aside(team: Team, run: Run, arrivals: dict[str, Arrival]) -> list[Person]:
    """What stands aside of the files read, in place of what stood there of them before.

    Returns those whose rows these are. What somebody settled stays settled.
    """
    earlier = SetAside.objects.filter(team=team, arrival__sha256__in=_hashes(run, arrivals))
    earlier = earlier.select_related("arrival", "person")
    settled = {one.cited: one for one in earlier if one.settled_on}
    concerned = {one.person for one in earlier if one.person is not None}
    waited = Unmatched.objects.filter(
        team=team, arrival__sha256__in=_hashes(run, arrivals), decided_at=None
    )
    rows = list(dict.fromkeys(run.taking.rows_aside))
    people = _people(team, {row.person_id for row in rows if row.person_id})
    earlier.delete()
    waited.delete()
    SetAside.objects.bulk_create(
        _row_aside(row, arrivals[row.file], people.get(row.person_id), settled) for row in rows
    )
    Unmatched.objects.bulk_create(
        Unmatched(
            team=team,
            arrival=arrivals[file],
            assigner=identifier.assigner[:200],
            value=identifier.value[:200],
            rows=count,
        )
        for (identifier, file, _), count in run.taking.waiting.items()
    )
    return sorted(concerned | set(people.values()), key=lambda person: person.pk)


def _hashes(run: Run, arrivals: dict[str, Arrival]) -> list[str]:
    return [arrivals[short].sha256 for short in run.read_whole if short in arrivals]


def _people(team: Team, names: set[str]) -> dict[str, Person]:
    keys = keys_of(team, names)["person"].to_list()
    return {person.person_id: person for person in team.people.filter(pk__in=keys)}


def _row_aside(
    row: SetAsideRow, arrival: Arrival, person: Person | None, settled: dict[str, SetAside]
) -> SetAside:
    made = SetAside(
        team=arrival.team,
        arrival=arrival,
        locator=row.locator[:1000],
        reason=row.reason,
        seen=row.seen[:1000],
        analyte=row.analyte,
        person=person,
        specimen_date=row.specimen_date or None,
        received_date=row.received_date,
        mapping=row.mapping,
    )
    if (said := settled.get(made.cited)) is not None:
        made.settled_by, made.settled_name = said.settled_by, said.settled_name
        made.settled_on, made.settled_why = said.settled_on, said.settled_why
    return made
