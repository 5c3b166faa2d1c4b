"""CTCAE tables: every bound lies beyond the milder one, and the two versions differ where said."""

import tomllib
from importlib import resources
from itertools import pairwise

import pytest

from afterdose.monitoring.ctcae import VERSIONS, grade_predicate, grades_of, source_of
from afterdose.monitoring.model import (
    AnyOf,
    BaselineRise,
    ByBaseline,
    Limit,
    Predicate,
    RangeMultiple,
)
from afterdose.record.analytes import catalogue

GRADED = {
    version: [name for name in catalogue() if grades_of(name, version)] for version in VERSIONS
}
EVERY = [(name, version) for version in VERSIONS for name in GRADED[version]]
DIFFER = {
    "platelets",
    "neutrophils",
    "lymphocytes",
    "creatinine",
    "alt",
    "ast",
    "alp",
    "ggt",
    "bilirubin",
    "ldh",
}
"""What version 6 grades differently from version 5; everything else is the same."""


def table(version: int) -> dict[str, dict]:
    text = resources.files("afterdose.monitoring.ctcae").joinpath(f"v{version}.toml").read_text()
    return tomllib.loads(text)


def singles(predicate: Predicate, path: str = "") -> dict[str, float]:
    """The bounds a grade is made of, each by what it compares; the mildest where there are two."""
    match predicate:
        case AnyOf():
            found: dict[str, float] = {}
            for part in predicate.parts:
                for key, value in singles(part, path).items():
                    keep = max if "below" in key else min
                    found[key] = keep(found.get(key, value), value)
            return found
        case ByBaseline():
            return singles(predicate.normal, path + "normal ") | singles(
                predicate.raised, path + "raised "
            )
        case Limit():
            return {f"{path}value {predicate.relation}": predicate.value}
        case RangeMultiple():
            return {f"{path}limit {predicate.relation}": predicate.times}
        case BaselineRise():
            return {f"{path}baseline above": predicate.percent}
        case _:
            raise AssertionError(predicate)


