"""C-CDA: the Results section of a clinical document, each result observation a result.

A bare ``section``, as implementation guides publish them, is read too; it names nobody. Other
sections are counted. Nothing outside the file is ever fetched: a document that declares entities or
a document type is refused before it is parsed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lxml import etree

from afterdose.ingest.hooks import Reader, Start, hook
from afterdose.ingest.landing import Landed
from afterdose.ingest.rows import Identifier, RawPerson, RawResult, Reading, Unreadable
from afterdose.record.errors import UnreadableInputError

Element: TypeAlias = etree._Element

MAX_BYTES = 64 * 1024 * 1024
"""The largest document that is read: in memory it takes about ten times as much."""

LOINC = "2.16.840.1.113883.6.1"
RESULTS_CODE = "30954-2"
RESULTS_TEMPLATES = frozenset(
    {"2.16.840.1.113883.10.20.22.2.3", "2.16.840.1.113883.10.20.22.2.3.1"}
)
"""The Results section, entries optional and required."""
UNIT_CODE = "246514001"
"""SNOMED CT *units*: how a unit stands beside a value that is no number."""

_V3, _SDTC = "urn:hl7-org:v3", "urn:hl7-org:sdtc"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ROOTS = ("ClinicalDocument", "section")
_BEFORE_ROOT = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_INTERVALS = frozenset({"IVL_PQ", "IVL_INT", "IVL_REAL"})
_CODED = frozenset({"CD", "CE", "CV", "CO", "CS", "SC"})
_FROM_NOTHING = frozenset({None, "0", "0.0"})
"""How a lower end that says nothing is written."""


def read_ccda(content: bytes) -> Reading:
    """Every result observation of the Results sections of a document, and its person.

    Raises
    ------
    UnreadableInputError
        It is too large, declares a document type or entities, is no XML or no clinical document.
    """
    root, reading = _parsed(content), Reading()
    about = _Context(_name(root), ids=_shared_ids(root))
    if _name(root) == "ClinicalDocument":
        about = replace(about, person=_person(root, reading), path="/ClinicalDocument")
    else:
        about = replace(about, path="")
    _read_children(root if about.path else [root], about, reading)
    return reading


@hook
def afterdose_readers() -> list[Reader]:
    """C-CDA, told from the first element of the file."""
    return [
        Reader(
            "ccda",
            "C-CDA documents and Results sections",
            recognises=_recognises,
            read=lambda landed: read_ccda(_bounded(landed)),
        )
    ]


# Bytes to elements ------------------------------------------------------------------------------


def _recognises(start: Start) -> bool:
    """XML whose first element is a clinical document or a section, or is not in sight yet."""
    if not start.content.startswith(b"<"):
        return False
    rest = _BEFORE_ROOT.sub(b"", start.content, count=1)
    root = _ROOT.match(rest)
    return rest.startswith(b"<!") or (root is not None and root[1].decode() in _ROOTS)


def _bounded(landed: Landed) -> bytes:
    if landed.size > MAX_BYTES:
        raise UnreadableInputError(
            f"{landed.name} has {landed.size} bytes. Permitted for a clinical document: "
            f"{MAX_BYTES}. Ask the sender for one document a person."
        )
    return landed.content


def _parsed(content: bytes) -> Element:
    content = content.removeprefix(b"\xef\xbb\xbf").strip()
    if _FORBIDDEN.search(content):
        raise _unreadable("The document declares a document type or entities.")
    try:
        root = _tree(content)
        if root is None:
            # Published sections use the prefix xsi and leave its declaration to the document.
            (root,) = _tree(b'<x xmlns:xsi="%s">%s</x>' % (_XSI.encode(), content))
    except (etree.XMLSyntaxError, ValueError):
        raise _unreadable("The file begins like XML and is not well formed.") from None
    if root.getroottree().docinfo.doctype or _name(root) not in _ROOTS:
        raise _unreadable("The document is no ClinicalDocument and no section.")
    return root


def _tree(content: bytes) -> Element | None:
    """The root element; None where a section only lacks the declaration of a prefix."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        is_section = content.startswith((b"<section", b"<!--"))
        if is_section and error.code == etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE:
            return None
        raise


