"""Which files belong together, so that a reference in one may mean somebody in another.

Servers export in bulk as one file a kind of resource (``Patient.ndjson``,
``Observation.000.ndjson.gz``), and phones save one resource a file: what an Observation points at
stands in another file. The tables of an OMOP CDM belong together too: what a concept is stands in
one of them, whose the numbers of persons are in another. Only files named so, in one folder or one
container, are read together. Of other files nothing is known but that they lie side by side, and
two senders both have a ``Patient/1``.
"""

import hashlib
import re
from datetime import date
from pathlib import PurePath

from afterdose.ingest.cdm import READ_FIRST, table_named

_PEOPLE = "Patient"
_FIRST = (_PEOPLE, "Specimen", "DiagnosticReport", "Medication")
"""Kinds that others point at, read before them; people before all."""
_LATER = (
    "Observation",
    "MedicationAdministration",
    "MedicationRequest",
    "MedicationStatement",
    "Condition",
    "Procedure",
    "AdverseEvent",
    "Immunization",
    "AllergyIntolerance",
    "Encounter",
    "Organization",
    "Practitioner",
)
_KIND = "|".join(sorted((*_FIRST, *_LATER), key=len, reverse=True))
_EXPORT = re.compile(rf"({_KIND})(?:[._-][0-9A-Za-z]+)*\.ndjson(?:\.gz)?\Z")
_CLINICAL_RECORD = re.compile(rf"({_KIND})-[0-9A-Za-z-]+\.json\Z")
_PHONE = "clinical-records"
"""The folder of a phone's export that holds FHIR."""


def sending_of(path: PurePath) -> str | None:
    """A name for the files that belong together with this one; None: it stands alone.

    Examples
    --------
    >>> sending_of(PurePath("export/Patient.ndjson")), sending_of(PurePath("a/bundle.json"))
    ('export', None)
    """
    if _kind_of(path) is None and table_named(path.name) is None:
        return None
    return str(path.parent)


def sending_mark(sending: str, landed_on: date, *, first: str = "") -> str:
    """A short mark for a sending of one day, by which its files are found again.

    It names no folder: that may name people. ``first``, the hash of its first file, tells two
    sendings apart that were put into one folder on one day.
    """
    return hashlib.sha256(f"{landed_on} {sending} {first}".rstrip().encode()).hexdigest()[:12]


def names_people(path: PurePath) -> bool:
    """Whether a file of a bulk export says who the others mean."""
    return _kind_of(path) == _PEOPLE


def turn_of(path: PurePath) -> int:
    """A file's place among those that belong together: the lower is read first.

    Examples
    --------
    >>> turn_of(PurePath("concept.csv")) < turn_of(PurePath("person.csv"))
    True
    """
    table = table_named(path.name)
    if table in READ_FIRST:
        return READ_FIRST.index(table) - len(READ_FIRST)
    kind = _kind_of(path)
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def is_phone_export(path: PurePath) -> bool:
    """Whether a member of a container is part of a phone's health export."""
    return "apple_health_export" in path.parts


def is_clinical_record(path: PurePath) -> bool:
    """Whether a member of a phone's health export is a FHIR resource."""
    return path.parent.name == _PHONE and path.suffix == ".json"


def _kind_of(path: PurePath) -> str | None:
    match = _EXPORT.match(path.name)
    if match is None and path.parent.name == _PHONE:
        match = _CLINICAL_RECORD.match(path.name)
    return match[1] if match else None
