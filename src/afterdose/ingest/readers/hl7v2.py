"""HL7 v2 ORU and OUL: messages and batches, each OBX a result.

The splitter is our own, since the packages that exist read 34 to 1,000 messages a second; tests
hold it to one of them. This is the plain reader and the meaning; `hl7v2_lines` reads long files
many lines at once and asks it what each distinct text means.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from afterdose.ingest.batch import Times
from afterdose.ingest.hooks import Reader, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.national import is_national_type
from afterdose.ingest.readers.hl7v2_messages import (
    Line,
    Message,
    Notation,
    Segment,
    Tally,
    header_of,
    messages_of,
    opened,
    present,
)
from afterdose.ingest.rows import Identifier, RawPerson, RawResult, Reading, Unreadable, Writing
from afterdose.ingest.senders import UNNAMED
from afterdose.ingest.values import SEVERAL

_MESSAGE_TYPE = re.compile(r"[A-Z]{3}")
_MESSAGE_END = re.compile(rb"[\r\n]+(?=\x0b?(?:MSH|FHS|BHS))")
RESULT_MESSAGES = frozenset({"ORU", "OUL"})
"""Messages that carry results: reports, and what analysers send."""
_SPECIMEN_FIRST = frozenset({"R22", "R23"})
"""Triggers of OUL whose specimen stands before the requests it serves, not after."""
USED = frozenset({"MSH", "PID", "OBR", "OBX", "SPM"})
"""Segments that are read; others are counted, comments (NTE) among them."""
_CODED = frozenset({"CE", "CWE", "CNE", "IS", "ID", "CF"})
_POWER = re.compile(r"[xX×]?10\Z")
_LOINC = frozenset({"LN", "LOINC"})
_BOUND = ("<", ">", "=", "≤", "≥")


def read_hl7v2(content: bytes, tally: Tally | None = None) -> Reading:
    """Every OBX of every ORU and OUL message of a file or a part of one; the rest is counted.

    ``tally`` is what the parts before it counted.
    """
    reading, tally = Reading(), tally or Tally()
    for lines in messages_of(content, reading, tally):
        read_message(lines, reading, tally)
    return reading


def _read(landed: Landed) -> Reading:
    from afterdose.ingest.readers.hl7v2_lines import read_hl7v2_lines

    tally = Tally.of(landed)
    return read_hl7v2_lines(landed.content, tally) or read_hl7v2(landed.content, tally)


@hook
def afterdose_readers() -> list[Reader]:
    """HL7 v2, told from the segment a file begins with."""
    return [
        Reader(
            "hl7v2",
            "HL7 v2 ORU and OUL",
            recognises=lambda start: start.content[:3] in (b"MSH", b"FHS", b"BHS"),
            read=_read,
            ends=lambda start: _MESSAGE_END,
        )
    ]


def kind_of(field: str) -> str:
    """The type in MSH-9: ``ORU``; empty where there is none."""
    kind = _MESSAGE_TYPE.match(field)
    return kind[0] if kind else ""


def is_test(notation: Notation, field: str) -> bool:
    """Whether MSH-11 says that a message is for training or debugging."""
    return notation.part(field, 1) in ("T", "D")


# Messages to rows -------------------------------------------------------------------------------


@dataclass
class _Order:
    """An order group: the OBR, its specimens, its results."""

    request: Segment | None = None
    specimens: list[Segment] = field(default_factory=list)
    results: list[Segment] = field(default_factory=list)


def read_message(lines: list[Line], reading: Reading, tally: Tally) -> None:
    """One message's people and results; a message of another kind is counted."""
    notation, header = header_of(lines[0])
    kind = kind_of(header.get(9))
    if not kind:
        locator = f"line {header.line}"
        reading.unreadable.append(Unreadable(locator, "message-without-type", "MSH-9"))
        return
    if kind not in RESULT_MESSAGES:
        reading.pass_over(f"message {kind}")
        return
    tally.tests += is_test(notation, header.get(11))
    message = opened(lines, reading)
    if message is None:
        return
    sender = sender_of(message.notation, message.header.get(4), message.header.get(3))
    for person, order in _orders(message, sender, reading):
        for segment in order.results:
            reading.results.append(_result(message, segment, order, person, sender))


