"""FHIR R4 JSON: a resource, a Bundle, or newline-delimited resources; Patient and Observation."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from afterdose.ingest.hooks import Reader, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.rows import (
    Identifier,
    RawPerson,
    RawResult,
    Reading,
    Unreadable,
    Writing,
)
from afterdose.record.errors import UnreadableInputError

LOINC_SYSTEMS = frozenset({"http://loinc.org", "urn:oid:2.16.840.1.113883.6.1"})
UCUM_SYSTEMS = frozenset({None, "http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
"""A quantity's code is a unit under these; under another system it is something else."""

MAX_NESTING = 8
"""Bundles within bundles that are opened; a deeper one is set aside."""

Resource = dict[str, Any]


def read_fhir(content: bytes) -> Reading:
    """Every Patient and Observation of a file, contained Observations too; others are counted.

    Raises
    ------
    UnreadableInputError
        The file is not JSON, or holds no resource at all.
    """
    reading = Reading()
    resources = list(_resources(content.removeprefix(b"\xef\xbb\xbf"), reading))
    patients = patients_of(resources)
    for place in resources:
        read_place(place, patients, reading)
    return reading


@hook
def afterdose_readers() -> list[Reader]:
    """FHIR, told from the bracket a JSON file begins with."""
    return [
        Reader(
            "fhir",
            "FHIR R4 JSON or NDJSON",
            recognises=lambda start: start.content[:1] in (b"{", b"["),
            read=_read_landed,
        )
    ]


def _read_landed(landed: Landed) -> Reading:
    """Lines that are alike are read together; everything else resource by resource."""
    from afterdose.ingest.readers.fhir_lines import read_fhir_lines

    return read_fhir_lines(landed.content, landed.path) or read_fhir(landed.content)


class MalformedError(Exception):
    """A resource whose parts have the wrong shape; says which part."""


class Place(NamedTuple):
    """A resource, its JSON pointer and, inside a Bundle, its full URL."""

    pointer: str
    full_url: str
    resource: Resource


def read_place(place: Place, patients: dict[str, Identifier], reading: Reading) -> None:
    """Add a resource to the reading; what is malformed is set aside."""
    try:
        _read(place, patients, reading)
    except MalformedError as error:
        reading.unreadable.append(Unreadable(place.pointer, "malformed", str(error)))


def _read(place: Place, patients: dict[str, Identifier], reading: Reading) -> None:
    kind = place.resource.get("resourceType")
    if kind == "Patient":
        reading.people.append(_person(place))
    elif kind == "Observation":
        reading.results.extend(_results(place, patients))
    elif isinstance(kind, str) and kind.isalpha():
        reading.pass_over(kind[:40])
    else:
        reading.pass_over("resource without type")


# Files to resources -----------------------------------------------------------------------------


def _resources(content: bytes, reading: Reading) -> Iterator[Place]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        yield from _lines(content, reading)
        return
    yield from unfold("", "", document, reading)


def _lines(content: bytes, reading: Reading) -> Iterator[Place]:
    """Newline-delimited JSON: a line that is not JSON is set aside, the others are read."""
    parsed: list[tuple[int, object]] = []
    broken: list[int] = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            if line.strip():
                parsed.append((number, orjson.loads(line)))
        except orjson.JSONDecodeError:
            broken.append(number)
    # Lines of one broken document may parse by themselves; none of them is a resource.
    if not any(isinstance(item, dict) and "resourceType" in item for _, item in parsed):
        raise UnreadableInputError(
            "The file begins like JSON and is not. Permitted: one FHIR resource, a Bundle, or one "
            "resource a line. Ask the sender for the file again."
        )
    reading.unreadable.extend(Unreadable(f"line {n}", "not-json", "not JSON") for n in broken)
    for number, document in parsed:
        yield from unfold(f"line {number}", "", document, reading)


def unfold(
    pointer: str, full_url: str, document: object, reading: Reading, depth: int = 0
) -> Iterator[Place]:
    """A resource with the Observations it contains, or every entry of a Bundle."""
    if not isinstance(document, dict):
        reading.unreadable.append(Unreadable(pointer or "/", "malformed", "not a resource"))
    elif document.get("resourceType") != "Bundle":
        yield Place(pointer or "/", full_url, document)
        yield from _contained(pointer, document, reading)
    elif not isinstance(entries := document.get("entry", []), list) or depth == MAX_NESTING:
        reading.unreadable.append(Unreadable(pointer or "/", "malformed", "entry cannot be opened"))
    else:
        for position, entry in enumerate(entries):
            inner = f"{pointer}/entry/{position}/resource"
            entry = entry if isinstance(entry, dict) else {}
            url = text(entry.get("fullUrl")) or ""
            yield from unfold(inner, url, entry.get("resource"), reading, depth + 1)


