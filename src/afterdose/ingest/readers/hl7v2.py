"""HL7 v2 ORU^R01: messages and batches, each OBX a result.

The splitter is our own, since the packages that exist read 34 to 1,000 messages a second; tests
hold it to one of them. A message brings its own separators in MSH-1 and MSH-2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from afterdose.ingest.hooks import Reader, hook
from afterdose.ingest.rows import Identifier, RawPerson, RawResult, Reading, Unreadable

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_MESSAGE_TYPE = re.compile(r"[A-Z]{3}")
_MESSAGE_END = re.compile(rb"[\r\n]+(?=\x0b?(?:MSH|FHS|BHS))")
_ENVELOPE = frozenset({"FHS", "BHS", "BTS", "FTS"})
_USED = frozenset({"MSH", "PID", "OBR", "OBX", "SPM"})
_CODED = frozenset({"CE", "CWE", "CNE", "IS", "ID"})
_POWER = re.compile(r"[xX×]?10\Z")
_LOINC = frozenset({"LN", "LOINC"})
_USUAL_SEPARATORS = "^~\\&"


def read_hl7v2(content: bytes) -> Reading:
    """Every OBX of every ORU message of a file; other segments and messages are counted."""
    reading = Reading()
    for message in _messages(_decoded(content), reading):
        kind = _MESSAGE_TYPE.match(message.header.get(9))
        if kind is None:
            line = message.header.line
            reading.unreadable.append(Unreadable(f"line {line}", "message-without-type", "MSH-9"))
        elif kind[0] != "ORU":
            reading.pass_over(f"message {kind[0]}")
        else:
            _read_message(message, reading)
    return reading


@hook
def afterdose_readers() -> list[Reader]:
    """HL7 v2, told from the segment a file begins with."""
    return [
        Reader(
            "hl7v2",
            "HL7 v2 ORU^R01",
            recognises=lambda start: start.content[:3] in (b"MSH", b"FHS", b"BHS"),
            read=lambda landed: read_hl7v2(landed.content),
            ends=lambda start: _MESSAGE_END,
        )
    ]


# Bytes to messages ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """One line of a message, split at its field separator."""

    line: int
    name: str
    fields: list[str]

    def get(self, number: int) -> str:
        """Field ``number`` as HL7 counts, still escaped; MSH-1 is the separator itself."""
        place = number - 1 if self.name == "MSH" else number
        return self.fields[place] if place < len(self.fields) else ""


@dataclass(frozen=True)
class Message:
    """The segments of one message and its five separators: field, component, repetition, escape,
    subcomponent.
    """

    separators: str
    header: Segment
    segments: list[Segment] = field(default_factory=list)

    def repetitions(self, text: str) -> list[str]:
        """Every repetition of a field."""
        return text.split(self.separators[2]) if text else []

    def component(self, text: str, number: int) -> str:
        """A component of the first repetition, unescaped."""
        return self.unescape(self._component(text, number))

    def subcomponent(self, text: str, number: int, part: int) -> str:
        """A part of a component, unescaped."""
        parts = self._component(text, number).split(self.separators[4])
        return self.unescape(parts[part - 1]) if part <= len(parts) else ""

    def unescape(self, text: str) -> str:
        r"""``\F\`` and its kin back to the characters they stand for, ``\.br\`` to a space."""
        escape = self.separators[3]
        if escape not in text:
            return text
        stands_for = dict(zip("FSRET", self.separators, strict=True))
        pattern = re.escape(escape) + r"([FSRET]|\.br)" + re.escape(escape)
        return re.sub(pattern, lambda match: stands_for.get(match[1], " "), text)

    def _component(self, text: str, number: int) -> str:
        parts = text.split(self.separators[2], 1)[0].split(self.separators[1])
        return parts[number - 1] if number <= len(parts) else ""


def _decoded(content: bytes) -> str:
    """UTF-8, or the Western code page that older laboratories send without saying so."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _messages(text: str, reading: Reading) -> Iterator[Message]:
    """Messages in order; a line that is no segment of any message is set aside."""
    message: Message | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = line.strip("\x0b\x1c \t")
        name = line[:3]
        if name == "MSH":
            if message is not None:
                yield message
            separators = _separators(line)
            message = Message(separators, Segment(number, name, line.split(separators[0])))
        elif name in _ENVELOPE:
            reading.pass_over(f"segment {name}")
        elif message is not None and _is_segment(line, message.separators[0]):
            fields = line.split(message.separators[0])
            message.segments.append(Segment(number, name, fields))
        elif line:
            reading.unreadable.append(
                Unreadable(f"line {number}", "not-a-segment", "a line that is no segment")
            )
    if message is not None:
        yield message


def _is_segment(line: str, separator: str) -> bool:
    return bool(_SEGMENT.match(line[:3])) and line[3:4] in (separator, "")


def _separators(header: str) -> str:
    """The five separators; a missing one is the usual one."""
    field_separator = header[3:4] if header[3:4].strip() else "|"
    given = header[4:].split(field_separator, 1)[0][:4]
    return field_separator + given + _USUAL_SEPARATORS[len(given) :]


