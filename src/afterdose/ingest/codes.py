"""What senders' codes mean: drugs and categories of events, by two small tables; never a guess."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from afterdose.record.drugs import known_drugs
from afterdose.record.units import clean_text

SYSTEMS = {
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://snomed.info/sct": "snomed",
    "http://www.whocc.no/atc": "atc",
    "http://fhir.de/CodeSystem/bfarm/atc": "atc",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10",
}
"""The code systems that are read, by the addresses FHIR names them with."""
SHOWN = {"snomed": "SNOMED", "icd10": "ICD-10", "rxnorm": "RxNorm", "atc": "ATC"}
THE_DISEASE = "multiple_sclerosis"
"""What the table of events calls MS itself, which is no event."""


class Code(NamedTuple):
    """A code as a sender gives it: the system's address, the code, its name."""

    system: str
    code: str
    name: str = ""


class EventCode(NamedTuple):
    """A category of events, and the code that says so: ``SNOMED:32273002``."""

    category: str
    code: str


def drugs_named(codes: Iterable[Code], text: str | None) -> set[str]:
    """Every drug that codes mean; without a known code, the drug whose whole name is written.

    Examples
    --------
    >>> drugs_named([Code("http://www.whocc.no/atc", "L04AA34")], None)
    {'alemtuzumab'}
    >>> drugs_named([], "Lemtrada"), drugs_named([], "alemtuzumab or placebo")
    ({'alemtuzumab'}, set())
    """
    codes = list(codes)
    found = {
        drug
        for code in codes
        if (drug := _drugs().get((SYSTEMS.get(code.system, ""), code.code.strip()))) is not None
    }
    if found:
        return found
    written = [text or "", *(code.name for code in codes)]
    names = (clean_text(name).lower() for name in written)
    return {drug for name in names if (drug := _names().get(name)) is not None}


def events_named(codes: Iterable[Code]) -> list[EventCode]:
    """The categories of events that codes mean, with the code; in the order they are given.

    Examples
    --------
    >>> events_named([Code("http://snomed.info/sct", "32273002")])
    [EventCode(category='itp', code='SNOMED:32273002')]
    """
    found = []
    for code in codes:
        system = SYSTEMS.get(code.system, "")
        category = _events().get((system, code.code.strip()))
        if category is not None:
            found.append(EventCode(category, f"{SHOWN[system]}:{code.code.strip()}"))
    return found


def event_called(name: str) -> str | None:
    """The category of the event whose whole name is written; None: it is no name we know.

    Examples
    --------
    >>> event_called("IMMUNE THROMBOCYTOPENIA"), event_called("Thrombocytopenia")
    ('itp', None)
    """
    return _event_names().get(clean_text(name).lower())


@cache
def _drugs() -> dict[tuple[str, str], str]:
    return {
        (system, code): drug
        for drug, systems in _table("drugs.toml").items()
        for system, codes in systems.items()
        if system != "names"
        for code in codes
    }


@cache
def _names() -> dict[str, str]:
    named = {
        name: drug
        for drug, systems in _table("drugs.toml").items()
        for name in systems.get("names", ())
    }
    return named | {drug: drug for drug in known_drugs()}


@cache
def _events() -> dict[tuple[str, str], str]:
    return {
        (system, code): category
        for category, systems in _table("events.toml").items()
        for system, codes in systems.items()
        if system != "names"
        for code in codes
    }


@cache
def _event_names() -> dict[str, str]:
    return {
        name.lower(): category
        for category, systems in _table("events.toml").items()
        if category != THE_DISEASE
        for system, codes in systems.items()
        for name in (codes if system == "names" else codes.values())
    }


def _table(name: str) -> dict[str, dict[str, Any]]:
    text = resources.files("afterdose.ingest").joinpath(name).read_text("utf-8")
    return tomllib.loads(text)
