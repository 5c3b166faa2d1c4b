"""HL7 v2, many messages at once: says what `readers.hl7v2` says.

The lines are taken apart in columns; what a text means is asked of the plain reader, once for every
distinct text. A message with anything out of the ordinary (other separators or another character
set than the first of its file, another kind than ORU, a line that is no segment, a continued
segment) goes to the plain reader as a whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from afterdose.ingest.batch import ROWS, Batch, times_frame
from afterdose.ingest.readers import hl7v2
from afterdose.ingest.readers.hl7v2_messages import (
    AROUND,
    ENVELOPE,
    UNKNOWN_SET,
    Notation,
    Tally,
    header_of,
    no_segment,
    notation_of,
)
from afterdose.ingest.rows import Identifier, RawPerson, Reading

Found = TypeVar("Found")

_FEWEST_MESSAGES = 50
"""Below this the plain reader is quicker."""
_FIRST_HEADER = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])[\x0b\x1c \t]*(MSH[^\r\n]*)")
_LOOKS_LIKE_UTF_8 = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_FIELDS = {
    "MSH": (3, 4, 7, 9, 11, 18),
    "PID": hl7v2.PERSON_FIELDS,
    "OBR": (2, 3, 7, 22),
    "OBX": (*hl7v2.WRITING_FIELDS, 4, 14, 15, 23),
    "SPM": (17,),
}
"""What is read of each segment."""
_TIME = r"^[0-9.+-]*$"
_IN_TIMES = frozenset(".+-")


def read_hl7v2_lines(content: bytes, tally: Tally | None = None) -> Reading | None:
    """Every OBX of every ORU and OUL message; the rest is counted.

    Parameters
    ----------
    content : bytes
        A file or a part of one.
    tally : Tally, optional
        Of a part: what the parts before it counted.

    Returns
    -------
    Reading or None
        None where the file has few messages, or where its first message does not say how to read
        it: ask the plain reader.
    """
    first = _FIRST_HEADER.search(content)
    if first is None or content.count(b"MSH") < _FEWEST_MESSAGES:
        return None
    notation, _ = header_of((1, first[1]))
    decoded = _decoded(content.removeprefix(b"\xef\xbb\xbf"), notation.codec)
    if decoded is None or not notation.is_clear or _IN_TIMES & notation.separators:
        return None
    reading, tally = Reading(), tally or Tally()
    lines = _numbered(decoded[0])
    messages = _outside(lines, reading, tally)
    is_odd = _odd_messages(messages, notation)
    begins = np.append((messages["name"] == "MSH").arg_true().to_numpy(), len(messages))
    for number in np.flatnonzero(is_odd).tolist():
        odd = messages[["line", "text"]][begins[number] : begins[number + 1]]
        lines_of_it = [(line, text.encode(decoded[1])) for line, text in odd.rows()]
        hl7v2.read_message(lines_of_it, reading, tally)
    usual = messages.filter(~pl.Series(is_odd[messages["message"].to_numpy() - 1]))
    if len(usual):
        _Columns(usual, notation).read(reading, tally)
    reading.notes = tally.end(len(is_odd))
    reading.people.sort(key=_line_of)
    reading.unreadable.sort(key=_line_of)
    return reading


def _line_of(row: object) -> int:
    return int(row.locator.split()[1])  # type: ignore[attr-defined]


def _decoded(content: bytes, codec: str) -> tuple[str, str] | None:
    """The text, and the codec that gives each line its bytes back."""
    if content.isascii() and b"\x1b" not in content:
        return content.decode("ascii"), "ascii"
    if codec == UNKNOWN_SET:
        return None
    try:
        return content.decode(codec or "utf-8"), codec or "utf-8"
    except UnicodeDecodeError:
        # One that names no character set may still hold both, each message in its own.
        if codec or _LOOKS_LIKE_UTF_8.search(content):
            return None
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return None


def _numbered(text: str) -> pl.DataFrame:
    """The lines that hold anything: their number, their text, the segment's name."""
    # The same ends of lines as the plain reader's.
    if "\n" in text:
        text = text.replace("\r\n", "\r").replace("\n", "\r")
    lines = pl.Series("text", text.split("\r"), dtype=pl.String)
    return (
        lines.str.strip_chars(AROUND)
        .to_frame()
        .with_row_index("line", offset=1)
        .filter(pl.col("text") != "")
        .with_columns(name=pl.col("text").str.head(3))
    )


