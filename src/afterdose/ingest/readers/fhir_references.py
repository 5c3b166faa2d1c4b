"""What a FHIR resource says about others: who a Patient is, when a Specimen was collected, which
report issued a result, what a Medication is made of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from afterdose.ingest.national import is_national_type
from afterdose.ingest.rows import Identifier
from afterdose.ingest.senders import REFERENCE

MAX_NOTED = 5_000_000
"""Resources of one kind that are remembered for those that point at them."""

Resource = dict[str, Any]
Fact = TypeVar("Fact")


class MalformedError(Exception):
    """A resource whose parts have the wrong shape; says which part."""


class Place(NamedTuple):
    """A resource, its JSON pointer and, inside a Bundle, its full URL.

    ``within`` is the resource that contains it, if one does.
    """

    pointer: str
    full_url: str
    resource: Resource
    within: Resource | None = None

    @property
    def names(self) -> list[str]:
        """Every reference by which other resources may mean this one."""
        own_id = text(self.resource.get("id"))
        kind = text(self.resource.get("resourceType"))
        return [*filter(None, [self.full_url]), *([f"{kind}/{own_id}"] if own_id and kind else [])]


class Report(NamedTuple):
    """What a report says of its results: who issued them and when, and the time they are of."""

    provider: str | None
    issued: str | None
    effective: str | None


@dataclass
class References:
    """What resources read so far say about others, by the references these may use."""

    patients: dict[str, Identifier] = field(default_factory=dict)
    specimens: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    medications: dict[str, Resource] = field(default_factory=dict)
    is_full: bool = False

    @property
    def tells_of_results(self) -> bool:
        """Whether a result may lack something that another resource says."""
        return bool(self.specimens or self.reports)

    def note(self, places: Iterable[Place]) -> None:
        """Remember what these resources say; what is malformed says nothing."""
        for place in places:
            kind = place.resource.get("resourceType")
            try:
                if kind == "Patient":
                    self._note_patient(place)
                elif kind == "Specimen" and (time := collected_of(place.resource)):
                    self._note(self.specimens, place.names, time)
                elif kind == "DiagnosticReport":
                    self._note(self.reports, _results_of(place.resource), report_of(place.resource))
                elif kind == "Medication":
                    self._note(self.medications, place.names, place.resource)
            except MalformedError:
                continue

    def collected(self, reference: str | None, place: Place) -> str | None:
        """When the specimen that a reference means was collected."""
        own = contained_by(reference, place)
        if own is not None:
            return collected_of(own)
        return self.specimens.get(reference or "")

    def report_on(self, place: Place) -> Report | None:
        """The report that a result belongs to: the one that contains it, else one that names it."""
        if place.within is not None and place.within.get("resourceType") == "DiagnosticReport":
            return report_of(place.within)
        return next(filter(None, map(self.reports.get, place.names)), None)

    def medication(self, reference: str | None, place: Place) -> Resource | None:
        """The Medication that a reference means."""
        own = contained_by(reference, place)
        return self.medications.get(reference or "") if own is None else own

    def _note_patient(self, place: Place) -> None:
        identifiers = identifiers_of(place)
        if identifiers:
            self._note(self.patients, place.names, identifiers[0])

    def _note(self, facts: dict[str, Fact], names: Iterable[str], fact: Fact) -> None:
        if len(facts) >= MAX_NOTED:
            self.is_full = True
            return
        for name in names:
            facts.setdefault(name, fact)


def identifiers_of(place: Place) -> tuple[Identifier, ...]:
    """The patient's own identifiers, numbers of a state last; where none has a system, its
    reference in this file.
    """
    items = as_dicts(place.resource.get("identifier"), "identifier")
    found = sorted(filter(None, map(identifier_of, items)), key=_is_national)
    if not found and place.names:
        found = [Identifier(REFERENCE, place.names[0])]
    return tuple(found)


def identifier_of(item: Resource) -> Identifier | None:
    """An identifier with a system and a value."""
    system, value = text(item.get("system")), text(item.get("value"))
    if system is None or value is None:
        return None
    codings = as_dicts(as_dict(item.get("type"), "identifier.type").get("coding"), "type.coding")
    types = [text(coding.get("code")) or "" for coding in codings]
    return Identifier(system, value, any(map(is_national_type, types)))


def _is_national(identifier: Identifier) -> bool:
    return identifier.is_national


def collected_of(specimen: Resource) -> str | None:
    """When a specimen was collected, or began to be."""
    collection = as_dict(specimen.get("collection"), "collection")
    period = as_dict(collection.get("collectedPeriod"), "collectedPeriod")
    return text(collection.get("collectedDateTime")) or text(period.get("start"))


def report_of(report: Resource) -> Report:
    return Report(
        performer_of(report.get("performer")),
        text(report.get("issued")),
        text(report.get("effectiveDateTime")),
    )


def performer_of(performers: object) -> str | None:
    names = [
        text(item.get("display")) or text(item.get("reference"))
        for item in as_dicts(performers, "performer")
    ]
    return next(filter(None, names), None)


def contained_by(reference: str | None, place: Place) -> Resource | None:
    """The resource that ``#id`` means: inside this one, or inside the one that contains it."""
    if reference is None or not reference.startswith("#"):
        return None
    holder = place.resource if place.within is None else place.within
    children = holder.get("contained")
    for child in children if isinstance(children, list) else []:
        if isinstance(child, dict) and child.get("id") == reference[1:]:
            return child
    return None


def _results_of(report: Resource) -> list[str]:
    results = as_dicts(report.get("result"), "result")
    return [name for item in results if (name := text(item.get("reference")))]


# Shapes -----------------------------------------------------------------------------------------


def as_dict(item: object, name: str) -> Resource:
    if item is None:
        return {}
    if not isinstance(item, dict):
        raise MalformedError(f"{name} is not an object")
    return item


def as_dicts(items: object, name: str) -> list[Resource]:
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise MalformedError(f"{name} is not a list of objects")
    return items


def text(item: object) -> str | None:
    return item if isinstance(item, str) and item else None
