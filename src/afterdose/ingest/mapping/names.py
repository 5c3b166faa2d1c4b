"""What a column's or a test's name may mean: for a proposal, and for nothing else."""

import tomllib
import unicodedata
from functools import cache
from importlib import resources

from afterdose.ingest.mapping.model import fields_of
from afterdose.record.analytes import Analyte, catalogue
from afterdose.record.units import clean_unit


@cache
def _names() -> dict[str, dict[str, list[str]]]:
    text = resources.files("afterdose.ingest.mapping").joinpath("names.toml").read_text("utf-8")
    return tomllib.loads(text)


def _plain(text: str) -> str:
    """Lower case, without accents and signs."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss")).lower()
    kept = (char if char.isalnum() else " " for char in folded if not unicodedata.combining(char))
    return " ".join("".join(kept).split())


def fields_named(header: str, table: str) -> list[str]:
    """The fields of a table that a column's name may mean."""
    name = _plain(header)
    known = _names()["fields"]
    return [one for one in fields_of(table) if name == _plain(one) or name in known.get(one, ())]


@cache
def _analytes_by_name() -> dict[str, Analyte]:
    found: dict[str, Analyte] = {}
    for analyte in catalogue().values():
        others = _names()["analytes"].get(analyte.name, [])
        for name in (analyte.name, analyte.title, *others):
            found.setdefault(_plain(name), analyte)
    return found


def analyte_of(text: str) -> tuple[Analyte | None, str]:
    """The analyte a name may mean, and the unit that stands beside it: ``Thrombozyten (G/l)``."""
    for opening, closing in (("(", ")"), ("[", "]"), (" in ", ""), ("_", "")):
        name, found, unit = text.partition(opening)
        analyte = _analytes_by_name().get(_plain(name))
        if found and analyte is not None:
            unit = unit.strip().removesuffix(closing).strip() if closing else unit.strip()
            return analyte, unit if clean_unit(unit) in analyte.units else ""
    return _analytes_by_name().get(_plain(text)), ""


def measure_of(text: str) -> str:
    name = _plain(text)
    return next((key for key, names in _names()["measures"].items() if name in names), "")


def loinc_of(analyte: Analyte) -> str:
    """The code whose name was seen in a public list, before others."""
    seen = sorted(analyte.loinc, key=lambda code: code.evidence != "V2")
    return seen[0].code if seen else ""
