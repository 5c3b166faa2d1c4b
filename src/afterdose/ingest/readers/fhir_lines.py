"""FHIR as newline-delimited JSON, many lines at once: says what `readers.fhir` says.

DuckDB takes the lines apart; what a part means is asked of the plain reader, once for every
distinct text of it. A line with anything out of the ordinary (a component, a value of another kind,
a part of the wrong shape, no JSON at all) goes to the plain reader as a whole.

One thing differs: where a line states a key twice, the first counts here and the last there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import polars as pl

from afterdose.ingest.batch import ROWS, Batch, Times, times_frame
from afterdose.ingest.readers import fhir
from afterdose.ingest.readers.fhir_references import (
    MalformedError,
    Place,
    References,
    Resource,
    performer_of,
    text,
)
from afterdose.ingest.rows import Identifier, Reading, Unreadable, Writing

_WRITING = (
    "status",
    "code",
    "valueQuantity",
    "valueString",
    "valueCodeableConcept",
    "valueInteger",
    "valueBoolean",
    "referenceRange",
    "dataAbsentReason",
)
_TIMES = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued")
_ORIGIN = ("performer", "specimen")
_IDENTITY = ("id", "identifier")
_UNUSUAL = (
    "component",
    "contained",
    "focus",
    "modifierExtension",
    *(
        f"value{kind}"
        for kind in (
            "Range", "Ratio", "SampledData", "Time", "DateTime", "Period", "Attachment",
            "Reference",
        )
    ),
)  # fmt: skip
"""Parts that are the plain reader's: every other kind of value FHIR R4 and R5 know, and rows
within a row."""
_COLUMNS = ("resourceType", "subject", *_WRITING, *_TIMES, *_ORIGIN, *_IDENTITY, *_UNUSUAL)

_OPENED = fhir.KINDS | fhir.TELLING | {"Bundle"}
"""Resources that are more than counted."""

_FEWEST_LINES = 200
"""Below this the plain reader is quicker."""
_GLOB = frozenset("*?[]{}")
_LONGEST_LINE = 64 * 1024 * 1024

_log = logging.getLogger(__name__)


def read_fhir_lines(
    content: bytes, path: Path, references: References | None = None
) -> Reading | None:
    """Every row of newline-delimited resources.

    Parameters
    ----------
    content : bytes
    path : Path
        Where the same bytes stand.
    references : References, optional
        What files that belong with this one have said; this file's resources are added.

    Returns
    -------
    Reading or None
        None where the file is no such file, or too short for it to matter: ask the plain reader.
    """
    # A mark of test data stands among others that differ from line to line.
    if not _is_lines(content, path) or fhir.TEST.encode() in content:
        return None
    columns = _columns(path)
    if columns is None or len(columns) != _lines_in(content):
        return None
    reading = Reading()
    kinds = columns["resourceType"]
    is_usual = columns.select(
        pl.all_horizontal(pl.col(name).is_null() for name in _UNUSUAL)
    ).to_series()
    is_result = (kinds == '"Observation"').fill_null(value=False) & is_usual
    is_passed_over = _is_passed_over(columns) & is_usual
    for kind, count in kinds.filter(is_passed_over).value_counts().rows():
        reading.passed_over[kind.strip('"')[:40]] = count
    special = list(_parsed(content, (~is_result & ~is_passed_over).arg_true(), reading))
    references = References() if references is None else references
    references.note(special)
    batch, odd = _batch(columns.with_row_index("line", offset=1).filter(is_result), references)
    reading.batch = batch
    special += _parsed(content, odd - 1, reading)
    return fhir.read_places(special, reading, references)


def _is_lines(content: bytes, path: Path) -> bool:
    """Whether each line is a document of its own, and there are many of them."""
    # A carriage return, a byte-order mark or a blank line: what is a line is the plain reader's
    # to say.
    if content.count(b"\n") < _FEWEST_LINES or b"\r" in content or content[:1] != b"{":
        return False
    if _GLOB & set(str(path)):
        return False
    try:
        first = orjson.loads(content[: content.index(b"\n")])
    except orjson.JSONDecodeError:
        return False
    return isinstance(first, dict) and isinstance(first.get("resourceType"), str)


def _lines_in(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n"))


def _columns(path: Path) -> pl.DataFrame | None:
    """The JSON text of every part, a row a line; a line that is no JSON object has none."""
    kinds = ", ".join(f"'{name}': 'JSON'" for name in _COLUMNS)
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        try:
            found = connection.sql(
                f"select {names} from read_json(?, format = 'newline_delimited', "  # noqa: S608
                f"columns = {{{kinds}}}, ignore_errors = true, "
                f"maximum_object_size = {_LONGEST_LINE})",
                params=[str(path)],
            )
            return pl.DataFrame(found)
        except duckdb.Error as error:
            _log.info("lines are read one by one: %s", type(error).__name__)
            return None


def _is_passed_over(columns: pl.DataFrame) -> pl.Series:
    """Lines of another kind of resource, named by letters only."""
    kind = pl.col("resourceType")
    is_named = kind.str.contains(r'^"[A-Za-z]+"$').fill_null(value=False)
    is_opened = kind.is_in([f'"{name}"' for name in sorted(_OPENED)])
    return columns.select(is_named & ~is_opened).to_series()


def _parsed(content: bytes, lines: Iterable[int], reading: Reading) -> Iterator[Place]:
    """Lines, counted from 0 and in order, for the plain reader."""
    begin = number = 0
    for line in lines:
        while number < line:
            begin = content.index(b"\n", begin) + 1
            number += 1
        end = content.find(b"\n", begin)
        try:
            document = orjson.loads(content[begin : end if end >= 0 else None])
        except orjson.JSONDecodeError:
            reading.unreadable.append(Unreadable(f"line {line + 1}", "not-json", "not JSON"))
            continue
        yield from fhir.unfold(f"line {line + 1}", "", document, reading)


# Observations -----------------------------------------------------------------------------------


def _batch(columns: pl.DataFrame, references: References) -> tuple[Batch, np.ndarray]:
    """The ordinary observations, and the lines of those that were none after all."""
    patients = references.patients
    writings, of_writing = _each(columns, _WRITING, _writing)
    times, of_times, has_times = _all_times(columns)
    people, of_person = _each(columns, ("subject",), lambda part: _subject(part, patients))
    providers, of_provider = _each(columns, ("performer",), _performer)
    specimens, of_specimen = _each(columns, ("specimen",), _specimen)
    result_ids, has_id = _result_ids(columns)
    is_ordinary = has_id.to_numpy() & has_times
    for found, places in (
        (writings, of_writing),
        (people, of_person),
        (providers, of_provider),
        (specimens, of_specimen),
    ):
        is_ordinary &= ~np.array([one is _MALFORMED for one in found], bool)[places]
    if references.tells_of_results:
        # What such a result leaves out, another resource may say.
        lacks = np.array([one is None for one in providers], bool)[of_provider]
        lacks |= (
            times.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy()[of_times]
        )
        is_ordinary &= ~lacks
    if references.unusable:
        is_ordinary &= ~np.array([one in references.unusable for one in specimens], bool)[
            of_specimen
        ]
    known = [person for person in dict.fromkeys(people) if isinstance(person, Identifier)]
    place_of = {person: place for place, person in enumerate(known)}
    rows = pl.DataFrame(
        {
            "locator": columns.select(pl.format("line {}", "line")).to_series(),
            "writing": of_writing,
            "times": of_times,
            "person": pl.Series([place_of.get(one) for one in people], dtype=pl.UInt32)[of_person],
            "provider": _texts(providers)[of_provider],
            "accession": _texts(specimens)[of_specimen],
            "result_id": result_ids,
        },
        schema=ROWS,
    )
    nothing = Writing((), "")
    batch = Batch(
        rows.filter(pl.Series(is_ordinary)),
        [one if isinstance(one, Writing) else nothing for one in writings],
        times,
        known,
    )
    return batch, columns["line"].to_numpy()[~is_ordinary]


_MALFORMED = object()


def _each(
    columns: pl.DataFrame, names: tuple[str, ...], read: Callable[[Resource], Any]
) -> tuple[list[Any], np.ndarray]:
    """What every distinct text of some parts says, and which of these each row has."""
    distinct, places = _distinct(columns.select(names))
    return [_said(names, row, read) for row in distinct.iter_rows()], places


def _distinct(texts: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray]:
    """The distinct rows in order of appearance, and where each row stands among them."""
    codes = texts.select(pl.all().cast(pl.Categorical).to_physical())
    distinct = codes.with_row_index("first").unique(
        texts.columns, keep="first", maintain_order=True
    )
    places = codes.join(
        distinct.with_row_index("place"),
        on=texts.columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )["place"]
    return texts[distinct["first"]], places.to_numpy()


def _said(
    names: tuple[str, ...], texts: tuple[str | None, ...], read: Callable[[Resource], Any]
) -> Any:
    try:
        return read(
            {
                name: orjson.loads(text)
                for name, text in zip(names, texts, strict=True)
                if text is not None
            }
        )
    except (MalformedError, orjson.JSONDecodeError):
        return _MALFORMED


def _writing(part: Resource) -> Writing:
    return fhir.writing_of(part, part)


def _all_times(columns: pl.DataFrame) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Distinct pairs of times, which of them each row has, and whether it could be read."""
    pair = columns.select(specimen="effectiveDateTime", issued="issued")
    others = columns.select("effectiveInstant", "effectivePeriod")
    is_plain = pair.select(pl.all_horizontal(_is_plain(pl.all()))).to_series().all()
    if not is_plain or any(others.null_count().row(0)[at] < len(others) for at in range(2)):
        said, places = _each(columns, _TIMES, _times)
        is_read = np.array([one is not _MALFORMED for one in said], bool)
        times = [one if isinstance(one, Times) else Times(None, None) for one in said]
        return times_frame(times), places, is_read[places]
    distinct, places = _distinct(pair)
    return distinct.select(_unquoted(pl.all())), places, np.ones(len(pair), bool)