def _orders(
    message: Message, sender: str, reading: Reading
) -> Iterator[tuple[Identifier | None, _Order]]:
    """Each order of a message and the person of the PID before it."""
    trigger = message.notation.part(message.header.get(9), 2)
    is_specimen_first = kind_of(message.header.get(9)) == "OUL" and trigger in _SPECIMEN_FIRST
    person: Identifier | None = None
    order = _Order()
    for segment in message.segments:
        if segment.name == "PID":
            yield person, order
            person, order = _person(message, segment, sender, reading), _Order()
        elif segment.name == "OBR":
            yield person, order
            order = _Order(segment, order.specimens if is_specimen_first else [])
        elif segment.name == "SPM" and is_specimen_first:
            yield person, order
            order = _Order(None, [segment])
        elif segment.name == "SPM":
            order.specimens.append(segment)
        elif segment.name == "OBX":
            order.results.append(segment)
        if segment.name not in USED:
            reading.pass_over(f"segment {segment.name}")
    yield person, order


def _person(message: Message, segment: Segment, sender: str, reading: Reading) -> Identifier | None:
    """Note the person of a PID; return the identifier that results are filed under."""
    locator = f"line {segment.line} PID"
    fields = tuple(segment.get(number) for number in PERSON_FIELDS)
    facts = person_of(message.notation, sender, fields)
    if facts is None:
        reading.unreadable.append(no_identifier(locator))
        return None
    reading.people.append(RawPerson(locator, *facts))
    return facts[0][0]


def _result(
    message: Message, segment: Segment, order: _Order, person: Identifier | None, sender: str
) -> RawResult:
    notation, request = message.notation, order.request or Segment(0, "OBR", [])
    writing = writing_of(notation, tuple(segment.get(number) for number in WRITING_FIELDS))
    times = times_of(
        notation,
        (segment.get(14), request.get(7), specimen_time(order.specimens)),
        (request.get(22), message.header.get(7)),
    )
    accession = accession_of(notation, request.get(3), request.get(2))
    return RawResult(
        f"line {segment.line} OBX",
        person,
        *writing[:2],
        **dict(zip(Writing._fields[2:], writing[2:], strict=True)),
        specimen_time=times.specimen,
        issued_time=times.issued,
        provider=provider_of(notation, segment.get(23), segment.get(15), sender),
        accession=accession,
        result_id=result_id_of(accession, writing, notation.part(segment.get(4), 1)),
    )


# What the texts mean ----------------------------------------------------------------------------

PERSON_FIELDS = (3, 8, 7, 29, 30)
"""Fields of a PID that say who somebody is."""
WRITING_FIELDS = (2, 3, 5, 6, 7, 11)
"""Fields of an OBX that say what the result is."""

Facts = tuple[tuple[Identifier, ...], str | None, str | None, str | None]
"""Identifiers, sex, birth date, day of death: as in `RawPerson`."""


def no_identifier(locator: str) -> Unreadable:
    """A PID that names nobody."""
    return Unreadable(locator, "person-unknown", "PID-3 is empty")


def person_of(notation: Notation, sender: str, fields: tuple[str, ...]) -> Facts | None:
    """Who a PID's `PERSON_FIELDS` mean; None where they hold no identifier."""
    numbers, sex, birth, death, is_dead = fields
    every = (
        Identifier(
            _assigner(notation, repetition, sender),
            value,
            is_national_type(notation.part(repetition, 5)),
        )
        for repetition in notation.repetitions(numbers)
        if present(value := notation.part(repetition, 1))
    )
    # Numbers of a state last: somebody is called by another where there is one.
    identifiers = tuple(sorted(every, key=lambda one: one.is_national))
    if not identifiers:
        return None
    died = notation.time(death) or ("unknown" if notation.part(is_dead, 1) == "Y" else None)
    return identifiers, notation.part(sex, 1) or None, notation.time(birth) or None, died


def _assigner(notation: Notation, identifier: str, sender: str) -> str:
    """Who assigned an identifier: the universal id, written as FHIR writes it.

    A bare name such as ``MRN`` is unique at its sender only, so the sender stands before it: two
    hospitals that both say ``MRN`` have not numbered the same people. A message that names no
    sender is known by its file.
    """
    name, universal, kind = (notation.subpart(identifier, 4, part) for part in (1, 2, 3))
    if universal:
        return f"urn:oid:{universal}" if kind == "ISO" else universal
    return "/".join(filter(None, (sender or UNNAMED, name)))


