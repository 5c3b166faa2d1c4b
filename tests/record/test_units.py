"""Units convert exactly or not at all."""

from decimal import Decimal
from fractions import Fraction

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.record.analytes import analyte_named, catalogue
from afterdose.record.errors import UnitError
from afterdose.record.units import clean_text, clean_unit, convert, factor, is_plausible

EXACT = [
    # One platelet count in the units laboratories write it in.
    ("platelets", "210", "10*9/L", 210),
    ("platelets", "210", "10*3/uL", 210),
    ("platelets", "210", "K/uL", 210),
    ("platelets", "210", "G/L", 210),
    ("platelets", "210", "giga.l-1", 210),
    ("platelets", "210", "GI/L", 210),
    ("erythrocytes", "4.06", "TI/L", 4.06),
    ("platelets", "210", "x10E3/uL", 210),
    ("platelets", "210", "10E9/L", 210),
    ("platelets", "210", "/nL", 210),
    ("platelets", "210000", "{cells}/uL", 210),
    ("platelets", "210000", "/mm3", 210),
    ("erythrocytes", "4.06", "tera.l-1", 4.06),
    ("haemoglobin", "12.5", "g/dL", 125),
    ("tsh", "1.7", "mIU/L", 1.7),
    ("tsh", "1.7", "uIU/mL", 1.7),
    ("tsh", "1.7", "µIU/mL", 1.7),
    ("creatinine", "70", "µmol/L", 70),
    ("alt", "1", "µkat/L", 60),
    ("ferritin", "500", "ng/mL", 500),
    ("cd4", "200", "cells/uL", 200),
    ("egfr", "90", "mL/min/1.73m2", 90),
    ("urine_rbc", "3", "/HPF", 3),
]


@pytest.mark.parametrize(("analyte", "value", "unit", "canonical"), EXACT)
def test_exact(analyte: str, value: str, unit: str, canonical: float) -> None:
    assert convert(Decimal(value), unit, analyte_named(analyte)) == canonical


@pytest.mark.parametrize(
    ("analyte", "unit", "usual"),
    [
        ("creatinine", "mg/dL", 88.4),
        ("bilirubin", "mg/dL", 17.1),
        ("free_t4", "ng/dL", 12.87),
        ("glucose", "mg/dL", 0.0555),
        ("calcium", "mg/dL", 0.2495),
    ],
)
def test_by_molar_mass(analyte: str, unit: str, usual: float) -> None:
    """The exact factor agrees with the clinic's rounding of it."""
    assert float(factor(unit, analyte_named(analyte))) == pytest.approx(usual, rel=1e-3)


def test_ratio_of_protein_to_creatinine() -> None:
    """200 mg/g is 22.6 mg/mmol."""
    ratio = convert(Decimal(200), "mg/g", analyte_named("urine_protein_creatinine_ratio"))
    assert ratio == pytest.approx(22.624)


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [
        ("haemoglobin", "g/l-1"),  # seen in a published message
        ("haemoglobin", "g/mL"),  # likewise; a thousand times too much
        ("creatinine", "K/uL"),  # a count is no concentration
        ("creatinine", "G/L"),
        ("creatinine", "umol"),
        ("egfr", "mL/min"),  # not per body surface
        ("tsh", "MIU/L"),  # milli or mega
        ("tsh", "MU/L"),
        ("platelets", ""),
    ],
)
def test_refused(analyte: str, unit: str) -> None:
    with pytest.raises(UnitError, match="is not known for"):
        convert(Decimal(1), unit, analyte_named(analyte))


def test_wording() -> None:
    with pytest.raises(UnitError) as error:
        convert(Decimal(1), "umol", analyte_named("creatinine"))
    assert str(error.value) == (
        "Unit 'umol' is not known for creatinine. Known: umol/L, mmol/L, mg/dL, mg/L. "
        "Add its spelling to units.toml if it means one of these, or correct the file."
    )


def test_why_no_general_library_decides() -> None:
    """Plain pint reads 10*9/L as 90 per litre; K and G it takes for kelvin and gauss."""
    units = pint.UnitRegistry()
    assert units.parse_expression("10*9/L").magnitude == 90
    assert "kelvin" in str(units.parse_units("K/uL"))
    assert "gauss" in str(units.parse_units("G/L"))
    assert clean_unit("10*9/L") == "10*9/L"


def test_what_nobody_sees() -> None:
    assert clean_text("Hemoglobin [Mass/\u200bvolume]\u00a0in Blood\ufeff") == (
        "Hemoglobin [Mass/volume] in Blood"
    )
    assert clean_unit(" 10*3/\u200buL ") == "10*3/uL"


def test_plausible() -> None:
    platelets = analyte_named("platelets")
    assert is_plausible(0, platelets)
    assert is_plausible(3000, platelets)
    assert not is_plausible(210_000, platelets)


_PAIRS = [(name, unit) for name, analyte in catalogue().items() for unit in analyte.units]


@given(st.sampled_from(_PAIRS), st.decimals("0.001", "99999", places=3))
def test_there_and_back(pair: tuple[str, str], value: Decimal) -> None:
    """Every permitted unit converts exactly: the reciprocal factor gives the value back."""
    name, unit = pair
    exact = Fraction(value) * factor(unit, analyte_named(name))
    assert exact / factor(unit, analyte_named(name)) == Fraction(value)
    assert convert(value, unit, analyte_named(name)) == float(exact)
