"""What stands beside the tables of a record folder: who is who, what landed, what was set aside.

Approvals and a site's own settings are not taken over: in the clinic somebody who has signed in
answers for them.
"""

import csv
import shutil
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from afterdose.ingest.doses import FILE_NAME as DOSES
from afterdose.ingest.doses import Doses
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import Identities
from afterdose.ingest.kept import FOLDER as LANDED
from afterdose.ingest.kept import kept_files, receipts_of
from afterdose.ingest.reasons import REASONS
from afterdose.ingest.rows import Identifier
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, read_set_aside, replace_set_aside
from afterdose.ingest.settled import FILE_NAME as SETTLED
from afterdose.ingest.settled import Settled, standing
from afterdose.ingest.unmatched import FILE_NAME as UNMATCHED
from afterdose.ingest.unmatched import read_unmatched, replace_unmatched
from afterdose.web.accounts.models import Team
from afterdose.web.record.load import keys_of
from afterdose.web.record.models import Arrival, Dose, SetAside, Unmatched
from afterdose.web.record.store import doses_of, identities_of, save_identities
from afterdose.web.record.taking import landing_of


def load_beside(folder: Path, team: Team) -> None:
    """Take over who is who, the files that landed with their receipts, and what stands aside.

    Call it in the transaction that loads the tables, after them.
    """
    save_identities(team, {}, Identities.read(folder / IDENTITIES))
    doses = Doses.read(folder / DOSES).of_person(None)
    whose = dict(keys_of(team, {dose.person_id for dose in doses}).iter_rows())
    Dose.objects.bulk_create(
        Dose(**{**dose._asdict(), "person_id": whose[dose.person_id]}) for dose in doses
    )
    arrivals = _load_arrivals(folder, team)
    settled = standing(folder)
    rows = read_set_aside(folder / SET_ASIDE)
    people = dict(keys_of(team, {row.person_id for row in rows if row.person_id}).iter_rows())
    SetAside.objects.bulk_create(
        _row_aside(row, team, arrivals[row.file], people, settled) for row in rows
    )
    Unmatched.objects.bulk_create(
        Unmatched(
            team=team,
            arrival=arrivals[one.file],
            assigner=one.assigner,
            value=one.identifier,
            rows=one.rows,
        )
        for one in read_unmatched(folder / UNMATCHED)
    )


def write_beside(team: Team, folder: Path) -> None:
    """Write who is who and what stands aside, as `afterdose ingest` would have."""
    identities_of(team).write(folder / IDENTITIES)
    doses = Doses(doses_of(team))
    if len(doses):
        doses.write(folder / DOSES)
    rows = SetAside.objects.filter(team=team).select_related("arrival", "person").order_by("pk")
    replace_set_aside(folder / SET_ASIDE, map(_line, rows), read=())
    with (folder / SETTLED).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Settled._fields)
        writer.writerows(
            (one.settled_on, one.settled_name, "settle", one.arrival.short, one.locator,
             one.settled_why)
            for one in rows
            if one.settled_on
        )  # fmt: skip
    counts: Counter[tuple[Identifier, str, date]] = Counter()
    waiting = Unmatched.objects.filter(team=team, decided_at=None).select_related("arrival")
    for one in waiting:
        who = Identifier(one.assigner, one.value)
        counts[who, one.arrival.short, one.arrival.landed_on] += one.rows
    replace_unmatched(folder / UNMATCHED, counts, read=())


def _load_arrivals(folder: Path, team: Team) -> dict[str, Arrival]:
    """By short hash; also of files of which nothing is left but rows that cite them."""
    said: dict[str, dict[str, Any]] = {
        file["sha256"]: file for _, receipt in receipts_of(folder) for file in receipt["files"]
    }
    found = {
        kept.short: Arrival(
            team=team,
            sha256=kept.sha256,
            name=kept.name[:255],
            landed_on=kept.landed_on,
            receipt=said.get(kept.sha256, {}),
        )
        for kept in kept_files(folder)
    }
    if found:
        shutil.copytree(folder / LANDED, landing_of(team) / LANDED, dirs_exist_ok=True)
    days = {one.file: one.landed_on for one in read_unmatched(folder / UNMATCHED)}
    days |= {row.file: row.received_date for row in read_set_aside(folder / SET_ASIDE)}
    for short, day in days.items():
        if short not in found:
            found[short] = Arrival(
                team=team, sha256=short, name="a file that is not kept", landed_on=day or date.min
            )
    Arrival.objects.bulk_create(found.values())
    return found


def _row_aside(
    row: SetAsideRow,
    team: Team,
    arrival: Arrival,
    people: dict[str, int],
    settled: dict[tuple[str, str], Settled],
) -> SetAside:
    said = settled.get((row.file, row.locator))
    return SetAside(
        team=team,
        arrival=arrival,
        locator=row.locator,
        reason=row.reason,
        seen=row.seen,
        analyte=row.analyte,
        person_id=people.get(row.person_id),
        specimen_date=row.specimen_date or None,
        received_date=row.received_date or date.min,
        mapping=row.mapping,
        settled_name=said.by if said else "",
        settled_on=said.on if said else None,
        settled_why=said.why if said else "",
    )


def _line(row: SetAside) -> SetAsideRow:
    return SetAsideRow(
        row.arrival.short,
        row.locator,
        row.reason,
        row.seen,
        row.analyte,
        row.person.person_id if row.person else "",
        row.specimen_date.isoformat() if row.specimen_date else "",
        row.received_date.isoformat(),
        row.mapping,
        REASONS[row.reason],
    )
