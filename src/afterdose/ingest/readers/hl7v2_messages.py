"""HL7 v2 from bytes to messages: batches, separators, character sets, escapes.

A message brings its own separators in MSH-1 and MSH-2 and names its character set in MSH-18.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from afterdose.ingest.landing import Landed
from afterdose.ingest.rows import Reading, Unreadable

ENVELOPE = frozenset({"FHS", "BHS", "BTS", "FTS"})
"""Segments around messages: a file's, and a batch's."""

LINE_END = re.compile(rb"\r\n|\r|\n")
AROUND = "\x0b\x1c \t"
"""What may stand around a segment: the bytes of the lower-layer protocol, and blanks."""

_USUAL = "|^~\\&#"
_PRECISION = {"Y": 4, "L": 6, "D": 8, "H": 10, "M": 12, "S": 14}
"""How many digits of a time are known: its second component, up to version 2.6."""
_ESCAPES = (
    r"[FSRETPHN]|X(?:[0-9A-Fa-f]{2})+"
    r"|\.(?:br|ce|fi|nf|sp\d{0,3}|sk\d{0,3}|in[+-]?\d{1,3}|ti[+-]?\d{1,3})"
)
_NULL = '""'
_ISO_8859 = re.compile(r"(?:ISO[- ]?)?8859[-/](1[0-5]|[1-9])\Z", re.IGNORECASE)
_UTF_8 = re.compile(r"(?:UNICODE )?UTF-?8\Z", re.IGNORECASE)
_UNSAID = ("", "ASCII", "ISO IR6")
UNKNOWN_SET = "?"
"""The codec of a character set that is not known here."""

_DAMAGED_HEADER = "MSH-1 and MSH-2"


@dataclass(frozen=True)
class Notation:
    """How a message is written.

    Attributes
    ----------
    field, component, repetition, escape, subcomponent, truncation : str
        One character each. The last is new in version 2.7.
    codec : str
        Python's name of the character set; empty where the message names none: UTF-8, or the
        Western code page that older laboratories send without saying so.
    """

    field: str = _USUAL[0]
    component: str = _USUAL[1]
    repetition: str = _USUAL[2]
    escape: str = _USUAL[3]
    subcomponent: str = _USUAL[4]
    truncation: str = _USUAL[5]
    codec: str = ""

    @property
    def separators(self) -> frozenset[str]:
        """The characters that part a message."""
        return frozenset(
            (self.field, self.component, self.repetition, self.escape, self.subcomponent)
        )

    @property
    def is_clear(self) -> bool:
        """Whether no two of the separators are the same, and none is a letter or digit."""
        return len(self.separators) == 5 and not any(map(str.isalnum, self.separators))

    def part(self, text: str, number: int) -> str:
        """A component of a field's first repetition, unescaped."""
        return self.unescape(self._component(text, number))

    def subpart(self, text: str, number: int, part: int) -> str:
        """A part of a component, unescaped."""
        parts = self._component(text, number).split(self.subcomponent)
        return self.unescape(parts[part - 1]) if part <= len(parts) else ""

    def repetitions(self, text: str) -> list[str]:
        """Every repetition of a field."""
        return text.split(self.repetition) if present(text) else []

    def unescape(self, text: str) -> str:
        r"""Escapes as what they stand for.

        ``\F\`` and its kin are the separators, ``\Xdd\`` bytes of the character set; layout
        (``\.br\`` and its kin) is a space; ``\H\`` and ``\N\`` only say how to print and are left
        out. Whatever else stands between escape characters is left as written: a change of the
        character set (``\Cxxyy\``, ``\Mxxyyzz\``), a laboratory's own (``\Zdd\``), and bytes that
        the character set does not have.
        """
        if self.escape not in text:
            return text
        return _escapes(self.escape).sub(lambda match: self._stands_for(match[1], match[0]), text)

    def time(self, text: str) -> str:
        """A time, cut to the digits that its precision says are known; empty where there is none.

        Of a range its begin.

        Examples
        --------
        >>> Notation().time("20240304000000+0100^D"), Notation().time("20240304083000")
        ('20240304+0100', '20240304083000')
        """
        found, precision = self.subpart(text, 1, 1), self.part(text, 2)
        if precision not in _PRECISION or not found.isascii():
            return found if present(found) else ""
        digits, sign, offset = re.match(r"([\d.]*)([+-]?)(.*)", found, re.DOTALL).groups()  # type: ignore[union-attr]
        return digits[: _PRECISION[precision]] + sign + offset

    def _component(self, text: str, number: int) -> str:
        if not present(text):
            return ""
        parts = text.split(self.repetition, 1)[0].split(self.component)
        return parts[number - 1] if number <= len(parts) else ""

    def _stands_for(self, code: str, written: str) -> str:
        if code[0] == "X":
            try:
                return decoded(bytes.fromhex(code[1:]), self.codec)
            except (UnicodeDecodeError, LookupError):
                return written
        return {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
            "P": self.truncation,
            "H": "",
            "N": "",
        }.get(code, " ")