def _contained(pointer: str, resource: Resource, reading: Reading) -> Iterator[Place]:
    """Observations inside another resource; without a subject, its subject is theirs."""
    children = resource.get("contained")
    for position, child in enumerate(children if isinstance(children, list) else []):
        if not isinstance(child, dict):
            continue
        if child.get("resourceType") == "Observation":
            owned = {"subject": resource.get("subject"), **child}
            yield Place(f"{pointer}/contained/{position}", "", owned)
        else:
            reading.pass_over("contained resource")


# People -----------------------------------------------------------------------------------------


def patients_of(resources: list[Place]) -> dict[str, Identifier]:
    """By every reference an Observation may use: the patient's first identifier."""
    found: dict[str, Identifier] = {}
    for place in resources:
        if place.resource.get("resourceType") != "Patient":
            continue
        try:
            identifier = _identifiers(place)[0]
        except (MalformedError, IndexError):
            continue
        if place.full_url:
            found[place.full_url] = identifier
        if own_id := text(place.resource.get("id")):
            found[f"Patient/{own_id}"] = identifier
    return found


def _person(place: Place) -> RawPerson:
    identifiers = _identifiers(place)
    if not identifiers:
        raise MalformedError("a Patient without identifier, id or fullUrl")
    is_dead = place.resource.get("deceasedBoolean") is True
    return RawPerson(
        locator=place.pointer,
        identifiers=identifiers,
        sex=text(place.resource.get("gender")),
        birth_date=text(place.resource.get("birthDate")),
        death_date=text(place.resource.get("deceasedDateTime")) or ("unknown" if is_dead else None),
    )


def _identifiers(place: Place) -> tuple[Identifier, ...]:
    """The patient's own identifiers; where none has a system, its reference in this file."""
    found = [
        Identifier(system, value)
        for item in _dicts(place.resource.get("identifier"), "identifier")
        if (system := text(item.get("system"))) and (value := text(item.get("value")))
    ]
    own_id = text(place.resource.get("id"))
    if not found and (place.full_url or own_id):
        found = [Identifier("reference", place.full_url or f"Patient/{own_id}")]
    return tuple(found)


# Results ----------------------------------------------------------------------------------------


def _results(place: Place, patients: dict[str, Identifier]) -> list[RawResult]:
    """The observation, and each component as a result of its own."""
    observation = place.resource
    components = _dicts(observation.get("component"), "component")
    found = []
    if not components or any(key.startswith("value") for key in observation):
        found.append(_result(place.pointer, observation, observation, patients))
    for position, component in enumerate(components):
        pointer = f"{place.pointer.rstrip('/')}/component/{position}"
        found.append(_result(pointer, observation, component, patients))
    return found


def _result(
    pointer: str, observation: Resource, part: Resource, patients: dict[str, Identifier]
) -> RawResult:
    writing = writing_of(observation, part)
    return RawResult(
        locator=pointer,
        person=subject_of(observation.get("subject"), patients),
        **writing._asdict(),
        specimen_time=effective_of(observation),
        issued_time=text(observation.get("issued")),
        provider=performer_of(observation.get("performer")),
        accession=specimen_of(observation),
        result_id=result_id_of(observation, pointer),
    )


def writing_of(observation: Resource, part: Resource) -> Writing:
    """What an observation, or a component of it, says of the result itself.

    Raises
    ------
    MalformedError
    """
    quantity = _dict(part.get("valueQuantity"), "valueQuantity")
    unit, printed_unit = _units(quantity)
    range_text, range_unit = _range(part.get("referenceRange"))
    return Writing(
        codes=_codes(part.get("code")),
        status=text(observation.get("status")) or "",
        value=_value(part, quantity),
        unit=unit,
        printed_unit=printed_unit,
        comparator=text(quantity.get("comparator")),
        range_text=range_text,
        range_unit=range_unit,
        absent_because=_absent_because(part),
    )


def subject_of(subject: object, patients: dict[str, Identifier]) -> Identifier | None:
    """Whom a reference means; a reference that names no Patient means nobody."""
    subject = _dict(subject, "subject")
    reference = text(subject.get("reference"))
    if reference is None:
        identifier = _dict(subject.get("identifier"), "subject.identifier")
        system, value = text(identifier.get("system")), text(identifier.get("value"))
        return Identifier(system, value) if system and value else None
    reference = reference.partition("/_history/")[0]
    if reference in patients:
        return patients[reference]
    is_patient = reference.startswith("urn:") or "Patient" in reference.split("/")[-2:-1]
    return Identifier("reference", reference) if is_patient else None


