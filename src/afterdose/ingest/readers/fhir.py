"""FHIR R4 JSON: a resource, a Bundle, or newline-delimited resources; Patient and Observation."""

from collections.abc import Iterator
from typing import Any

import orjson

from afterdose.ingest.rows import Identifier, RawPerson, RawResult, Reading, Unreadable
from afterdose.record.errors import UnreadableInputError

_LOINC = "http://loinc.org"
Resource = dict[str, Any]


def read_fhir(content: bytes) -> Reading:
    """Every Patient and Observation of a file; other resources are counted by type."""
    reading = Reading()
    resources = list(_resources(content.removeprefix(b"\xef\xbb\xbf"), reading))
    patients = _patients(resources)
    for pointer, full_url, resource in resources:
        kind = resource.get("resourceType")
        try:
            if kind == "Patient":
                reading.people.append(_person(pointer, full_url, resource))
            elif kind == "Observation":
                reading.results.extend(_results(pointer, resource, patients))
            else:
                reading.pass_over(kind if isinstance(kind, str) and kind.isalpha() else "unnamed")
        except _MalformedError as error:
            reading.unreadable.append(Unreadable(pointer, "malformed", str(error)))
    return reading


class _MalformedError(Exception):
    """A resource whose parts have the wrong shape; says which part."""


# Files to resources -----------------------------------------------------------------------------


def _resources(content: bytes, reading: Reading) -> Iterator[tuple[str, str, Resource]]:
    """Every resource with its pointer and, inside a Bundle, its full URL."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        yield from _lines(content, reading)
        return
    yield from _unfold("", document, reading)


def _lines(content: bytes, reading: Reading) -> Iterator[tuple[str, str, Resource]]:
    """Newline-delimited JSON: a line that is not JSON is set aside, the others are read."""
    lines = [(n, line) for n, line in enumerate(content.splitlines(), start=1) if line.strip()]
    parsed = []
    for number, line in lines:
        try:
            parsed.append((number, orjson.loads(line)))
        except orjson.JSONDecodeError:
            reading.unreadable.append(Unreadable(f"line {number}", "not-json", "not JSON"))
    if not parsed:
        raise UnreadableInputError(
            "The file begins like JSON and is not. Permitted: one FHIR resource, a Bundle, or one "
            "resource a line. Ask the sender for the file again."
        )
    for number, document in parsed:
        yield from _unfold(f"line {number}", document, reading)


def _unfold(place: str, document: object, reading: Reading) -> Iterator[tuple[str, str, Resource]]:
    if not isinstance(document, dict):
        reading.unreadable.append(Unreadable(place or "/", "malformed", "not a resource"))
    elif document.get("resourceType") == "Bundle":
        entries = document.get("entry", [])
        if not isinstance(entries, list):
            reading.unreadable.append(Unreadable(place or "/", "malformed", "entry is no list"))
            return
        for position, entry in enumerate(entries):
            pointer = f"{place}/entry/{position}/resource"
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict):
                yield pointer, str(entry.get("fullUrl", "")), resource
            else:
                reading.unreadable.append(Unreadable(pointer, "malformed", "no resource"))
    else:
        yield place or "/", "", document


# People -----------------------------------------------------------------------------------------


def _patients(resources: list[tuple[str, str, Resource]]) -> dict[str, Identifier]:
    """By every reference an Observation may use: the patient's first identifier."""
    found: dict[str, Identifier] = {}
    for _, full_url, resource in resources:
        if resource.get("resourceType") != "Patient":
            continue
        try:
            identifier = _identifiers(full_url, resource)[0]
        except (_MalformedError, IndexError):
            continue
        if full_url:
            found[full_url] = identifier
        if isinstance(resource.get("id"), str):
            found[f"Patient/{resource['id']}"] = identifier
    return found


def _person(pointer: str, full_url: str, resource: Resource) -> RawPerson:
    identifiers = _identifiers(full_url, resource)
    if not identifiers:
        raise _MalformedError("a Patient without identifier, id or fullUrl")
    deceased = resource.get("deceasedDateTime")
    return RawPerson(
        locator=pointer,
        identifiers=identifiers,
        sex=_text(resource.get("gender")),
        birth_date=_text(resource.get("birthDate")),
        death_date=deceased[:10] if isinstance(deceased, str) else None,
    )


def _identifiers(full_url: str, resource: Resource) -> tuple[Identifier, ...]:
    """The patient's own identifiers; where it has none, its reference in this file."""
    found = [
        Identifier(_text(item.get("system")) or "unnamed", str(item["value"]))
        for item in _dicts(resource.get("identifier"), "identifier")
        if item.get("value")
    ]
    if not found and full_url:
        found = [Identifier("reference", full_url)]
    elif not found and isinstance(resource.get("id"), str):
        found = [Identifier("reference", f"Patient/{resource['id']}")]
    return tuple(found)


# Results ----------------------------------------------------------------------------------------


def _results(
    pointer: str, resource: Resource, patients: dict[str, Identifier]
) -> Iterator[RawResult]:
    """The observation, and each component as a result of its own."""
    components = _dicts(resource.get("component"), "component")
    if not components or any(key.startswith("value") for key in resource):
        yield _result(pointer, resource, resource, patients)
    for position, component in enumerate(components):
        yield _result(f"{pointer}/component/{position}", resource, component, patients)


