"""FHIR R4 and R5 JSON: a resource, a Bundle, or newline-delimited resources.

Patients, results, treatments and events are read; a report or a specimen tells what its results
leave out. Any other resource is counted.
"""

import re
from collections.abc import Iterator

from afterdose.ingest.hooks import Reader, Start, hook
from afterdose.ingest.json_text import NotJsonError, parse_json
from afterdose.ingest.landing import Landed
from afterdose.ingest.readers import fhir_entries
from afterdose.ingest.readers.fhir_references import (
    MalformedError,
    Place,
    References,
    Resource,
    as_dict,
    as_dicts,
    identifier_of,
    identifiers_of,
    performer_of,
    text,
)
from afterdose.ingest.rows import (
    Identifier,
    RawPerson,
    RawResult,
    Reading,
    Unreadable,
    Writing,
)
from afterdose.ingest.senders import REFERENCE
from afterdose.record.errors import UnreadableInputError

LOINC_SYSTEMS = frozenset({"http://loinc.org", "urn:oid:2.16.840.1.113883.6.1"})
UCUM_SYSTEMS = frozenset({None, "http://unitsofmeasure.org", "urn:oid:2.16.840.1.113883.6.8"})
"""A quantity's code is a unit under these; under another system it is something else."""

MAX_NESTING = 8
"""Bundles within bundles that are opened; a deeper one is set aside."""

MAX_VALUES = 20_000_000
"""Commas in one document: more values than this take gigabytes once they are taken apart."""

KINDS = frozenset({"Patient", "Observation", *fhir_entries.KINDS})
"""Resources that become rows."""
TELLING = frozenset({"Specimen", "DiagnosticReport", "Medication"})
"""Resources that become no row and say something of others."""

BOM = b"\xef\xbb\xbf"
"""What may stand before the first byte of UTF-8."""
_FEWEST_LINES = 200
"""Below this it is quicker to read resource by resource."""
_LONG = 1024 * 1024
"""A content that is taken apart by lines however few they are."""
_FIRST_LINE = re.compile(rb"[ \t\r\n]*([^\r\n]*)")
_SHARED = "fhir references"
_KNOWN = "fhir writings"
_LINE_END = re.compile(rb"\n")


def read_fhir(content: bytes, references: References | None = None) -> Reading:
    """Every row of a file, and of the resources contained in others; other kinds are counted.

    Parameters
    ----------
    content : bytes
    references : References, optional
        What files that belong with this one have said; this file's resources are added.

    Raises
    ------
    UnreadableInputError
        The file is not JSON, or holds no resource at all.
    """
    if len(content) > MAX_VALUES and content.count(b",") > MAX_VALUES:
        raise UnreadableInputError(
            f"The file holds more than {MAX_VALUES} values in one document. Permitted: fewer. Ask "
            "the sender for one resource a line."
        )
    reading = Reading()
    places = list(_resources(content.removeprefix(BOM), reading))
    return read_places(places, reading, References() if references is None else references)


def read_places(places: list[Place], reading: Reading, references: References) -> Reading:
    """Add resources to a reading, once all of them have said what they say of each other."""
    references.note(places)
    for place in places:
        read_place(place, references, reading)
    join_doses(places, reading)
    if references.is_full:
        reading.pass_over("reference that could not be remembered")
    return reading


def join_doses(places: list[Place], reading: Reading) -> None:
    """Single doses of these resources, day after day, to courses."""
    doses = {
        place.pointer
        for place in places
        if place.resource.get("resourceType") == "MedicationAdministration"
    }
    if doses:
        fhir_entries.join_days(reading, doses)


@hook
def afterdose_readers() -> list[Reader]:
    """FHIR, told from the bracket a JSON file begins with."""
    return [
        Reader(
            "fhir",
            "FHIR R4 JSON or NDJSON",
            recognises=lambda start: start.content[:1] in (b"{", b"["),
            read=_read_landed,
            ends=_ends,
            look_ahead=_look_ahead,
        )
    ]


def references_of(landed: Landed) -> References:
    """What the files that belong together have said so far."""
    references = landed.shared.setdefault(_SHARED, References())
    assert isinstance(references, References)
    return references


