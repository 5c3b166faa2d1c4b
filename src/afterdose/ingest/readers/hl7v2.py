"""HL7 v2 ORU^R01: messages and batches, each OBX a result.

The splitter is our own, since the packages that exist read 34 to 1,000 messages a second; tests
hold it to one of them. A message brings its own separators in MSH-1 and MSH-2.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from afterdose.ingest.rows import Identifier, RawPerson, RawResult, Reading, Unreadable
from afterdose.ingest.times import hl7_date

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_ENVELOPE = frozenset({"FHS", "BHS", "BTS", "FTS"})
_CODED = frozenset({"CE", "CWE", "CNE", "IS", "ID"})
_LOINC = frozenset({"LN", "LOINC"})


def read_hl7v2(content: bytes) -> Reading:
    """Every OBX of every ORU message of a file; other segments are counted by name."""
    text = _decoded(content)
    reading = Reading()
    for message in _messages(text, reading):
        kind = message.field("MSH", 9)
        if message.component(kind, 1) != "ORU":
            reading.pass_over(f"message {message.component(kind, 1) or 'without type'}"[:40])
            continue
        _read_message(message, reading)
    return reading


@dataclass
class _Segment:
    line: int
    name: str
    fields: list[str]

    def get(self, number: int) -> str:
        """Field ``number`` as HL7 counts; MSH-1 is the separator itself."""
        place = number - 1 if self.name in ("MSH", "FHS", "BHS") else number
        return self.fields[place] if place < len(self.fields) else ""


@dataclass
class _Message:
    separators: str
    segments: list[_Segment] = field(default_factory=list)

    def field(self, name: str, number: int) -> str:
        """A field of the first segment of that name."""
        return next((s.get(number) for s in self.segments if s.name == name), "")

    def repetitions(self, text: str) -> list[str]:
        return text.split(self.separators[2]) if text else []

    def component(self, text: str, number: int) -> str:
        """A component, of the first repetition, unescaped."""
        first = text.split(self.separators[2])[0]
        parts = first.split(self.separators[1])
        return self.unescape(parts[number - 1]) if number <= len(parts) else ""

    def part(self, text: str, number: int) -> str:
        """A subcomponent."""
        parts = text.split(self.separators[4])
        return parts[number - 1] if number <= len(parts) else ""

    def unescape(self, text: str) -> str:
        """``\\F\\`` and its kin back to the characters they stand for."""
        escape = self.separators[3]
        if not escape or escape not in text:
            return text
        stands_for = dict(
            zip("FSRET", (self.separators[0], self.separators[1], self.separators[2], escape,
                          self.separators[4]), strict=True)
        )  # fmt: skip
        pattern = re.escape(escape) + r"([FSRET]|\.br)" + re.escape(escape)
        return re.sub(pattern, lambda match: stands_for.get(match[1], " "), text)


def _decoded(content: bytes) -> str:
    """UTF-8, or the Western code page that older laboratories send without saying so."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _messages(text: str, reading: Reading) -> Iterator[_Message]:
    message: _Message | None = None
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = line.strip("\x0b\x1c \t")
        if not line:
            continue
        name = line[:3]
        if name == "MSH":
            if message is not None:
                yield message
            message = _Message(_separators(line))
        if name in _ENVELOPE:
            reading.pass_over(f"segment {name}")
            continue
        if message is None or not _SEGMENT.match(name):
            reading.unreadable.append(
                Unreadable(f"line {number}", "not-a-segment", "a line outside any message")
            )
            continue
        message.segments.append(_Segment(number, name, line.split(message.separators[0])))
    if message is not None:
        yield message


def _separators(header: str) -> str:
    """Field, component, repetition, escape and subcomponent separator of one message."""
    given = header[3:8].ljust(5)
    field_separator = given[0] if given[0].strip() else "|"
    rest = given[1:5]
    if field_separator in rest:
        rest = rest[: rest.index(field_separator)]
    usual = "^~\\&"
    return field_separator + rest.strip() + usual[len(rest.strip()) :]


# Messages to rows -------------------------------------------------------------------------------


