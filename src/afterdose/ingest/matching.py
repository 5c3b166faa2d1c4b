"""Whose rows these are, decided by a person: join an identifier to somebody, or take it from them.

Each decision is written with who and when. It can be undone: a join by a split, a split by a join;
the rows follow.
"""

from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import NamedTuple, ParamSpec, cast

from afterdose.cohort import new_files
from afterdose.cohort.switch import brought
from afterdose.ingest.decisions import FILE_NAME as DECISIONS
from afterdose.ingest.decisions import Decision, read_decisions, write_decision
from afterdose.ingest.identity import FILE_NAME as IDENTITIES
from afterdose.ingest.identity import RECORD, Identities, was_named_by
from afterdose.ingest.kept import Kept, kept_files, refused_files
from afterdose.ingest.keys import Keys
from afterdose.ingest.lock import one_at_a_time
from afterdose.ingest.order import in_turn
from afterdose.ingest.pipeline import Run
from afterdose.ingest.receipt import FileReceipt
from afterdose.ingest.rows import Identifier
from afterdose.record.errors import UsageError
from afterdose.record.tables import Person

P = ParamSpec("P")


class Matched(NamedTuple):
    """What a decision did.

    Attributes
    ----------
    moved_from : str
        The person whose rows they were before; empty if they were nobody's.
    came, went : int
        Rows that entered the record, and rows that left it.
    emptied : tuple of str
        Facts about the person before (sex, day of death, ...) that rested on these rows, or may
        have: they are empty now.
    forgotten : bool
        The person before had nothing else and left the record.
    """

    moved_from: str
    came: int
    went: int
    emptied: tuple[str, ...] = ()
    forgotten: bool = False


def _alone(decide: Callable[P, Matched]) -> Callable[P, Matched]:
    """No other process adds to the record meanwhile."""

    @wraps(decide)
    def decided(*args: P.args, **kwargs: P.kwargs) -> Matched:
        with one_at_a_time(cast("Path", args[0])):
            return decide(*args, **kwargs)

    return decided


@_alone
def join(
    record: Path,
    person_id: str,
    identifier: Identifier,
    *,
    by: str,
    on: date,
    why: str = "",
    is_new: bool = False,
    keys: Keys | None = None,
) -> Matched:
    """From now on an identifier means a person: its rows become theirs.

    Parameters
    ----------
    record : Path
    person_id : str
    identifier : Identifier
    by : str
        Who decided.
    on : date
        When.
    why : str
    is_new : bool
        The person is not in the record yet and is taken in.
    keys : Keys, optional
        What signatures of cards are checked by: a card's rows move only if it can be read.

    Raises
    ------
    UsageError
        There is no such person, or there is one already; it means that person already; or a file
        that was read before cannot be read now.
    """
    run = Run(record, keys)
    is_there = run.identities.knows(person_id)
    if is_new and is_there:
        raise UsageError(
            "This person is in the record already. Permitted: a new identifier for somebody new. "
            "Leave out --new to join the rows to them."
        )
    if not is_new and not is_there:
        raise UsageError(
            "No such person in this record. Permitted: one of its people. Take the identifier from "
            "people or identities.csv, or take somebody new in with --new."
        )
    _refuse_own(identifier, person_id, is_new=is_new)
    kept, before = _kept(record), _meant(run.identities, identifier)
    taken = Matched("", 0, 0)
    decisions = [Decision.of("join", person_id, identifier, by=by, on=on, why=why)]
    if before not in (None, person_id):
        taken = _take_from(run, kept, before, identifier)
        said = Decision.of("split", before, identifier, by=by, on=on, why=f"joined to {person_id}")
        decisions.insert(0, said)
    elif (left := _left_behind(record, identifier)) not in (None, person_id):
        taken = _take_from(run, kept, left, identifier, is_certain=False)
    if identifier.assigner != RECORD:
        run.identities.add(person_id, identifier)
    run.identities.reserve([person_id])
    run.store.add_person(Person(person_id))
    came = _read_again(run, kept)
    if before == person_id and not (came or taken.went):
        raise UsageError(
            "This identifier means that person already. Permitted: one that means nobody, or "
            "somebody else. Nothing was changed."
        )
    taken = taken._replace(forgotten=taken.forgotten and not run.identities.knows(taken.moved_from))
    _finish(run, record, *decisions)
    return taken._replace(came=came)