def sender_of(notation: Notation, facility: str, application: str) -> str:
    """The sending facility, else the sending application."""
    return notation.part(facility, 1) or notation.part(application, 1)


def specimen_time(specimens: list[Segment]) -> str:
    """When the specimen of an order was taken: SPM-17.

    Of several specimens with different times none is chosen.
    """
    times = {time for segment in specimens if present(time := segment.get(17))}
    return times.pop() if len(times) == 1 else ""


def times_of(notation: Notation, specimen: tuple[str, ...], issued: tuple[str, ...]) -> Times:
    """The first that is there: OBX-14, OBR-7, SPM-17; and OBR-22, MSH-7."""
    taken, told = (next(filter(None, map(notation.time, one)), None) for one in (specimen, issued))
    return Times(taken, told)


def provider_of(notation: Notation, organisation: str, producer: str, sender: str) -> str | None:
    """The laboratory: OBX-23, OBX-15, else the sender."""
    return notation.part(organisation, 1) or notation.part(producer, 2) or sender or None


def accession_of(notation: Notation, filler: str, placer: str) -> str | None:
    """The number of a request: the laboratory's, else the requester's."""
    return notation.part(filler, 1) or notation.part(placer, 1) or None


def result_id_of(accession: str | None, writing: Writing, sub_id: str) -> str | None:
    """A result's identifier where OBX-4 counts several results of one test in one request.

    Without it the later of two would replace the earlier, as a correction does.
    """
    if not sub_id or accession is None or not writing.codes:
        return None
    return f"{accession}/{writing.codes[0][1]}/{sub_id}"


def writing_of(notation: Notation, fields: tuple[str, ...]) -> Writing:
    """What an OBX's `WRITING_FIELDS` say."""
    kind, code, raw, unit, range_text, status = fields
    value, comparator = _value(notation, notation.part(kind, 1), raw)
    return Writing(
        codes=_codes(notation, code),
        status=notation.part(status, 1),
        value=value,
        unit=_unit(notation, unit),
        comparator=comparator,
        range_text=notation.unescape(range_text) if present(range_text) else None,
    )


def _codes(notation: Notation, text: str) -> tuple[tuple[str, str, str], ...]:
    """The code and the alternate codes, each with its name and system."""
    found = []
    for first in (1, 4, 10):
        code, name, system = (notation.part(text, first + step) for step in range(3))
        if code or name:
            found.append(("loinc" if system in _LOINC else system, code, name))
    return tuple(found)


def _unit(notation: Notation, text: str) -> str | None:
    """The unit's code; the whole field where a laboratory forgot to escape its caret: ``10^9/L``.

    No unit is called ``10``, so the field has one reading; the alias table decides what it means.
    """
    code = notation.part(text, 1)
    return (notation.unescape(text) if _POWER.match(code) else code) or None


def _value(notation: Notation, kind: str, raw: str) -> tuple[str | None, str | None]:
    """The value as text, and the comparator of a structured number.

    Several values in one field are joined by `SEVERAL`: no number and no word of a scale, so that
    the row is set aside and none of them is chosen.
    """
    if not present(raw):
        return None, None
    if notation.repetition in raw:
        said = (_one_value(notation, kind, one) for one in notation.repetitions(raw))
        return SEVERAL.join((comparator or "") + (value or "") for value, comparator in said), None
    return _one_value(notation, kind, raw)


def _one_value(notation: Notation, kind: str, raw: str) -> tuple[str | None, str | None]:
    if kind == "SN":
        comparator, first, separator, second = (notation.part(raw, n) for n in range(1, 5))
        value = f"{first}{separator}{second}" or None
        if comparator in ("", "="):
            return value, None
        if value is not None and value.startswith(_BOUND):
            return f"{comparator}{value}", None
        return value, comparator
    if kind in _CODED:
        words = (notation.part(raw, number) for number in (2, 9, 5, 1))
        return next(filter(None, words), None), None
    return notation.unescape(raw), None