def _result(
    pointer: str, observation: Resource, part: Resource, patients: dict[str, Identifier]
) -> RawResult:
    value, comparator, unit = _value(part)
    subject = _dict(observation.get("subject"), "subject")
    reference = _text(subject.get("reference"))
    identifiers = _dicts(observation.get("identifier"), "identifier")
    return RawResult(
        locator=pointer,
        person=_subject(subject, reference, patients),
        codes=_codes(part.get("code")),
        status=_text(observation.get("status")) or "",
        value=value,
        comparator=comparator,
        unit=unit,
        range_text=_range(part.get("referenceRange")),
        specimen_time=_effective(observation),
        issued_time=_text(observation.get("issued")),
        provider=_performer(observation.get("performer")),
        accession=_reference(observation.get("specimen")),
        result_id=_result_id(observation, identifiers, pointer),
        note=_absent(part),
    )


def _subject(
    subject: Resource, reference: str | None, patients: dict[str, Identifier]
) -> Identifier | None:
    if reference is not None:
        return patients.get(reference, Identifier("reference", reference))
    identifier = _dict(subject.get("identifier"), "subject.identifier")
    if identifier.get("value"):
        return Identifier(_text(identifier.get("system")) or "unnamed", str(identifier["value"]))
    return None


def _codes(concept: object) -> tuple[tuple[str, str, str], ...]:
    concept = _dict(concept, "code")
    found = []
    for coding in _dicts(concept.get("coding"), "code.coding"):
        system = "loinc" if coding.get("system") == _LOINC else _text(coding.get("system")) or ""
        found.append((system, _text(coding.get("code")) or "", _text(coding.get("display")) or ""))
    return tuple(found) or (("", "", _text(concept.get("text")) or ""),)


def _value(part: Resource) -> tuple[str | None, str | None, str | None]:
    """Value, comparator and unit as written; UCUM's code stands before the printed unit."""
    if "valueQuantity" in part:
        quantity = _dict(part["valueQuantity"], "valueQuantity")
        number = quantity.get("value")
        unit = _text(quantity.get("code")) or _text(quantity.get("unit"))
        return (
            None if number is None else str(number),
            _text(quantity.get("comparator")),
            unit,
        )
    for key in ("valueString", "valueInteger", "valueBoolean"):
        if key in part:
            return str(part[key]), None, None
    if "valueCodeableConcept" in part:
        concept = _dict(part["valueCodeableConcept"], "valueCodeableConcept")
        codings = _dicts(concept.get("coding"), "valueCodeableConcept.coding")
        words = [_text(coding.get("display")) for coding in codings]
        return _text(concept.get("text")) or next(filter(None, words), None), None, None
    other = sorted(key for key in part if key.startswith("value"))
    return (f"({other[0]})", None, None) if other else (None, None, None)


def _range(ranges: object) -> str | None:
    """The range without a type or of type normal: the laboratory's own for this result."""
    for item in _dicts(ranges, "referenceRange"):
        kind = _dict(item.get("type"), "referenceRange.type")
        codes = {coding.get("code") for coding in _dicts(kind.get("coding"), "type.coding")}
        if codes and "normal" not in codes:
            continue
        low = _dict(item.get("low"), "low").get("value")
        high = _dict(item.get("high"), "high").get("value")
        if low is not None or high is not None:
            return f"{'' if low is None else low}..{'' if high is None else high}"
        return _text(item.get("text"))
    return None


def _effective(observation: Resource) -> str | None:
    period = _dict(observation.get("effectivePeriod"), "effectivePeriod")
    return (
        _text(observation.get("effectiveDateTime"))
        or _text(observation.get("effectiveInstant"))
        or _text(period.get("start"))
    )


def _performer(performers: object) -> str | None:
    for item in _dicts(performers, "performer"):
        if item.get("display") or item.get("reference"):
            return _text(item.get("display")) or _text(item.get("reference"))
    return None


def _reference(item: object) -> str | None:
    return _text(_dict(item, "specimen").get("reference"))


def _result_id(observation: Resource, identifiers: list[Resource], pointer: str) -> str | None:
    """The result's identifier, or its resource id; a component adds its place."""
    own = next((str(item["value"]) for item in identifiers if item.get("value")), None)
    base = own or _text(observation.get("id"))
    if base is None:
        return None
    _, _, component = pointer.partition("/component/")
    return f"{base}/{component}" if component else base


def _absent(part: Resource) -> str | None:
    reason = _dict(part.get("dataAbsentReason"), "dataAbsentReason")
    codes = [_text(item.get("code")) for item in _dicts(reason.get("coding"), "coding")]
    return next(filter(None, codes), None) or _text(reason.get("text"))


# Shapes -----------------------------------------------------------------------------------------


def _dict(item: object, name: str) -> Resource:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise _MalformedError(f"{name} is not an object")
    return item


def _dicts(items: object, name: str) -> list[Resource]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _MalformedError(f"{name} is not a list of objects")
    return items


def _text(item: object) -> str | None:
    return item if isinstance(item, str) and item else None