def _outside(lines: pl.DataFrame, reading: Reading, tally: Tally) -> pl.DataFrame:
    """Take what stands outside messages; the lines that are left, and which message each is of."""
    lines = lines.with_columns(message=(pl.col("name") == "MSH").cum_sum())
    is_envelope = pl.col("name").is_in(list(ENVELOPE))
    for row in lines.filter(is_envelope).iter_rows(named=True):
        tally.envelope(row["line"], row["name"], row["text"], row["message"])
        reading.pass_over(f"segment {row['name']}")
    within = lines.filter(~is_envelope)
    for number in within.filter(pl.col("message") == 0)["line"]:
        reading.unreadable.append(no_segment(number))
    return within.filter(pl.col("message") > 0)


def _odd_messages(messages: pl.DataFrame, notation: Notation) -> np.ndarray:
    """Which messages are the plain reader's, in order."""
    headers = messages.filter(pl.col("name") == "MSH")
    fields = _fields(headers["text"], notation, "MSH")
    start = headers["text"].str.head(10)
    is_usual = _each((start, fields[18]), notation, lambda texts: notation_of(*texts) == notation)
    is_report = _each((fields[9],), notation, lambda texts: hl7v2.kind_of(texts[0]) == "ORU")
    is_odd = ~(is_usual.array(bool) & is_report.array(bool))
    separator = re.escape(notation.field)
    is_segment = messages["text"].str.contains(rf"^[A-Z][A-Z0-9]{{2}}(?:{separator}|$)")
    is_other = ~is_segment | (messages["name"] == "ADD")
    is_odd[messages.filter(is_other)["message"].to_numpy() - 1] = True
    return is_odd


# Columns ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Each:
    """What every distinct text says, and which of these each row has."""

    said: list
    places: np.ndarray

    def array(self, kind: type) -> np.ndarray:
        """What each row says."""
        return np.array(self.said, kind)[self.places]

    def texts(self) -> pl.Series:
        """The same, as text."""
        return pl.Series(self.said, dtype=pl.String).gather(self.places)


def _each(
    columns: tuple[pl.Series, ...], notation: Notation, read: Callable[[tuple[str, ...]], Found]
) -> _Each:
    """Ask the plain reader about every distinct row of some columns.

    No field holds the field separator, so that it may stand between them; of other columns one
    may hold it.
    """
    names = [str(place) for place in range(len(columns))]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True)))
    joined = frame.select(text=pl.concat_str(names, separator=notation.field))
    distinct = joined.with_row_index("first").unique("text", keep="first", maintain_order=True)
    places = joined.join(
        distinct.with_row_index("place"), on="text", how="left", maintain_order="left"
    )["place"]
    said = [read(texts) for texts in frame[distinct["first"]].rows()]
    return _Each(said, places.to_numpy())


def _fields(texts: pl.Series, notation: Notation, name: str) -> dict[int, pl.Series]:
    """Fields of segments of one kind, by HL7's numbers; empty where a segment has no such field."""
    numbers = _FIELDS[name]
    shift = 1 if name == "MSH" else 0  # MSH-1 is the separator itself
    split = texts.str.split_exact(notation.field, max(numbers) - shift).struct
    return {number: split.field(f"field_{number - shift}").fill_null("") for number in numbers}