def _unreadable(seen: str) -> UnreadableInputError:
    return UnreadableInputError(
        f"{seen} Permitted: one C-CDA ClinicalDocument or one Results section, without a document "
        "type and without entities. Ask the sender for the document again."
    )


def _name(element: Element) -> str:
    """The element's name without its namespace; empty for elements of other namespaces."""
    if not isinstance(element.tag, str):
        return ""
    found = etree.QName(element)
    if found.namespace in (None, _V3):
        return found.localname
    return f"sdtc:{found.localname}" if found.namespace == _SDTC else ""


def _all(element: Element | None, *path: str) -> list[Element]:
    """The elements at a path of names below an element."""
    found = [] if element is None else [element]
    for name in path:
        found = [child for parent in found for child in parent if _name(child) == name]
    return found


def _first(element: Element | None, *path: str) -> Element | None:
    return next(iter(_all(element, *path)), None)


def _attribute(element: Element | None, name: str) -> str | None:
    return (element.get(name) or "").strip() or None if element is not None else None


def _text(element: Element | None) -> str | None:
    """The words inside an element, on one line."""
    return " ".join("".join(element.itertext()).split()) or None if element is not None else None


# The person -------------------------------------------------------------------------------------


def _person(root: Element, reading: Reading) -> Identifier | None:
    """Note the person of a document; return the identifier that results are filed under."""
    roles = _all(root, "recordTarget", "patientRole")
    locator = "/ClinicalDocument/recordTarget"
    found = _identifiers(_all(roles[0], "id")) if len(roles) == 1 else ()
    # A number of a state names nobody here where there is another.
    identifiers = tuple(sorted(found, key=lambda one: one.is_national))
    if not identifiers:
        seen = "recordTarget names no identifier" if roles else "no recordTarget"
        seen = "several recordTargets" if len(roles) > 1 else seen
        reading.unreadable.append(Unreadable(locator, "person-unknown", seen))
        return None
    patient = _first(roles[0], "patient")
    is_dead = _attribute(_first(patient, "sdtc:deceasedInd"), "value") == "true"
    died = _attribute(_first(patient, "sdtc:deceasedTime"), "value")
    reading.people.append(
        RawPerson(
            locator=locator,
            identifiers=identifiers,
            sex=_attribute(_first(patient, "administrativeGenderCode"), "code"),
            birth_date=_attribute(_first(patient, "birthTime"), "value"),
            death_date=died or ("unknown" if is_dead else None),
        )
    )
    return identifiers[0]


def _identifiers(ids: Iterable[Element]) -> Iterator[Identifier]:
    """Root and extension; a root alone is an identifier by itself, as FHIR writes it."""
    for element in ids:
        root, extension = _attribute(element, "root"), _attribute(element, "extension")
        if root and extension:
            yield Identifier(_uri(root), extension)
        elif root and not _attribute(element, "nullFlavor"):
            yield Identifier("urn:ietf:rfc:3986", _uri(root))


def _uri(root: str) -> str:
    return f"urn:oid:{root}" if re.fullmatch(r"\d+(\.\d+)+", root) else f"urn:uuid:{root.lower()}"


def _id(element: Element | None) -> str | None:
    """A result's or request's identifier: the extension with its root, or the root alone."""
    found = _first(element, "id")
    root, extension = _attribute(found, "root"), _attribute(found, "extension")
    return "^".join(part for part in (extension, root) if part) or None


def _shared_ids(root: Element) -> Counter[str]:
    """How often each result's identifier stands in a document.

    Templates are copied with their identifiers: one that several results share names none of them.
    """
    results = (element for element in root.iter() if _name(element) == "observation")
    return Counter(filter(None, map(_id, results)))


# Sections to results ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Context:
    """What an observation inherits from where it stands."""

    path: str
    person: Identifier | None = None
    is_results: bool = False
    organizers: tuple[Element, ...] = ()
    ids: Counter[str] = field(default_factory=Counter)