# Messages to rows -------------------------------------------------------------------------------


@dataclass
class _Order:
    """An order group: the OBR, its specimen, its results."""

    request: Segment | None
    specimen: Segment | None = None
    results: list[Segment] = field(default_factory=list)


def _read_message(message: Message, reading: Reading) -> None:
    for person, orders in _people(message, reading):
        for order in orders:
            for segment in order.results:
                reading.results.append(_result(message, segment, order, person))


def _people(message: Message, reading: Reading) -> Iterator[tuple[Identifier | None, list[_Order]]]:
    """Each person of a message with the orders that follow the PID."""
    person: Identifier | None = None
    orders = [_Order(None)]
    for segment in message.segments:
        if segment.name == "PID":
            yield person, orders
            person, orders = _person(message, segment, reading), [_Order(None)]
        elif segment.name == "OBR":
            orders.append(_Order(segment))
        elif segment.name == "OBX":
            orders[-1].results.append(segment)
        elif segment.name == "SPM":
            orders[-1].specimen = orders[-1].specimen or segment
        if segment.name not in _USED:
            reading.pass_over(f"segment {segment.name}")
    yield person, orders


def _person(message: Message, segment: Segment, reading: Reading) -> Identifier | None:
    """Note the person of a PID; return the identifier that results are filed under."""
    locator = f"line {segment.line} PID"
    identifiers = tuple(
        Identifier(_assigner(message, repetition), value)
        for repetition in message.repetitions(segment.get(3))
        if (value := message.component(repetition, 1))
    )
    if not identifiers:
        reading.unreadable.append(Unreadable(locator, "person-unknown", "PID-3 is empty"))
        return None
    is_dead = segment.get(30) == "Y"
    reading.people.append(
        RawPerson(
            locator=locator,
            identifiers=identifiers,
            sex=segment.get(8) or None,
            birth_date=segment.get(7) or None,
            death_date=segment.get(29) or ("unknown" if is_dead else None),
        )
    )
    return identifiers[0]


def _assigner(message: Message, identifier: str) -> str:
    """Who assigned an identifier: the universal id, written as FHIR writes it.

    A bare name such as ``MRN`` is unique at its sender only, so the sender stands before it: two
    hospitals that both say ``MRN`` have not numbered the same people.
    """
    name, universal, kind = (message.subcomponent(identifier, 4, part) for part in (1, 2, 3))
    if universal:
        return f"urn:oid:{universal}" if kind == "ISO" else universal
    return "/".join(filter(None, (_sender(message), name))) or "unnamed"


def _sender(message: Message) -> str:
    """The sending facility, else the sending application."""
    names = (message.component(message.header.get(number), 1) for number in (4, 3))
    return next(filter(None, names), "")


def _result(
    message: Message, segment: Segment, order: _Order, person: Identifier | None
) -> RawResult:
    value, comparator = _value(message, segment)
    request = order.request
    specimen_times = (
        segment.get(14),
        request.get(7) if request else "",
        message.component(order.specimen.get(17), 1) if order.specimen else "",
    )
    issued_times = (request.get(22) if request else "", message.header.get(7))
    numbers = (message.component(request.get(n), 1) for n in (3, 2)) if request else ()
    providers = (
        message.component(segment.get(23), 1),
        message.component(segment.get(15), 2),
        _sender(message),
    )
    return RawResult(
        locator=f"line {segment.line} OBX",
        person=person,
        codes=_codes(message, segment.get(3)),
        status=segment.get(11),
        value=value,
        unit=_unit(message, segment.get(6)),
        comparator=comparator,
        range_text=message.unescape(segment.get(7)) or None,
        specimen_time=next(filter(None, specimen_times), None),
        issued_time=next(filter(None, issued_times), None),
        provider=next(filter(None, providers), None),
        accession=next(filter(None, numbers), None),
    )


def _codes(message: Message, text: str) -> tuple[tuple[str, str, str], ...]:
    """The code and the alternate code, each with its name and system."""
    found = []
    for first in (1, 4):
        code, name, system = (message.component(text, first + step) for step in range(3))
        if code or name:
            found.append(("loinc" if system in _LOINC else system, code, name))
    return tuple(found)


def _unit(message: Message, text: str) -> str | None:
    """The unit's code; the whole field where a laboratory forgot to escape its caret: ``10^9/L``.

    No unit is called ``10``, so the field has one reading; the alias table decides what it means.
    """
    code = message.component(text, 1)
    return (message.unescape(text) if _POWER.match(code) else code) or None


def _value(message: Message, segment: Segment) -> tuple[str | None, str | None]:
    """The value as text, and the comparator of a structured number."""
    raw, kind = segment.get(5), segment.get(2)
    if raw in ("", '""'):
        return None, None
    if kind == "SN":
        comparator, first, separator, second = (message.component(raw, n) for n in range(1, 5))
        return f"{first}{separator}{second}" or None, None if comparator in (
            "",
            "=",
        ) else comparator
    if kind in _CODED:
        words = (message.component(raw, number) for number in (2, 9, 5, 1))
        return next(filter(None, words), None), None
    return message.unescape(raw), None