def _read_message(message: _Message, reading: Reading) -> None:
    sent = message.field("MSH", 7)
    provider = message.component(message.field("MSH", 4), 1) or message.component(
        message.field("MSH", 3), 1
    )
    person: Identifier | None = None
    order: _Segment | None = None
    for position, segment in enumerate(message.segments):
        if segment.name == "PID":
            found = _person(message, segment)
            person = found.identifiers[0] if found.identifiers else None
            order = None
            if found.identifiers:
                reading.people.append(found)
            else:
                reading.unreadable.append(
                    Unreadable(found.locator, "person-unknown", "a PID without identifier")
                )
        elif segment.name == "OBR":
            order = segment
        elif segment.name == "OBX":
            specimen = _specimen_of(message.segments, position)
            reading.results.append(
                _result(message, segment, order, specimen, person, provider, sent)
            )
        else:
            reading.pass_over(f"segment {segment.name}")


def _person(message: _Message, segment: _Segment) -> RawPerson:
    found = []
    for repetition in message.repetitions(segment.get(3)):
        value = message.component(repetition, 1)
        parts = repetition.split(message.separators[1])
        assigner = message.part(parts[3], 1) if len(parts) > 3 else ""
        if value:
            found.append(Identifier(message.unescape(assigner) or _sender(message), value))
    sex = {"F": "female", "M": "male", "O": "other", "A": "other"}.get(segment.get(8)[:1].upper())
    birth, died = segment.get(7), segment.get(29)
    return RawPerson(
        locator=f"line {segment.line} PID",
        identifiers=tuple(found),
        sex=sex,
        birth_date=hl7_date(birth) or birth if birth else None,
        death_date=hl7_date(died) or died if died else None,
    )


def _sender(message: _Message) -> str:
    """Who assigned an identifier that names no assigner: the sending facility."""
    return (
        message.component(message.field("MSH", 4), 1)
        or message.component(message.field("MSH", 3), 1)
        or "unnamed"
    )


def _specimen_of(segments: list[_Segment], position: int) -> _Segment | None:
    """The SPM that follows an OBX in its order group."""
    for segment in segments[position + 1 :]:
        if segment.name in ("OBR", "PID"):
            return None
        if segment.name == "SPM":
            return segment
    return None


def _result(
    message: _Message,
    segment: _Segment,
    order: _Segment | None,
    specimen: _Segment | None,
    person: Identifier | None,
    provider: str,
    sent: str,
) -> RawResult:
    value, comparator = _value(message, segment)
    identifier = segment.get(3)
    accession = (
        message.component(order.get(3), 1) or message.component(order.get(2), 1) if order else ""
    )
    times = [segment.get(14), order.get(7) if order else ""]
    times.append(message.component(specimen.get(17), 1) if specimen else "")
    return RawResult(
        locator=f"line {segment.line} OBX-{segment.get(1) or '?'}",
        person=person,
        codes=_codes(message, identifier),
        status=segment.get(11),
        value=value,
        comparator=comparator,
        unit=message.component(segment.get(6), 1) or None,
        range_text=message.unescape(segment.get(7)) or None,
        specimen_time=next((time for time in times if time), None),
        issued_time=(order.get(22) if order else "") or sent or None,
        provider=message.component(segment.get(23), 1)
        or message.component(segment.get(15), 2)
        or provider
        or None,
        accession=accession or None,
    )


def _codes(message: _Message, text: str) -> tuple[tuple[str, str, str], ...]:
    """The code and the alternate code, each with its name and system."""
    found = []
    for first in (1, 4):
        code, name, system = (message.component(text, first + step) for step in range(3))
        if code or name:
            found.append(("loinc" if system in _LOINC else system, code, name))
    return tuple(found)


def _value(message: _Message, segment: _Segment) -> tuple[str | None, str | None]:
    """The value as text, and the comparator of a structured number."""
    raw = segment.get(5)
    kind = segment.get(2)
    if raw in ("", '""'):
        return None, None
    if kind == "SN":
        comparator, first, separator, second = (message.component(raw, n) for n in range(1, 5))
        number = f"{first}{separator}{second}" if separator else first
        return number or None, None if comparator in ("", "=") else comparator
    if kind in _CODED:
        words = (message.component(raw, number) for number in (2, 9, 5, 1))
        return next((word for word in words if word), None), None
    return message.unescape(raw), None