_OPENED = frozenset({"component", "structuredBody", "section", "entry", "organizer"})
_OTHER_ACTS = frozenset({"act", "encounter", "procedure", "substanceAdministration"})


def _read_children(parent: Iterable[Element], about: _Context, reading: Reading) -> None:
    places: Counter[str] = Counter()
    for element in parent:
        name = _name(element)
        places[name] += 1
        here = replace(about, path=f"{about.path}/{name}[{places[name]}]")
        if name == "section":
            _read_section(element, here, reading)
        elif name == "nonXMLBody":
            reading.pass_over("body that is no XML")
        elif name in _OPENED:
            _read_opened(element, name, here, reading)
        elif about.is_results and name == "observation":
            _read_observation(element, here, reading)
        elif about.is_results and name in _OTHER_ACTS:
            reading.pass_over(name)


def _read_opened(element: Element, name: str, about: _Context, reading: Reading) -> None:
    if _first(element, "subject") is not None:
        reading.unreadable.append(Unreadable(about.path, "about-somebody-else", "subject"))
        return
    if name == "organizer":
        about = replace(about, organizers=(element, *about.organizers))
    _read_children(element, about, reading)


def _read_section(section: Element, about: _Context, reading: Reading) -> None:
    code = _attribute(_first(section, "code"), "code")
    templates = {_attribute(one, "root") for one in _all(section, "templateId")}
    if code != RESULTS_CODE and not templates & RESULTS_TEMPLATES:
        reading.pass_over(f"section {code or 'without code'}")
        # Sections may hold sections.
        about = replace(about, is_results=False)
        _read_children(_all(section, "component"), about, reading)
        return
    _read_opened(section, "section", replace(about, is_results=True), reading)


def _read_observation(element: Element, about: _Context, reading: Reading) -> None:
    if element.get("moodCode", "EVN") != "EVN":
        reading.pass_over(f"observation {element.get('moodCode')}")
        return
    values = _all(element, "value")
    problem = None
    if _first(element, "subject") is not None:
        problem = ("about-somebody-else", "subject")
    elif element.get("negationInd") == "true":
        problem = ("negated", "negationInd")
    elif len(values) > 1:
        problem = ("malformed", "several values")
    if problem is not None:
        reading.unreadable.append(Unreadable(about.path, *problem))
        return
    for _ in _all(element, "entryRelationship", "observation"):
        reading.pass_over("observation inside an observation")
    reading.results.append(_result(element, next(iter(values), None), about))


def _result(element: Element, value: Element | None, about: _Context) -> RawResult:
    around = (element, *about.organizers)
    said = _said(value)
    limits, range_unit = _range(element)
    result_id = _id(element)
    nothing = _attribute(value, "nullFlavor") or element.get("nullFlavor")
    return RawResult(
        locator=about.path,
        person=about.person,
        codes=tuple(_codes(_first(element, "code"))),
        status=_attribute(_first(element, "statusCode"), "code") or "",
        value=said.text,
        unit=said.unit or _unit_beside(element),
        comparator=said.comparator,
        range_text=limits,
        range_unit=range_unit,
        specimen_time=next(filter(None, map(_time, around)), None),
        issued_time=next(filter(None, map(_author_time, around)), None),
        provider=next(filter(None, map(_organisation, around)), None),
        accession=next(filter(None, map(_id, about.organizers)), None),
        result_id=result_id if about.ids[result_id or ""] == 1 else None,
        absent_because=nothing if said.text is None else None,
    )


def _codes(code: Element | None) -> Iterator[tuple[str, str, str]]:
    """The code and its translations, each with its name."""
    for one in (*_all(code), *_all(code, "translation")):
        system, written = _attribute(one, "codeSystem"), _attribute(one, "code")
        name = _attribute(one, "displayName") or _text(_first(one, "originalText")) or ""
        if written or name:
            yield "loinc" if system == LOINC else system or "", written or "", name


def _time(element: Element) -> str | None:
    """When the specimen was taken; of a span, its beginning."""
    time = _first(element, "effectiveTime")
    return _attribute(time, "value") or _attribute(_first(time, "low"), "value")


def _author_time(element: Element) -> str | None:
    return _attribute(_first(element, "author", "time"), "value")