def _parts(texts: pl.Series, notation: Notation) -> pl.Series:
    """As `Notation.part`, of every first component."""
    ends = re.escape(notation.repetition + notation.component)
    before = texts.str.extract(f"^([^{ends}]*)")
    before = before.set(texts == '""', "")
    is_escaped = texts.str.contains(notation.escape, literal=True)
    if not is_escaped.any():
        return before
    escaped = _each((texts.filter(is_escaped),), notation, lambda text: notation.part(text[0], 1))
    return before.scatter(is_escaped.arg_true(), escaped.texts())


class _Columns:
    """The lines of ordinary messages, and which header, person and request each line follows."""

    def __init__(self, lines: pl.DataFrame, notation: Notation) -> None:
        self._notation = notation
        self._lines = lines
        self._is = {name: (lines["name"] == name).to_numpy() for name in hl7v2.USED}
        self._numbers = {name: lines["line"].filter(pl.Series(at)) for name, at in self._is.items()}
        self._rank = {name: np.cumsum(at) - 1 for name, at in self._is.items()}
        last = {name: self._last(at) for name, at in self._is.items()}
        is_result = self._is["OBX"]
        self._header = self._rank["MSH"][is_result]
        has_person = last["PID"] > last["MSH"]
        has_request = last["OBR"] > np.maximum(last["MSH"], last["PID"])
        self._person = np.where(has_person, self._rank["PID"], -1)[is_result]
        self._request = np.where(has_request, self._rank["OBR"], -1)[is_result]
        begins = self._is["MSH"] | self._is["PID"] | self._is["OBR"]
        self._order = np.cumsum(begins)

    @staticmethod
    def _last(at: np.ndarray) -> np.ndarray:
        """Where the last such line stands, up to each line; -1 where there is none."""
        return np.maximum.accumulate(np.where(at, np.arange(len(at)), -1))

    def _of(self, name: str) -> dict[int, pl.Series]:
        texts = self._lines["text"].filter(pl.Series(self._is[name]))
        return _fields(texts, self._notation, name)

    def read(self, reading: Reading, tally: Tally) -> None:
        """Add what the lines hold to a reading."""
        others = self._lines.filter(~pl.col("name").is_in(list(hl7v2.USED)))
        for name, count in others["name"].value_counts().rows():
            kind = f"segment {name}"
            reading.passed_over[kind] = reading.passed_over.get(kind, 0) + count
        header = self._of("MSH")
        tests = _each(
            (header[11],), self._notation, lambda text: hl7v2.is_test(self._notation, text[0])
        )
        tally.tests += int(tests.array(bool).sum())
        sender = _each(
            (header[4], header[3]),
            self._notation,
            lambda texts: hl7v2.sender_of(self._notation, *texts),
        ).texts()
        people, person_of = self._people(sender, reading)
        reading.batch = self._batch(header[7], sender, people, person_of)

    def _people(self, sender: pl.Series, reading: Reading) -> tuple[list[Identifier], np.ndarray]:
        """Note everybody; the identifiers results are filed under, and each PID's place in them."""
        fields = self._of("PID")
        header = self._rank["MSH"][self._is["PID"]]
        found = _each(
            (*(fields[number] for number in hl7v2.PERSON_FIELDS), sender.gather(header)),
            self._notation,
            lambda texts: hl7v2.person_of(self._notation, texts[-1], texts[:-1]),
        )
        places: dict[Identifier, int] = {}
        place_of = np.array(
            [
                -1 if facts is None else places.setdefault(facts[0][0], len(places))
                for facts in found.said
            ],
            np.int64,
        )
        for line, place in zip(self._numbers["PID"], found.places.tolist(), strict=True):
            facts, locator = found.said[place], f"line {line} PID"
            if facts is None:
                reading.unreadable.append(hl7v2.no_identifier(locator))
            else:
                reading.people.append(RawPerson(locator, *facts))
        return list(places), place_of[found.places]

    def _batch(
        self,
        sent: pl.Series,
        sender: pl.Series,
        people: list[Identifier],
        person_of: np.ndarray,
    ) -> Batch:
        result, request = self._of("OBX"), self._of("OBR")
        writings = _each(
            tuple(result[number] for number in hl7v2.WRITING_FIELDS),
            self._notation,
            lambda texts: hl7v2.writing_of(self._notation, texts),
        )
        provider = _each(
            (result[23], result[15], sender.gather(self._header)),
            self._notation,
            lambda texts: hl7v2.provider_of(self._notation, *texts),
        )
        numbers = [_parts(request[number], self._notation) for number in (3, 2)]
        accession = self._of_request(_first(numbers))
        times, of_times = self._times(result[14], request, sent)
        person = np.append(person_of, -1)[self._person]
        rows = pl.DataFrame(
            {
                "locator": None,
                "line": self._numbers["OBX"],
                "writing": writings.places,
                "times": of_times,
                "person": pl.Series(person).set(pl.Series(person < 0), None),
                "provider": provider.texts(),
                "accession": accession,
                "result_id": _result_ids(accession, writings, _parts(result[4], self._notation)),
            },
            schema=ROWS,
        )
        return Batch(rows, writings.said, times, people, below=" OBX")

    def _of_request(self, texts: pl.Series) -> pl.Series:
        """A request's text beside each result; null where there is no request."""
        return pl.concat([texts, pl.Series([None], dtype=pl.String)]).gather(
            np.where(self._request < 0, len(texts), self._request)
        )

    def _times(
        self, observed: pl.Series, request: dict[int, pl.Series], sent: pl.Series
    ) -> tuple[pl.DataFrame, np.ndarray]:
        """Distinct pairs of times, and which of them each result has."""
        requested, reported = (
            self._of_request(request[number]).fill_null("") for number in (7, 22)
        )
        columns = (
            observed,
            requested,
            self._specimen_times(),
            reported,
            sent.gather(self._header),
        )
        is_plain = all(column.str.contains(_TIME).all() for column in columns)
        if not is_plain:
            found = _each(
                columns,
                self._notation,
                lambda texts: hl7v2.times_of(self._notation, texts[:3], texts[3:]),
            )
            return times_frame(found.said), found.places
        pairs = pl.DataFrame({"specimen": _first(columns[:3]), "issued": _first(columns[3:])})
        distinct = pairs.unique(maintain_order=True)
        places = pairs.join(
            distinct.with_row_index("place"),
            on=["specimen", "issued"],
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )["place"]
        return distinct, places.to_numpy()

    def _specimen_times(self) -> pl.Series:
        """As `hl7v2.specimen_time`, beside each result."""
        found = (
            pl.DataFrame({"order": self._order[self._is["SPM"]], "time": self._of("SPM")[17]})
            .filter(~pl.col("time").is_in(["", '""']))
            .unique()
            .group_by("order")
            .agg(pl.col("time").first(), several=pl.len() > 1)
            .filter(~pl.col("several"))
        )
        order = pl.DataFrame({"order": self._order[self._is["OBX"]]})
        joined = order.join(found, on="order", how="left", maintain_order="left")
        return joined["time"].fill_null("")


def _first(columns: list[pl.Series] | tuple[pl.Series, ...]) -> pl.Series:
    """Of each row the first text that is there; null where none is."""
    frame = pl.DataFrame({str(place): column for place, column in enumerate(columns)})
    return frame.select(
        pl.coalesce(pl.when(pl.col(name) != "").then(pl.col(name)) for name in frame.columns)
    ).to_series()


def _result_ids(accession: pl.Series, writings: _Each, sub_ids: pl.Series) -> pl.Series:
    """As `hl7v2.result_id_of`."""
    if (sub_ids == "").all():
        return pl.Series([None] * len(sub_ids), dtype=pl.String)
    codes = [writing.codes[0][1] if writing.codes else None for writing in writings.said]
    return (
        pl.DataFrame(
            {
                "accession": accession,
                "code": pl.Series(codes, dtype=pl.String).gather(writings.places),
                "sub_id": sub_ids.set(sub_ids == "", None),
            }
        )
        .select(pl.format("{}/{}/{}", "accession", "code", "sub_id"))
        .to_series()
    )