def present(text: str) -> bool:
    """Whether a field says anything: ``""`` says that there is nothing."""
    return bool(text) and text != _NULL


def decoded(content: bytes, codec: str) -> str:
    """Bytes in a message's character set; `UnicodeDecodeError` where they are not."""
    if codec:
        return content.decode(codec)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


@cache
def _escapes(escape: str) -> re.Pattern[str]:
    quoted = re.escape(escape)
    return re.compile(f"{quoted}({_ESCAPES}){quoted}")


@lru_cache(maxsize=1024)
def notation_of(start: str, declared: str) -> Notation:
    """The notation that a header states.

    Parameters
    ----------
    start : str
        The header's beginning, with MSH-1 and MSH-2. A separator that is missing is the usual one.
    declared : str
        MSH-18, whose first repetition is the character set of the message.
    """
    field_separator = start[3:4] if start[3:4].strip() else _USUAL[0]
    given = start[4:].split(field_separator, 1)[0][:5]
    separators = field_separator + given + _USUAL[1 + len(given) :]
    return Notation(*separators, codec=codec_of(declared.split(separators[2], 1)[0]))


def codec_of(declared: str) -> str:
    """Python's name of a character set of HL7 table 0211.

    Examples
    --------
    >>> codec_of("8859/15"), codec_of("UNICODE UTF-8"), codec_of("ASCII"), codec_of("BIG-5")
    ('iso8859-15', 'utf-8', '', '?')
    """
    declared = declared.strip().strip('"')
    if declared.upper() in _UNSAID:
        return ""
    if _UTF_8.match(declared):
        return "utf-8"
    iso = _ISO_8859.match(declared)
    return f"iso8859-{iso[1]}" if iso and iso[1] != "12" else UNKNOWN_SET


# Segments and messages --------------------------------------------------------------------------


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

    def continued(self, addendum: list[str]) -> "Segment":
        """With the fields of the ADD segment that continues it."""
        first, *others = addendum[1:] or [""]
        joined = [*self.fields[:-1], self.fields[-1] + first, *others]
        return Segment(self.line, self.name, joined)


@dataclass(frozen=True)
class Message:
    """The segments of one message, the header apart."""

    notation: Notation
    header: Segment
    segments: list[Segment] = field(default_factory=list)


Line = tuple[int, bytes]
"""A line's number in its file, and what it holds."""


def lines_of(content: bytes) -> Iterator[Line]:
    """The lines of a file that hold anything."""
    for number, line in enumerate(LINE_END.split(content.removeprefix(b"\xef\xbb\xbf")), start=1):
        if line := line.strip(AROUND.encode()):
            yield number, line


def messages_of(content: bytes, reading: Reading, tally: "Tally") -> Iterator[list[Line]]:
    """Each message's lines; those of no message are set aside, and envelopes counted."""
    message: list[Line] = []
    found = 0
    for number, line in lines_of(content):
        name = line[:3].decode("latin-1")
        if name == "MSH":
            if message:
                yield message
            message = [(number, line)]
            found += 1
        elif name in ENVELOPE:
            tally.envelope(number, name, line.decode("latin-1"), found)
            reading.pass_over(f"segment {name}")
        elif message:
            message.append((number, line))
        else:
            reading.unreadable.append(no_segment(number))
    if message:
        yield message
    reading.notes = tally.end(found)


def no_segment(number: int) -> Unreadable:
    """A line that is no segment of any message."""
    return Unreadable(f"line {number}", "not-a-segment", "a line that is no segment")


def header_of(line: Line) -> tuple[Notation, Segment]:
    """A message's notation, and its header as Latin-1: only what is ASCII may be taken from it."""
    number, content = line
    text = content.decode("latin-1")
    fields = text.split(notation_of(text[:10], "").field)
    declared = fields[17] if len(fields) > 17 else ""
    return notation_of(text[:10], declared), Segment(number, "MSH", fields)