def _read_landed(landed: Landed) -> Reading:
    """Lines that are alike are read together; everything else resource by resource."""
    references = references_of(landed)
    if are_many_lines(landed.content):
        # Loading the compiled code takes longer than reading a short file.
        from afterdose.ingest.readers.fhir_lines import read_fhir_lines

        known = landed.shared.setdefault(_KNOWN, {})
        if (lines := read_fhir_lines(landed.content, references, known)) is not None:
            return lines
    return read_fhir(landed.content, references)


def are_many_lines(content: bytes) -> bool:
    """Whether the first line is a resource by itself, and there are many lines."""
    if len(content) < _LONG and content.count(b"\n") + content.count(b"\r") < _FEWEST_LINES:
        return False
    match = _FIRST_LINE.match(content, len(BOM) if content.startswith(BOM) else 0)
    assert match is not None  # it matches anything
    try:
        first = parse_json(match[1])
    except NotJsonError:
        return False
    return isinstance(first, dict) and isinstance(first.get("resourceType"), str)


def _ends(start: Start) -> re.Pattern[bytes] | None:
    """A large file may be cut at line ends, unless its first line is no resource by itself."""
    line, newline, _ = start.content.partition(b"\n")
    if newline:
        try:
            parse_json(line)
        except NotJsonError:
            return None
    return _LINE_END


def _look_ahead(landed: Landed) -> None:
    """Remember what lines say of others, since those may stand before them."""
    from afterdose.ingest.readers.fhir_ahead import telling_lines

    references, nothing = references_of(landed), Reading()
    for line in telling_lines(landed.path):
        try:
            document = parse_json(line)
        except NotJsonError:
            continue
        references.note(unfold("", "", document, nothing))


def read_place(place: Place, references: References, reading: Reading) -> None:
    """Add a resource to the reading; what is malformed is set aside."""
    try:
        _read(place, references, reading)
    except MalformedError as error:
        reading.unreadable.append(Unreadable(place.pointer, "malformed", str(error)))


def _read(place: Place, references: References, reading: Reading) -> None:
    kind = place.resource.get("resourceType")
    if kind == "Patient":
        reading.people.append(_person(place))
    elif kind == "Observation":
        reading.results.extend(_results(place, references))
    elif isinstance(kind, str) and kind in fhir_entries.KINDS:
        person = subject_of(place.resource.get("subject"), references.patients)
        fhir_entries.read_entry(place, person, references, reading)
    elif isinstance(kind, str) and kind.isalpha():
        reading.pass_over(kind[:40])
    else:
        reading.pass_over("resource without type")


# Files to resources -----------------------------------------------------------------------------


def _resources(content: bytes, reading: Reading) -> Iterator[Place]:
    try:
        document = parse_json(content)
    except NotJsonError:
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
                parsed.append((number, parse_json(line)))
        except NotJsonError:
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
    """Rows inside another resource; without a subject, its subject is theirs."""
    children = resource.get("contained")
    for position, child in enumerate(children if isinstance(children, list) else []):
        if not isinstance(child, dict):
            continue
        kind = child.get("resourceType")
        if kind in KINDS and kind != "Patient":
            owned = {"subject": resource.get("subject"), **child}
            yield Place(f"{pointer}/contained/{position}", "", owned, resource)
        else:
            reading.pass_over("contained resource")


# People -----------------------------------------------------------------------------------------


def _person(place: Place) -> RawPerson:
    identifiers = identifiers_of(place)
    if not identifiers:
        raise MalformedError("a Patient without identifier, id or fullUrl")
    is_dead = place.resource.get("deceasedBoolean") is True
    return RawPerson(
        locator=place.pointer,
        identifiers=identifiers,
        sex=text(place.resource.get("gender")),
        birth_date=text(place.resource.get("birthDate")),
        death_date=text(place.resource.get("deceasedDateTime")) or ("unknown" if is_dead else None),
        references=tuple(Identifier(REFERENCE, name) for name in place.names),
    )


# Results ----------------------------------------------------------------------------------------


def _results(place: Place, references: References) -> list[RawResult]:
    """The observation, and each component as a result of its own."""
    observation = place.resource
    components = as_dicts(observation.get("component"), "component")
    found = []
    if not components or any(key.startswith("value") for key in observation):
        found.append(_result(place, "", observation, references))
    for position, component in enumerate(components):
        found.append(_result(place, f"/component/{position}", component, references))
    return found


