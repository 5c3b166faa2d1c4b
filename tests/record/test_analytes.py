"""The catalogue: complete, consistent, and refused when it is not."""

import pytest

from afterdose.record.analytes import (
    analyte_for_loinc,
    analyte_named,
    catalogue,
    parse_catalogue,
)
from afterdose.record.errors import UnknownAnalyteError

GOOD = """
[platelets]
title = "Platelets"
group = "Blood count"
unit = "10*9/L"
units = { "10*9/L" = "1" }
plausible = [0, 3000]
loinc = [{ code = "777-3", name = "Platelets", evidence = "V2" }]
"""


def test_size() -> None:
    assert 60 <= len(catalogue()) <= 75


@pytest.mark.parametrize(
    ("code", "analyte"),
    [
        ("777-3", "platelets"),
        ("26515-7", "platelets"),
        ("2160-0", "creatinine"),
        ("14682-9", "creatinine"),
        ("38483-4", "creatinine"),
        ("3016-3", "tsh"),
        ("731-0", "lymphocytes"),
        ("5794-3", "urine_blood_dipstick"),
        ("57751-0", "urine_blood_dipstick"),
    ],
)
def test_codes(code: str, analyte: str) -> None:
    found = analyte_for_loinc(code)
    assert found is not None
    assert found.name == analyte


def test_a_label_does_not_make_a_code() -> None:
    """A published message labels 11125-2 PLATELETS; another names it platelet morphology."""
    assert analyte_for_loinc("11125-2") is None
    assert analyte_for_loinc("11156-7") is None


def test_urea_nitrogen_is_not_urea() -> None:
    found = analyte_for_loinc("3094-0")
    assert found is not None
    assert found.name == "urea_nitrogen"
    assert not analyte_named("urea").loinc


def test_every_conflict_of_the_code_lists_is_noted() -> None:
    for name in ("urine_blood_dipstick", "anti_gbm", "trab"):
        assert all("conflict" in code.note for code in analyte_named(name).loinc)


def test_unknown_name() -> None:
    with pytest.raises(UnknownAnalyteError, match="'plts' is not an analyte of the catalogue"):
        analyte_named("plts")


def test_dipsticks_and_presence() -> None:
    assert analyte_named("urine_protein_dipstick").scale["1+"] == 1
    assert analyte_named("urine_protein_dipstick").scale["trace"] == 0.5
    assert analyte_named("hbsag").scale["not detected"] == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"10*9/L" = "1"', '"10*9/L" = "2"', "the canonical unit 10\\*9/L must be permitted"),
        ("[0, 3000]", "[3000, 0]", "the plausible range must begin below its end"),
        ('evidence = "V2"', 'evidence = "sure"', "LOINC 777-3 has evidence 'sure'"),
        ('unit = "10*9/L"', 'unit = "10*9/L"\nkind = "odd"', "kind is 'odd'"),
        ('unit = "10*9/L"', 'unit = "10*9/L"\nunit_slips = ["up"]', "may hold low and high"),
    ],
)
def test_bad_catalogues(old: str, new: str, message: str) -> None:
    assert list(parse_catalogue(GOOD)) == ["platelets"]
    with pytest.raises(ValueError, match=message):
        parse_catalogue(GOOD.replace(old, new))


def test_one_code_one_analyte() -> None:
    twice = GOOD + GOOD.replace("[platelets]", "[thrombocytes]")
    with pytest.raises(ValueError, match="thrombocytes: LOINC 777-3 already names platelets"):
        parse_catalogue(twice)