def _codes(concept: object) -> tuple[tuple[str, str, str], ...]:
    concept = _dict(concept, "code")
    found = []
    for coding in _dicts(concept.get("coding"), "code.coding"):
        system = text(coding.get("system")) or ""
        found.append(
            (
                "loinc" if system in LOINC_SYSTEMS else system,
                text(coding.get("code")) or "",
                text(coding.get("display")) or "",
            )
        )
    return tuple(found) or (("", "", text(concept.get("text")) or ""),)


def _value(part: Resource, quantity: Resource) -> str | None:
    """The value as written; of a kind that cannot be a result, the kind in brackets."""
    if part.get("valueQuantity") is not None:
        number = quantity.get("value")
        return None if number is None else str(number)
    for key in ("valueString", "valueInteger", "valueBoolean"):
        if part.get(key) is not None:
            return str(part[key])
    if part.get("valueCodeableConcept") is not None:
        concept = _dict(part["valueCodeableConcept"], "valueCodeableConcept")
        codings = _dicts(concept.get("coding"), "valueCodeableConcept.coding")
        words = [text(concept.get("text")), *(text(coding.get("display")) for coding in codings)]
        return next(filter(None, words), None)
    other = min(
        (key for key in part if key.startswith("value") and part[key] is not None), default=None
    )
    return f"({other})" if other else None


def _units(quantity: Resource) -> tuple[str | None, str | None]:
    """The coded unit and the printed one; where there is no code, the printed one twice."""
    printed = text(quantity.get("unit"))
    has_unit_code = quantity.get("system") in UCUM_SYSTEMS
    return (text(quantity.get("code")) if has_unit_code else None) or printed, printed


def _range(ranges: object) -> tuple[str | None, str | None]:
    """The laboratory's one normal range and its unit.

    Several normal ranges are for several kinds of people; which of them applies is not guessed.
    """
    normal = [item for item in _dicts(ranges, "referenceRange") if _is_normal(item)]
    if len(normal) != 1:
        return None, None
    low, high = _dict(normal[0].get("low"), "low"), _dict(normal[0].get("high"), "high")
    units = {unit for limit in (low, high) if (unit := _units(limit)[0])}
    if len(units) > 1:
        return None, None
    ends = [limit.get("value") for limit in (low, high)]
    if ends == [None, None]:
        return text(normal[0].get("text")), None
    return "..".join("" if end is None else str(end) for end in ends), next(iter(units), None)


def _is_normal(item: Resource) -> bool:
    kind = _dict(item.get("type"), "referenceRange.type")
    codes = [text(coding.get("code")) for coding in _dicts(kind.get("coding"), "type.coding")]
    return not codes or "normal" in codes


def effective_of(observation: Resource) -> str | None:
    period = _dict(observation.get("effectivePeriod"), "effectivePeriod")
    return (
        text(observation.get("effectiveDateTime"))
        or text(observation.get("effectiveInstant"))
        or text(period.get("start"))
    )


def performer_of(performers: object) -> str | None:
    names = [
        text(item.get("display")) or text(item.get("reference"))
        for item in _dicts(performers, "performer")
    ]
    return next(filter(None, names), None)


def result_id_of(observation: Resource, pointer: str) -> str | None:
    """The result's identifier, or its resource id; a component adds its place."""
    identifiers = _dicts(observation.get("identifier"), "identifier")
    own = next(filter(None, (text(item.get("value")) for item in identifiers)), None)
    base = own or text(observation.get("id"))
    _, _, component = pointer.partition("/component/")
    return f"{base}/{component}" if base and component else base


def specimen_of(observation: Resource) -> str | None:
    """The reference to the specimen: results of one draw share it."""
    return text(_dict(observation.get("specimen"), "specimen").get("reference"))


def _absent_because(part: Resource) -> str | None:
    reason = _dict(part.get("dataAbsentReason"), "dataAbsentReason")
    codings = _dicts(reason.get("coding"), "dataAbsentReason.coding")
    return next(filter(None, (text(coding.get("code")) for coding in codings)), None)


# Shapes -----------------------------------------------------------------------------------------


def _dict(item: object, name: str) -> Resource:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise MalformedError(f"{name} is not an object")
    return item


def _dicts(items: object, name: str) -> list[Resource]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedError(f"{name} is not a list of objects")
    return items


def text(item: object) -> str | None:
    return item if isinstance(item, str) and item else None
