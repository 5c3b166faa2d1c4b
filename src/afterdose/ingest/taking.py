"""Taking rows into the record: whose each is, what it means, and what became of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from afterdose.ingest.batch import Batch
from afterdose.ingest.columns import Understood, normalise_batch
from afterdose.ingest.identity import CONFLICT, RECORD, Identities, conflict_between
from afterdose.ingest.landing import Landed
from afterdose.ingest.normalise import SetAside, facts_of, normalise_person
from afterdose.ingest.placeholders import SEEN, is_placeholder
from afterdose.ingest.receipt import FileReceipt
from afterdose.ingest.rows import Identifier, RawEntry, RawPerson, Reading
from afterdose.ingest.senders import is_of_another_server, is_of_one_sending, with_sender
from afterdose.ingest.set_aside import FILE_NAME as SET_ASIDE
from afterdose.ingest.set_aside import SetAsideRow, replace_set_aside
from afterdose.ingest.store import Outcome, Store
from afterdose.ingest.unmatched import FILE_NAME as UNMATCHED
from afterdose.ingest.unmatched import replace_unmatched
from afterdose.ingest.versions import mapping_version
from afterdose.record.tables import SPECS

_UNMATCHED = "person-unmatched"


class _Unsettled(NamedTuple):
    """Results of which it is not known yet whether they are new, or what they take back.

    ``unknown`` is a row set aside for each that takes something back and names it loosely: what to
    say where nothing is found.
    """

    receipt: FileReceipt
    landed: Landed
    unknown: Sequence[SetAside] = ()


class Taking:
    """Where the rows of a run go: the record, who is who, and what stands aside.

    Parameters
    ----------
    store : Store
    identities : Identities
    is_aside : bool
        Nothing is written: whatever may have reached somebody is wanted, contradicted or not.

    Attributes
    ----------
    takes_in : bool
        Whether somebody new is taken in; else their rows wait.
    """

    def __init__(self, store: Store, identities: Identities, *, is_aside: bool = False) -> None:
        self._store = store
        self._identities = identities
        self._is_aside = is_aside
        self._in_conflict: set[tuple[str, Identifier]] = set()
        self._identities.reserve(store.person_ids())
        self.takes_in = True
        self._set_aside: list[SetAsideRow] = []
        self._unmatched: Counter[tuple[Identifier, str, date]] = Counter()
        self._unsettled: dict[int, _Unsettled] = {}
        self._understood: Understood = {}

    def settle(self) -> None:
        """Tell new results from known ones: not before this is a receipt complete."""
        for number, counts in enumerate(self._store.settle()):
            receipt, landed, unknown = self._unsettled[number]
            receipt.accepted += counts.accepted
            receipt.duplicates += counts.duplicates
            receipt.unread_corrections += counts.unread_corrections
            for place in counts.unknown:
                self.aside(unknown[place], landed, receipt)
        self._unsettled = {}

    @property
    def rows_aside(self) -> list[SetAsideRow]:
        """What stands aside of the files read so far."""
        return self._set_aside

    @property
    def waiting(self) -> Counter[tuple[Identifier, str, date]]:
        """Rows that wait for somebody to be known, by identifier, file and the day it landed."""
        return self._unmatched

    def write_aside(self, folder: Path, *, read: Collection[str]) -> None:
        """Write what stands aside and who waits, in place of what stood there of files ``read``."""
        replace_set_aside(folder / SET_ASIDE, self._set_aside, read=read)
        replace_unmatched(folder / UNMATCHED, self._unmatched, read=read)

    def identities(self, landed: Landed, receipt: FileReceipt) -> None:
        """Take up what an ``identities.csv`` says of who is who."""
        known = Identities.parse(landed.content)
        self._identities.update(known)
        receipt.form, receipt.passed_over = "identities", {"people named": len(known)}

    def table(
        self, table: str, frame: pl.DataFrame, landed: Landed, receipt: FileReceipt, prefix: str
    ) -> None:
        """The rows of a table of the record, as its specification has them.

        ``prefix`` stands before the position of each.
        """
        outcome = self._store.add_table(
            SPECS[table],
            frame,
            source=f"{landed.short}:{prefix}",
            is_known=None if self.takes_in else self._identities.knows,
        )
        receipt.form = f"table {table}"
        receipt.rows += frame.height
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        if outcome.labs is not None:
            self._unsettled[outcome.labs] = _Unsettled(receipt, landed)
        for row in outcome.bad:
            locator = f"{prefix}row {row.number}"
            if row.reason == _UNMATCHED:
                self._waits(Identifier(RECORD, row.seen), locator, landed, receipt)
            else:
                self.aside(SetAside(locator, row.reason, row.seen), landed, receipt)
        self._identities.reserve(self._store.person_ids())

    def reading(self, reading: Reading, landed: Landed, receipt: FileReceipt) -> None:
        """Everything that a reader found."""
        batches = [Batch.of(reading.results), *([reading.batch] if reading.batch else [])]
        receipt.rows += len(reading.people) + len(reading.unreadable)
        for kind, count in reading.passed_over.items():
            receipt.pass_over(kind, count)
        receipt.notes += reading.notes
        for row in reading.unreadable:
            self.aside(SetAside(row.locator, row.reason, row.seen), landed, receipt)
        self._people(reading.people, landed, receipt)
        for batch in batches:
            receipt.rows += len(batch.rows)
            self._batch(batch, landed, receipt)
        for table in sorted({entry.table for entry in reading.entries}):
            entries = [entry for entry in reading.entries if entry.table == table]
            receipt.rows += len(entries)
            self._entries(table, entries, landed, receipt)

    def aside(self, row: SetAside, landed: Landed, receipt: FileReceipt) -> None:
        """Set a row aside."""
        receipt.set_aside[row.reason] += 1
        self._set_aside.append(
            SetAsideRow.of(
                row, file=landed.short, landed_on=landed.landed_on, mapping=_judged_by(landed)
            )
        )

    def _waits(
        self, person: Identifier, locator: str, landed: Landed, receipt: FileReceipt, seen: str = ""
    ) -> None:
        """A row of somebody nobody knows, or of identifiers in conflict, is kept apart."""
        reason = CONFLICT if person.assigner == CONFLICT else _UNMATCHED
        self.aside(SetAside(locator, reason, seen), landed, receipt)
        self._unmatched[with_sender([person], landed)[0], landed.short, landed.landed_on] += 1

    def _people(self, people: list[RawPerson], landed: Landed, receipt: FileReceipt) -> None:
        """Take people in; whom a file states again in the same words is found once.

        What was taken is then a duplicate, what was set aside is set aside again.
        """
        said: dict[tuple[object, ...], Outcome | SetAside] = {}
        for person in people:
            facts = (
                *(person.identifiers, person.references),
                *(person.sex, person.birth_date, person.death_date),
            )
            known = said.get(facts)
            if known is None:
                known = self._person(person, landed)
                said[facts] = known if isinstance(known, SetAside) else "duplicate"
            elif isinstance(known, SetAside):
                known = replace(known, locator=person.locator)
            if isinstance(known, SetAside) and known.reason in (_UNMATCHED, CONFLICT):
                listed = self._named(person.identifiers, landed)
                is_conflict = known.reason == CONFLICT
                waits_for = conflict_between(listed, landed) if is_conflict else listed[0]
                self._waits(waits_for, person.locator, landed, receipt, known.seen)
            elif isinstance(known, SetAside):
                self.aside(known, landed, receipt)
            elif known == "accepted":
                receipt.accepted += 1
            else:
                receipt.duplicates += 1

    def _person(self, raw: RawPerson, landed: Landed) -> Outcome | SetAside:
        listed = self._named(raw.identifiers, landed)
        if not listed:
            return SetAside(raw.locator, "person-unknown", SEEN)
        person_id = self._decided(listed, landed)
        if person_id is None:
            identifiers = listed + (raw.references if landed.sender else ())
            if contradiction := self._contradiction(raw, identifiers, landed):
                self._in_conflict.add(_of_sending(conflict_between(listed, landed), landed))
                return SetAside(raw.locator, CONFLICT, contradiction)
            person_id = self._person_id(identifiers, landed)
        if person_id is None:
            return SetAside(raw.locator, _UNMATCHED)
        row = normalise_person(raw, person_id)
        if isinstance(row, SetAside):
            return row
        outcome = self._store.add_person(row._replace(source=f"{landed.short}:{raw.locator}"))
        if outcome == "differs":
            return SetAside(raw.locator, "person-differs", person_id=row.person_id)
        return outcome

    def _contradiction(
        self, raw: RawPerson, identifiers: tuple[Identifier, ...], landed: Landed
    ) -> str:
        """Why a person's identifiers cannot all be taken for one person's; empty where they can.

        An identifier that is new is joined to a known person by another one only where sex and
        birth date agree, as far as they are known, and where its assigner has not given the person
        another number: a placeholder, or somebody else's card, makes one person of two.
        """
        every = with_sender(identifiers, landed)
        known = self._identities.find(every)
        if self._is_aside or not known:
            return ""
        if len(known) > 1:
            return "identifiers of several people"
        person_id = known.pop()
        new = [one for one in self._identities.new_among(every) if not is_of_one_sending(one)]
        if not new:
            return ""
        found = self._store.contradicting(facts_of(raw, person_id))
        if any(self._identities.has_another(person_id, one) for one in new):
            found.append("another number of the same assigner")
        return ", ".join(found)

    def _named(self, identifiers: Iterable[Identifier], landed: Landed) -> tuple[Identifier, ...]:
        """The identifiers that name somebody: no placeholders, but for those of which somebody has
        said whose they are.
        """
        return tuple(
            one.alone
            for one in identifiers
            if not is_placeholder(one) or self._identities.find(with_sender([one], landed))
        )

    def _decided(self, listed: tuple[Identifier, ...], landed: Landed) -> str | None:
        """Whose identifiers in conflict are, where somebody has said so."""
        if not self._identities.knows_conflicts:
            return None
        return next(iter(self._identities.find([conflict_between(listed, landed)])), None)

    def _whose(self, person: Identifier, landed: Landed) -> str | Identifier | None:
        """Whose a row is; or the identifier it waits for; None: nobody's.

        Rows of identifiers in conflict wait with the person they came with.
        """
        listed = self._named((person, *person.beside), landed)
        if not listed:
            return None
        decided = self._decided(listed, landed)
        if decided is not None:
            return decided
        if self._in_conflict:
            whole = conflict_between(listed, landed)
            if _of_sending(whole, landed) in self._in_conflict:
                return whole
        if is_of_another_server(listed[0]) and not self._identities.find(listed[:1]):
            # No Patient of what was sent has that address: nobody is taken in under it.
            return listed[0]
        return self._person_id(listed[:1], landed) or listed[0]

    def _batch(self, batch: Batch, landed: Landed, receipt: FileReceipt) -> None:
        whose = [self._whose(identifier, landed) for identifier in batch.people]
        waiting = {place: one for place, one in enumerate(whose) if isinstance(one, Identifier)}
        if waiting:
            is_waiting = batch.rows["person"].is_in(list(waiting)).fill_null(value=False)
            rows = batch.rows.filter(is_waiting)
            for locator, place in zip(batch.locators(rows), rows["person"], strict=True):
                self._waits(waiting[place], locator, landed, receipt)
            batch = replace(batch, rows=batch.rows.filter(~is_waiting))
        found = normalise_batch(
            batch,
            [one if isinstance(one, str) else None for one in whose],
            landed_on=landed.landed_on,
            file=landed.short,
            understood=self._understood,
        )
        for row in found.set_aside:
            self.aside(row, landed, receipt)
        number = self._store.add_labs(found.labs, found.astray)
        self._unsettled[number] = _Unsettled(receipt, landed, found.unknown)

    def _entries(
        self, table: str, entries: list[RawEntry], landed: Landed, receipt: FileReceipt
    ) -> None:
        """Rows of another table, each checked against its specification like a file's."""
        known, rows = [], []
        for entry in entries:
            whose = None if entry.person is None else self._whose(entry.person, landed)
            if whose is None:
                self.aside(SetAside(entry.locator, "person-unknown"), landed, receipt)
            elif isinstance(whose, Identifier):
                self._waits(whose, entry.locator, landed, receipt)
            else:
                known.append(entry)
                source = f"{landed.short}:{entry.locator}"
                rows.append({"person_id": whose, **entry.cells, "source": source})
        columns = SPECS[table].row._fields
        frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
        if "recorded_date" in columns:
            arrived = pl.col("recorded_date").fill_null(landed.landed_on.isoformat())
            frame = frame.with_columns(arrived)
        doses = {number for number, entry in enumerate(known, start=1) if entry.is_dose}
        outcome = self._store.add_table(SPECS[table], frame, source=f"{landed.short}:", doses=doses)
        receipt.accepted += outcome.accepted
        receipt.duplicates += outcome.duplicates
        for row in outcome.bad:
            entry, person_id = known[row.number - 1], str(rows[row.number - 1]["person_id"])
            aside = SetAside(entry.locator, row.reason, row.seen, person_id=person_id)
            self.aside(aside, landed, receipt)

    def _person_id(self, identifiers: tuple[Identifier, ...], landed: Landed) -> str | None:
        """Whom these identifiers mean; somebody new is taken in under the first of them.

        None where nobody new is taken in, where somebody decided that they mean nobody, or where
        they mean something at their sender only, and nobody knows who that is.
        """
        every = with_sender(identifiers, landed)
        lasting = tuple(one for one in every if not is_of_one_sending(one))
        known = self._identities.find(every)
        if not self.takes_in:
            known = set(filter(self._identities.knows, known))
        if not known:
            return self._identities.register(lasting) if self.takes_in else None
        person_id = min(known)
        self._identities.join(person_id, lasting)
        return person_id


def _of_sending(conflict: Identifier, landed: Landed) -> tuple[str, Identifier]:
    """Identifiers in conflict, in the files that came together: elsewhere they may agree."""
    return landed.sending or landed.short, conflict


def _judged_by(landed: Landed) -> str:
    """The codes and units in force, and the mapping the file is read by."""
    if landed.mapping is None:
        return mapping_version()
    return f"{mapping_version()} and mapping {landed.mapping.version}"