def own(name: str, version: int, grade: int) -> dict[str, float]:
    """The bounds of one grade alone."""
    worse = [g for g in grades_of(name, version) if g > grade]
    bounds = singles(grade_predicate(name, version, grade))
    if not worse:
        return bounds
    milder = singles(grade_predicate(name, version, min(worse)))
    return {key: value for key, value in bounds.items() if milder.get(key) != value}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_table_says_what_it_is(version: int) -> None:
    head = table(version)["ctcae"]
    assert head["version"] == version
    assert head["evidence"] == "secondary"
    assert f"version {version}" in source_of(version)
    assert "pharmaverse/admiral at " in source_of(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_row_is_graded_and_named(version: int) -> None:
    rows = {name: row for name, row in table(version).items() if name != "ctcae"}
    assert set(rows) == set(GRADED[version])
    for row in rows.values():
        assert set(row) == {"term", "grades"}


@pytest.mark.parametrize(("name", "version"), EVERY)
def test_grades_begin_at_one_without_a_gap(name: str, version: int) -> None:
    grades = grades_of(name, version)
    assert grades == tuple(range(1, len(grades) + 1))


@pytest.mark.parametrize(("name", "version"), EVERY)
def test_a_worse_grade_lies_beyond_the_milder_one(name: str, version: int) -> None:
    for mild, worse in pairwise(grades_of(name, version)):
        milder, severer = own(name, version, mild), own(name, version, worse)
        assert milder
        assert severer
        for key in set(milder) & set(severer):
            if "below" in key:
                assert severer[key] < milder[key]
            else:
                assert severer[key] > milder[key]


@pytest.mark.parametrize(("name", "version"), EVERY)
def test_a_grade_holds_whenever_a_worse_one_does(name: str, version: int) -> None:
    for mild, worse in pairwise(grades_of(name, version)):
        milder = grade_predicate(name, version, mild)
        severer = grade_predicate(name, version, worse)
        parts = severer.parts if isinstance(severer, AnyOf) else (severer,)
        assert isinstance(milder, AnyOf)
        assert set(parts) < set(milder.parts)


@pytest.mark.parametrize("name", sorted(set(GRADED[5]) | set(GRADED[6])))
def test_the_versions_differ_only_where_said(name: str) -> None:
    rows = [table(version).get(name, {}).get("grades") for version in VERSIONS]
    assert (rows[0] != rows[1]) == (name in DIFFER)


# fmt: off
LIMITS = [
    ("platelets", 5, 3, 50), ("platelets", 5, 4, 25),
    ("platelets", 6, 3, 50), ("platelets", 6, 4, 10),
    ("neutrophils", 5, 2, 1.5), ("neutrophils", 5, 3, 1.0), ("neutrophils", 5, 4, 0.5),
    ("neutrophils", 6, 1, 1.5), ("neutrophils", 6, 2, 1.0), ("neutrophils", 6, 3, 0.5),
    ("neutrophils", 6, 4, 0.1),
    ("lymphocytes", 5, 2, 0.8), ("lymphocytes", 5, 3, 0.5), ("lymphocytes", 5, 4, 0.2),
    ("haemoglobin", 5, 3, 80), ("haemoglobin", 6, 2, 100),
    ("leukocytes", 5, 4, 1.0), ("leukocytes", 6, 2, 3.0),
    ("cd4", 5, 3, 200), ("cd4", 6, 4, 50),
    ("albumin", 5, 3, 20),
]
# fmt: on


@pytest.mark.parametrize(("name", "version", "grade", "below"), LIMITS)
def test_low_counts(name: str, version: int, grade: int, below: float) -> None:
    assert own(name, version, grade) == {"value below": below}


@pytest.mark.parametrize("name", ["alt", "ast"])
def test_transaminases_with_a_raised_baseline(name: str) -> None:
    """The multiples of the baseline shrink in version 6; those of the upper limit stay."""
    normal = [own(name, version, 3)["normal limit above"] for version in VERSIONS]
    assert normal == [5, 5]
    five = [own(name, 5, grade)["raised baseline above"] for grade in (1, 2, 3, 4)]
    six = [own(name, 6, grade)["raised baseline above"] for grade in (1, 2, 3, 4)]
    assert five == [50, 200, 400, 1900]
    assert six == [0, 50, 100, 300]


def test_alkaline_phosphatase_keeps_one_grade() -> None:
    assert grades_of("alp", 5) == (1, 2, 3, 4)
    assert grades_of("alp", 6) == (1,)
    assert own("alp", 6, 1) == {"normal limit above": 1, "raised baseline above": 0}


def test_bilirubin() -> None:
    assert own("bilirubin", 5, 3) == {"normal limit above": 3, "raised baseline above": 200}
    assert own("bilirubin", 6, 3) == {"normal limit above": 3, "raised baseline above": 150}


def test_creatinine_looks_at_the_baseline_in_version_5_only() -> None:
    assert own("creatinine", 5, 2) == {"limit above": 1.5, "baseline above": 50}
    assert own("creatinine", 5, 3) == {"limit above": 3, "baseline above": 200}
    assert own("creatinine", 6, 2) == {"limit above": 1.5}
    assert own("creatinine", 5, 4) == own("creatinine", 6, 4) == {"limit above": 6}


def test_clotting() -> None:
    assert own("aptt", 5, 3) == {"limit above": 2.5}
    assert own("inr", 6, 1) == {"value above": 1.2}


def test_no_grade_where_a_version_has_none() -> None:
    assert grades_of("lymphocytes", 6) == ()
    assert grades_of("ldh", 5) == ()
    assert grades_of("fibrinogen", 5) == grades_of("fibrinogen", 6) == ()
    assert grades_of("platelets", 4) == ()
    with pytest.raises(KeyError):
        grade_predicate("alp", 6, 2)