def opened(lines: list[Line], reading: Reading) -> Message | None:
    """A message taken apart; None, and set aside, where its header does not say how to read it."""
    notation, header = header_of(lines[0])
    if not notation.is_clear:
        reason, seen = "separators-unclear", _DAMAGED_HEADER
    else:
        try:
            return _split(notation, lines, reading)
        except UnicodeDecodeError:
            reason, seen = "characters-unclear", f"MSH-18 {header.get(18)}".strip()
    reading.unreadable.append(Unreadable(f"line {header.line} MSH", reason, seen[:80]))
    return None


def _split(notation: Notation, lines: list[Line], reading: Reading) -> Message:
    numbers, contents = zip(*lines, strict=True)
    texts = _text(b"\n".join(contents), notation.codec).split("\n")
    header, *others = (text.split(notation.field) for text in texts)
    message = Message(notation, Segment(numbers[0], "MSH", header))
    for number, text, fields in zip(numbers[1:], texts[1:], others, strict=True):
        if not is_segment(text, notation.field):
            reading.unreadable.append(no_segment(number))
        elif fields[0] != "ADD":
            message.segments.append(Segment(number, text[:3], fields))
        elif message.segments:
            message.segments[-1] = message.segments[-1].continued(fields)
            reading.pass_over("segment ADD")
    return message


_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}\Z")


def is_segment(line: str, separator: str) -> bool:
    """Whether a line begins as a segment does."""
    return bool(_SEGMENT.match(line[:3])) and line[3:4] in (separator, "")


def _text(content: bytes, codec: str) -> str:
    """What is written in ASCII alone is the same in every character set a message can have."""
    if content.isascii() and b"\x1b" not in content:
        return content.decode("ascii")
    if codec == UNKNOWN_SET:
        raise UnicodeDecodeError("unknown", content, 0, 1, "a character set that is not known")
    return decoded(content, codec)


# What the receipt says of a file ----------------------------------------------------------------


@dataclass
class Tally:
    """Counts that a file's envelopes state, held against what is there.

    Attributes
    ----------
    tests : int
        Messages that say they are no production, MSH-11 is T or D, and are read like others.
    accepts_tests : bool
        Whether they are; else they are set aside.
    """

    tests: int = 0
    accepts_tests: bool = False
    _differences: list[str] = field(default_factory=list)
    _lines: int = 0
    _earlier: int = 0
    _messages: int = 0
    _file: int | None = None
    _batch: int | None = None
    _batches: int = 0
    _messages_before: int = 0

    @classmethod
    def of(cls, landed: Landed) -> "Tally":
        """A file's own, which goes on from one part of a large file to the next."""
        tally: Tally = landed.shared.setdefault("tally", cls())
        tally.accepts_tests = landed.accepts_tests
        tally._lines, tally._earlier = landed.lines_before, tally._messages
        return tally

    def envelope(self, number: int, name: str, line: str, messages: int) -> None:
        """Take an envelope's line, with the number of messages before it in this part."""
        number, messages = number + self._lines, messages + self._earlier
        if name == "FHS":
            self._file, self._batches = number, 0
        elif name == "BHS":
            self._batch, self._messages_before = number, messages
            self._batches += 1
        elif name == "BTS":
            self._hold(number, name, line, messages - self._messages_before, "messages")
            self._batch, self._messages_before = None, messages
        else:
            if self._batches:
                self._hold(number, name, line, self._batches, "batches")
            self._file = None

    def end(self, messages: int) -> list[str]:
        """What is to be said if the file ends with this part, which has so many messages."""
        self._messages = messages + self._earlier
        notes = list(self._differences)
        for begun, last in ((self._batch, "BTS"), (self._file, "FTS")):
            if begun is not None:
                notes.append(
                    f"What line {begun} begins has no {last}: the file may have broken off. "
                    "Ask the sender whether it is complete."
                )
        if self.tests:
            notes.append(
                f"{self.tests} of {self._messages} messages are marked as training or debugging "
                "(MSH-11 is T or D) and were read all the same, as --accept-test-messages says."
            )
        return notes

    def _hold(self, number: int, name: str, line: str, found: int, what: str) -> None:
        fields = line.split(line[3:4] or _USUAL[0])
        stated = fields[1].strip() if len(fields) > 1 else ""
        if not present(stated) or (stated.isdecimal() and int(stated[:18]) == found):
            return
        says = stated if stated.isdecimal() and len(stated) < 12 else "no number"
        self._differences.append(
            f"Line {number}, {name}-1 says {says}; {what} found: {found}. "
            "Ask the sender whether the file is complete."
        )