def _result(place: Place, below: str, part: Resource, references: References) -> RawResult:
    observation = place.resource
    writing = writing_of(observation, part)
    pointer = f"{place.pointer.rstrip('/')}{below}" if below else place.pointer
    report = references.report_on(place)
    taken, told_by = _taken(place, references)
    issued, provider = text(observation.get("issued")), performer_of(observation.get("performer"))
    return RawResult(
        locator=f"{pointer}{told_by}",
        person=subject_of(observation.get("subject"), references.patients),
        **writing._asdict(),
        specimen_time=taken,
        issued_time=issued or (report.issued if report else None),
        provider=provider or (report.provider if report else None),
        accession=specimen_of(observation),
        result_id=result_id_of(observation, pointer),
    )


def _taken(place: Place, references: References) -> tuple[str | None, str]:
    """When the specimen was taken, and, where the result does not say so, who does.

    The Specimen, else the report: the row's position in the file then names which.
    """
    own = effective_of(place.resource)
    if own is not None:
        return own, ""
    specimen = specimen_of(place.resource)
    collected = references.collected(specimen, place)
    if collected is not None:
        return collected, f" (time of {specimen})"
    report = references.report_on(place)
    if report is not None and report.effective is not None:
        return report.effective, " (time of its report)"
    return None, ""


def writing_of(observation: Resource, part: Resource) -> Writing:
    """What an observation, or a component of it, says of the result itself.

    Raises
    ------
    MalformedError
    """
    quantity = as_dict(part.get("valueQuantity"), "valueQuantity")
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
    subject = as_dict(subject, "subject")
    reference = text(subject.get("reference"))
    own = identifier_of(as_dict(subject.get("identifier"), "subject.identifier"))
    if reference is None:
        return own
    reference = reference.partition("/_history/")[0]
    if reference in patients:
        return patients[reference]
    is_patient = reference.startswith("urn:") or "Patient" in reference.split("/")[-2:-1]
    return own or (Identifier(REFERENCE, reference) if is_patient else None)


def _codes(concept: object) -> tuple[tuple[str, str, str], ...]:
    concept = as_dict(concept, "code")
    found = []
    for coding in as_dicts(concept.get("coding"), "code.coding"):
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
        concept = as_dict(part["valueCodeableConcept"], "valueCodeableConcept")
        codings = as_dicts(concept.get("coding"), "valueCodeableConcept.coding")
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
    normal = [item for item in as_dicts(ranges, "referenceRange") if _is_normal(item)]
    if len(normal) != 1:
        return None, None
    low, high = as_dict(normal[0].get("low"), "low"), as_dict(normal[0].get("high"), "high")
    units = {unit for limit in (low, high) if (unit := _units(limit)[0])}
    if len(units) > 1:
        return None, None
    ends = [limit.get("value") for limit in (low, high)]
    if ends == [None, None]:
        return text(normal[0].get("text")), None
    return "..".join("" if end is None else str(end) for end in ends), next(iter(units), None)


def _is_normal(item: Resource) -> bool:
    kind = as_dict(item.get("type"), "referenceRange.type")
    codes = [text(coding.get("code")) for coding in as_dicts(kind.get("coding"), "type.coding")]
    return not codes or "normal" in codes


def effective_of(observation: Resource) -> str | None:
    period = as_dict(observation.get("effectivePeriod"), "effectivePeriod")
    return (
        text(observation.get("effectiveDateTime"))
        or text(observation.get("effectiveInstant"))
        or text(period.get("start"))
    )


def result_id_of(observation: Resource, pointer: str) -> str | None:
    """The result's identifier, or its resource id; a component adds its place."""
    identifiers = as_dicts(observation.get("identifier"), "identifier")
    own = next(filter(None, (text(item.get("value")) for item in identifiers)), None)
    base = own or text(observation.get("id"))
    _, _, component = pointer.partition("/component/")
    return f"{base}/{component}" if base and component else base


def specimen_of(observation: Resource) -> str | None:
    """The reference to the specimen: results of one draw share it."""
    return text(as_dict(observation.get("specimen"), "specimen").get("reference"))


def _absent_because(part: Resource) -> str | None:
    reason = as_dict(part.get("dataAbsentReason"), "dataAbsentReason")
    codings = as_dicts(reason.get("coding"), "dataAbsentReason.coding")
    return next(filter(None, (text(coding.get("code")) for coding in codings)), None)
