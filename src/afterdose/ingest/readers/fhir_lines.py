"""FHIR as newline-delimited JSON, many lines at once: says what `readers.fhir` says.

A compiled pass takes the lines apart; what a part means is asked of the plain reader, once for
every distinct text of it. A line with anything out of the ordinary (a component, a value of another
kind, a key stated twice, a part of the wrong shape, no JSON at all) goes to the plain reader as a
whole.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import polars as pl

from afterdose.ingest.batch import ROWS, Batch, Times, times_frame
from afterdose.ingest.json_text import NotJsonError, parse_json
from afterdose.ingest.kernels.lines import GROUPS, IDENTITY
from afterdose.ingest.readers import fhir
from afterdose.ingest.readers.fhir_references import (
    MalformedError,
    Place,
    References,
    Resource,
    performer_of,
    text,
)
from afterdose.ingest.readers.fhir_scan import BLANK, NAMED, USUAL, Scan, Texts, scan
from afterdose.ingest.rows import Identifier, Reading, Unreadable, Writing

_OPENED = fhir.KINDS | fhir.TELLING | {"Bundle"}
"""Resources that are more than counted."""

Known = dict[Texts, Any]
"""What texts of writings say, for the parts of a file that come after."""
_MOST_KNOWN = 500_000


def read_fhir_lines(
    content: bytes, references: References | None = None, known: Known | None = None
) -> Reading | None:
    """Every row of newline-delimited resources.

    Parameters
    ----------
    content : bytes
        See `afterdose.ingest.readers.fhir.are_many_lines`.
    references : References, optional
        What files that belong with this one have said; this file's resources are added.
    known : dict, optional
        What was asked of the plain reader before, to be added to.

    Returns
    -------
    Reading or None
        None where it may be one document after all: ask the plain reader.
    """
    begin = len(fhir.BOM) if content.startswith(fhir.BOM) else 0
    found = scan(content, begin)
    if np.count_nonzero(found.what != BLANK) < 2:
        return None
    reading = Reading()
    is_special = (found.what != BLANK) & (found.what != USUAL) & ~_pass_over(found, reading)
    special = list(_parsed(found, is_special.nonzero()[0], reading))
    references = References() if references is None else references
    references.note(special)
    known = {} if known is None or len(known) > _MOST_KNOWN else known
    reading.batch, odd = _batch(found, references, known)
    special += _parsed(found, odd, reading)
    return fhir.read_places(special, reading, references)


def _pass_over(found: Scan, reading: Reading) -> np.ndarray:
    """Count resources of other kinds; which lines they are."""
    kinds, places = found.distinct("kind", NAMED)
    names = [str(parse_json(kind)) for (kind,) in kinds if kind is not None]
    is_counted = np.array([name not in _OPENED for name in names], bool)
    counts = np.bincount(places, minlength=len(names)).tolist()
    for name, count in zip(names, counts, strict=True):
        if name not in _OPENED:
            reading.passed_over[name[:40]] = reading.passed_over.get(name[:40], 0) + count
    is_passed_over = np.zeros(len(found.what), bool)
    is_passed_over[found.what == NAMED] = is_counted[places]
    return is_passed_over


def _parsed(found: Scan, lines: Iterable[int], reading: Reading) -> Iterator[Place]:
    """Lines, counted from 0 and in order, for the plain reader."""
    content = memoryview(found.content)
    for line in lines:
        begin, end = found.at[line]
        try:
            document = parse_json(content[begin:end])
        except NotJsonError:
            reading.unreadable.append(Unreadable(f"line {line + 1}", "not-json", "not JSON"))
            continue
        yield from fhir.unfold(f"line {line + 1}", "", document, reading)


# Observations -----------------------------------------------------------------------------------


def _batch(found: Scan, references: References, known: Known) -> tuple[Batch, np.ndarray]:
    """The ordinary observations, and the lines of those that were none after all."""
    patients = references.patients
    writings, of_writing = _each(found, "writing", _writing, known)
    times, of_times, is_ordinary = _all_times(found)
    people, of_person = _each(found, "subject", lambda part: _subject(part, patients))
    providers, of_provider = _each(found, "performer", _performer)
    specimens, of_specimen = _each(found, "specimen", _specimen)
    lines = (found.what == USUAL).nonzero()[0]
    result_ids, has_id = _result_ids(found, found.ids[lines])
    is_ordinary &= has_id
    for said, places in (
        (writings, of_writing),
        (people, of_person),
        (providers, of_provider),
        (specimens, of_specimen),
    ):
        is_ordinary &= ~np.array([one is _MALFORMED for one in said], bool)[places]
    if references.tells_of_results:
        # What such a result leaves out, another resource may say.
        lacks = np.array([one is None for one in providers], bool)[of_provider]
        lacks |= (
            times.select(pl.any_horizontal(pl.all().is_null())).to_series().to_numpy()[of_times]
        )
        is_ordinary &= ~lacks
    persons = [person for person in dict.fromkeys(people) if isinstance(person, Identifier)]
    place_of = {person: place for place, person in enumerate(persons)}
    rows = pl.DataFrame(
        {
            "locator": None,
            "line": lines + 1,
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
        rows if is_ordinary.all() else rows.filter(pl.Series(is_ordinary)),
        [one if isinstance(one, Writing) else nothing for one in writings],
        times,
        persons,
    )
    return batch, lines[~is_ordinary]


_MALFORMED = object()


def _each(
    found: Scan, group: str, read: Callable[[Resource], Any], known: Known | None = None
) -> tuple[list[Any], np.ndarray]:
    """What every distinct text of some parts says, and which of these each observation has."""
    distinct, places = found.distinct(group)
    known = {} if known is None else known
    for texts in distinct:
        if texts not in known:
            known[texts] = _said(GROUPS[group], texts, read)
    return [known[texts] for texts in distinct], places


def _said(names: tuple[str, ...], texts: Texts, read: Callable[[Resource], Any]) -> Any:
    try:
        return read(
            {
                name: parse_json(text)
                for name, text in zip(names, texts, strict=True)
                if text is not None
            }
        )
    except (MalformedError, NotJsonError):
        return _MALFORMED


def _writing(part: Resource) -> Writing:
    return fhir.writing_of(part, part)


def _all_times(found: Scan) -> tuple[pl.DataFrame, np.ndarray, np.ndarray]:
    """Pairs of times, which of them each row has, and whether it could be read."""
    spans, places = found.spans("times")
    moment, instant, period, issued = (spans[:, part] for part in range(4))
    is_simple = (
        found.are_plain(moment)
        & found.are_plain(issued)
        & (instant[:, 1] == 0)
        & (period[:, 1] == 0)
    )
    pairs = pl.DataFrame({"specimen": found.strings(moment), "issued": found.strings(issued)})
    if is_simple.all():
        return pairs, places, np.ones(len(places), bool)
    others = (~is_simple).nonzero()[0]
    said = [_said(GROUPS["times"], found.texts_at(spans[other]), _times) for other in others]
    place_of = np.arange(len(spans))
    place_of[others] = len(spans) + np.arange(len(others))
    is_read = np.ones(len(spans), bool)
    is_read[others] = [one is not _MALFORMED for one in said]
    asked = times_frame([one if isinstance(one, Times) else Times(None, None) for one in said])
    return pl.concat([pairs, asked]), place_of[places], is_read[places]


def _times(part: Resource) -> Times:
    return Times(fhir.effective_of(part), text(part.get("issued")))


def _subject(part: Resource, patients: dict[str, Identifier]) -> Identifier | None:
    return fhir.subject_of(part.get("subject"), patients)


def _performer(part: Resource) -> str | None:
    return performer_of(part.get("performer"))


def _specimen(part: Resource) -> str | None:
    return fhir.specimen_of(part)


def _result_ids(found: Scan, spans: np.ndarray) -> tuple[pl.Series, np.ndarray]:
    """Each row's own identifier, else its id; and whether that could be read."""
    is_simple = found.are_plain(spans[:, 0]) & (spans[:, 1, 1] == 0)
    ids = found.strings(np.where(is_simple[:, None], spans[:, 0], 0))
    if is_simple.all():
        return ids, is_simple
    others = (~is_simple).nonzero()[0]
    said = [
        _said(IDENTITY, found.texts_at(spans[other]), lambda part: fhir.result_id_of(part, ""))
        for other in others
    ]
    is_read = np.ones(len(spans), bool)
    is_read[others] = [one is not _MALFORMED for one in said]
    return ids.scatter(others, _texts(said)), is_read


def _texts(found: list[Any]) -> pl.Series:
    return pl.Series([one if isinstance(one, str) else None for one in found], dtype=pl.String)