def _organisation(element: Element) -> str | None:
    """Who did the test; else who wrote it down."""
    for path in (("performer", "assignedEntity"), ("author", "assignedAuthor")):
        for name in _all(element, *path, "representedOrganization", "name"):
            if found := _text(name):
                return found
    return None


# Values -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    text: str | None = None
    unit: str | None = None
    comparator: str | None = None


def _said(value: Element | None) -> _Said:
    """What a value says, by its data type."""
    if value is None:
        return _Said()
    kind = (value.get(f"{{{_XSI}}}type") or "").rpartition(":")[2]
    if kind in _INTERVALS:
        return _interval(value)
    if kind in _CODED:
        words = (_attribute(value, "displayName"), _text(_first(value, "originalText")))
        return _Said(next(filter(None, (*words, _attribute(value, "code"))), None))
    if kind in ("PQ", "INT", "REAL", "BL", "TS"):
        return _quantity(value)
    if kind.startswith("RTO"):
        parts = [_quantity(_first(value, part)).text for part in ("numerator", "denominator")]
        return _Said("/".join(part for part in parts if part) or None)
    return _Said(_text(value) or _attribute(value, "value"))


def _quantity(value: Element | None) -> _Said:
    """A number and its unit; where the unit is not UCUM they stand in a translation."""
    if value is None:
        return _Said()
    # A number beside the word that it is unknown is none; OTH only says that its unit is not UCUM.
    is_absent = value.get("nullFlavor") not in (None, "OTH")
    number = None if is_absent else _attribute(value, "value")
    if number is not None:
        return _Said(number, _attribute(value, "unit"))
    for one in _all(value, "translation"):
        if number := _attribute(one, "value"):
            written = _text(_first(one, "originalText"))
            names = (written, _attribute(one, "displayName"), _attribute(one, "code"))
            return _Said(number, next(filter(None, names), None))
    return _Said()


def _interval(value: Element) -> _Said:
    """``< 5`` as low 0, high 5; ``> 500`` as low 500 and no high. Any other interval is text.

    An end counts as included unless it says otherwise.
    """
    ends = _first(value, "low"), _first(value, "high")
    low, high = _quantity(ends[0]), _quantity(ends[1])
    if high.text is not None and low.text in _FROM_NOTHING:
        return _Said(high.text, high.unit, _bound("<", ends[1]))
    if low.text is not None and high.text is None:
        return _Said(low.text, low.unit, _bound(">", ends[0]))
    if low.text is None:
        return _Said(_text(value))
    return _Said(f"{low.text}-{high.text}", low.unit if low.unit == high.unit else None)


def _bound(comparator: str, end: Element | None) -> str:
    is_outside = end is not None and end.get("inclusive") == "false"
    return comparator if is_outside else f"{comparator}="


def _unit_beside(element: Element) -> str | None:
    """The unit of a value written as text stands in an observation of its own."""
    for beside in _all(element, "entryRelationship", "observation"):
        if _attribute(_first(beside, "code"), "code") == UNIT_CODE:
            value = _first(beside, "value")
            return _attribute(value, "code") or _text(value)
    return None


def _range(element: Element) -> tuple[str | None, str | None]:
    """The normal range and its unit, where there is exactly one; that of high values is none."""
    ranges = [
        one
        for one in _all(element, "referenceRange", "observationRange")
        if _first(one, "precondition") is None and _first(one, "sdtc:precondition") is None
    ]
    coded = {id(one): _attribute(_first(one, "interpretationCode"), "code") for one in ranges}
    normal = [one for one in ranges if coded[id(one)] == "N"]
    chosen = normal or [one for one in ranges if coded[id(one)] is None]
    if len(chosen) != 1:
        return None, None
    value = _first(chosen[0], "value")
    low, high = _quantity(_first(value, "low")), _quantity(_first(value, "high"))
    units = {end.unit for end in (low, high) if end.text is not None}
    if len(units) == 1:
        return f"{low.text or ''}..{high.text or ''}", units.pop()
    return (None, None) if units else (_text(_first(chosen[0], "text")), None)