@_alone
def split(
    record: Path,
    identifier: Identifier,
    *,
    by: str,
    on: date,
    why: str = "",
    keys: Keys | None = None,
) -> Matched:
    """An identifier no longer means anybody: its rows leave the record and wait.

    Until somebody joins it anew, no file gives it to anybody. ``keys`` as in `join`.

    Raises
    ------
    UsageError
        It means nobody; or a file that was read before cannot be read now.
    """
    run = Run(record, keys)
    meant = _meant(run.identities, identifier)
    person_id = meant or _left_behind(record, identifier)
    kept = _kept(record)
    taken = Matched("", 0, 0)
    if person_id is not None:
        taken = _take_from(run, kept, person_id, identifier, is_certain=meant is not None)
    if person_id is None or not (meant or taken.went):
        raise UsageError(
            "This identifier means nobody. Permitted: a pair of assigner and identifier of "
            "identities.csv. Copy it from there."
        )
    # What was a duplicate of a row that left, by another identifier of theirs, is one no longer.
    came = _read_again(run, kept)
    taken = taken._replace(forgotten=taken.forgotten and not run.identities.knows(person_id))
    _finish(run, record, Decision.of("split", person_id, identifier, by=by, on=on, why=why))
    return taken._replace(came=came)


def _kept(record: Path) -> list[Kept]:
    """What landed and could be read, but for what files said about who is who: that was taken up
    once.
    """
    refused = refused_files(record)
    return in_turn(
        one for one in kept_files(record) if one.name != IDENTITIES and one.sha256 not in refused
    )


def _refuse_own(identifier: Identifier, person_id: str, *, is_new: bool) -> None:
    """A record's own number of a person is nobody else's."""
    if identifier.assigner == RECORD and not (is_new and identifier.value == person_id):
        raise UsageError(
            f"The assigner '{RECORD}' is this record itself. Permitted: the person's own number "
            "with --new. Correct the table that names somebody else, and ingest it again."
        )


def _meant(identities: Identities, identifier: Identifier) -> str | None:
    if identifier.assigner == RECORD:
        return None
    return next(iter(identities.find([identifier])), None)


def _left_behind(record: Path, identifier: Identifier) -> str | None:
    """The person from whom the identifier was last taken.

    A decision that was cut short after it was written has left their rows: made again, it goes on.
    """
    return next(
        (
            one.person_id
            for one in reversed(read_decisions(record))
            if one.decision == "split"
            and (one.assigner, one.identifier) == (identifier.assigner, identifier.value)
        ),
        None,
    )


def _take_from(
    run: Run,
    kept: list[Kept],
    person_id: str,
    identifier: Identifier,
    *,
    is_certain: bool = True,
) -> Matched:
    """Take out of the record whatever reached a person by that identifier.

    Whoever had been taken in under it, and has nothing else, leaves the record too.
    """
    theirs = Run.aside(Identities.of(person_id, identifier), run.keys)
    _read_all(theirs, kept, known_people_only=True)
    taken = run.store.take_out(theirs.store, person_id, is_certain=is_certain)
    run.identities.remove(identifier)
    is_forgotten = (
        was_named_by(identifier, person_id)
        and not run.identities.of_person(person_id)
        and run.store.forget_if_empty(person_id)
    )
    if is_forgotten:
        run.identities.forget(person_id)
    return Matched(person_id, 0, taken.rows, taken.emptied, is_forgotten)


def _read_again(run: Run, kept: list[Kept]) -> int:
    """Read every landed file; how many rows entered the record."""
    return sum(file.accepted for file in _read_all(run, kept))


def _read_all(run: Run, kept: list[Kept], *, known_people_only: bool = False) -> list[FileReceipt]:
    """Every file, as it was read when it landed; if one cannot be, nothing is decided."""
    files = [run.take_again(one, known_people_only=known_people_only) for one in kept]
    unread = [file.name for file in files if file.refused]
    if unread:
        raise UsageError(
            f"{len(unread)} files that were read before cannot be read now, so that nobody knows "
            f"whose rows they hold: {', '.join(unread)}. Permitted: every file that was read. Give "
            "the keys of cards with --keys, or restore the files."
        )
    run.settle()
    return files


def _finish(run: Run, record: Path, *decisions: Decision) -> None:
    """Decisions and what follows from them are written as one."""
    run.settle()
    with new_files(record) as beside:
        brought(record, beside, DECISIONS)
        for decision in decisions:
            write_decision(beside, decision)
        run.write(beside)