def _times(part: Resource) -> Times:
    return Times(fhir.effective_of(part), text(part.get("issued")))


def _subject(part: Resource, patients: dict[str, Identifier]) -> Identifier | None:
    return fhir.subject_of(part.get("subject"), patients)


def _performer(part: Resource) -> str | None:
    return performer_of(part.get("performer"))


def _specimen(part: Resource) -> str | None:
    return fhir.specimen_of(part)


def _result_ids(columns: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Each row's own identifier, else its id; and whether that could be read as it stands."""
    if columns["identifier"].null_count() == len(columns):
        own = pl.col("id")
        return tuple(columns.select(id=_unquoted(own), is_plain=_is_plain(own)))  # type: ignore
    said = [
        _said(_IDENTITY, texts, lambda part: fhir.result_id_of(part, ""))
        for texts in columns.select(_IDENTITY).iter_rows()
    ]
    return _texts(said), pl.Series([one is not _MALFORMED for one in said], dtype=pl.Boolean)


def _is_plain(text: pl.Expr) -> pl.Expr:
    """Whether a JSON text is a string without escapes, or is not there."""
    return text.str.contains(r'^"[^"\\]*"$').fill_null(value=True)


def _unquoted(text: pl.Expr) -> pl.Expr:
    """A plain JSON string's text; an empty one says nothing."""
    return pl.when(text.str.len_bytes() > 2).then(text.str.slice(1, text.str.len_chars() - 2))


def _texts(found: list[Any]) -> pl.Series:
    return pl.Series([one if isinstance(one, str) else None for one in found], dtype=pl.String)
