"""Slips of a unit are caught; true values, however far out, are not.

The extremes are ours: values that people have lived through or died of, as clinicians know them.
They are policy, and no source is claimed for them.
"""

from decimal import Decimal

import pytest

from afterdose.record.analytes import analyte_named, catalogue
from afterdose.record.units import convert, doubted_unit, is_plausible

# Analyte, unit, the laboratory's range in that unit, and true values at both ends.
EXTREMES = [
    ("platelets", "10*9/L", "150", "400", ["0", "1", "3", "2000"]),
    ("platelets", "/uL", "150000", "400000", ["1000", "3000", "2000000"]),
    ("haemoglobin", "g/L", "120", "160", ["25", "230"]),
    ("haemoglobin", "g/dL", "12", "16", ["2.5", "23"]),
    ("haemoglobin", "mmol/L", "7.5", "10", ["1.5", "14"]),
    ("leukocytes", "10*9/L", "4", "10", ["0", "0.1", "250", "400"]),
    ("neutrophils", "10*9/L", "2", "7", ["0", "0.01", "80"]),
    ("lymphocytes", "10*9/L", "1", "4", ["0", "0.02", "0.1", "60"]),
    ("lymphocytes", "{cells}/uL", "1000", "4000", ["0", "10", "20", "100", "60000"]),
    ("monocytes", "10*9/L", "0.2", "1", ["0", "30"]),
    ("eosinophils", "10*9/L", "0.02", "0.5", ["0", "40"]),
    ("basophils", "10*9/L", "0.01", "0.1", ["0", "10"]),
    ("erythrocytes", "10*12/L", "3.8", "5.2", ["0.8", "9"]),
    ("haematocrit", "%", "36", "46", ["8", "70"]),
    ("haematocrit", "L/L", "0.36", "0.46", ["0.08", "0.7"]),
    ("mcv", "fL", "80", "100", ["50", "150"]),
    ("mch", "pg", "27", "33", ["12", "50"]),
    ("mchc", "g/L", "320", "360", ["220", "400"]),
    ("reticulocytes", "10*9/L", "25", "100", ["0", "800"]),
    ("creatinine", "umol/L", "60", "110", ["18", "2200"]),
    ("creatinine", "mg/dL", "0.5", "1.0", ["0.21", "25"]),
    ("creatinine", "mmol/L", "0.06", "0.11", ["0.018", "2.2"]),
    ("egfr", "mL/min/{1.73_m2}", "90", "120", ["1", "180"]),
    ("urea", "mmol/L", "2.5", "7.8", ["0.5", "80"]),
    ("urea_nitrogen", "mg/dL", "7", "20", ["2", "220"]),
    ("urine_rbc", "/[HPF]", "0", "3", ["0", "900"]),
    ("urine_protein_creatinine_ratio", "g/g", "0.01", "0.2", ["0", "20"]),
    ("urine_protein_creatinine_ratio", "mg/mmol", "1", "20", ["0", "2200"]),
    ("albumin_creatinine_ratio", "mg/g", "1", "30", ["0", "12000"]),
    ("anti_gbm", "[IU]/mL", "0", "10", ["0", "2000"]),
    ("tsh", "m[IU]/L", "0.4", "4", ["0", "0.001", "600"]),
    ("free_t4", "pmol/L", "10", "22", ["0.5", "1.2", "155"]),
    ("free_t4", "ng/dL", "0.8", "1.7", ["0.05", "12"]),
    ("free_t3", "pmol/L", "3.1", "6.8", ["0.5", "70"]),
    ("free_t3", "pg/mL", "2", "4.4", ["0.3", "50"]),
    ("anti_tpo", "[IU]/mL", "0", "35", ["0", "20000"]),
    ("anti_tg", "[IU]/mL", "0", "115", ["0", "20000"]),
    ("trab", "[IU]/L", "0", "1.75", ["0", "400"]),
    ("alt", "U/L", "10", "40", ["0", "3000", "15000"]),
    ("alt", "ukat/L", "0.1", "0.7", ["0", "50", "250"]),
    ("ast", "U/L", "10", "40", ["0", "3000", "15000"]),
    ("ast", "ukat/L", "0.1", "0.7", ["50", "250"]),
    ("alp", "U/L", "40", "130", ["5", "5000"]),
    ("ggt", "U/L", "5", "40", ["1", "5000"]),
    ("bilirubin", "umol/L", "5", "21", ["1", "900"]),
    ("bilirubin", "mg/dL", "0.3", "1.2", ["0.1", "50"]),
    ("albumin", "g/L", "35", "50", ["8", "65"]),
    ("albumin", "g/dL", "3.5", "5", ["0.8", "6.5"]),
    ("total_protein", "g/L", "60", "80", ["25", "180"]),
    ("sodium", "mmol/L", "135", "145", ["95", "200"]),
    ("potassium", "mmol/L", "3.5", "5", ["1.1", "12"]),
    ("chloride", "mmol/L", "98", "107", ["50", "150"]),
    ("calcium", "mmol/L", "2.1", "2.6", ["1", "4.8"]),
    ("calcium", "mg/dL", "8.5", "10.5", ["4", "19"]),
    ("glucose", "mmol/L", "3.9", "5.6", ["0.6", "75"]),
    ("glucose", "mg/dL", "70", "100", ["11", "1400"]),
    ("triglycerides", "mmol/L", "0.5", "1.7", ["0.2", "120"]),
    ("triglycerides", "mg/dL", "40", "150", ["15", "11000"]),
    ("crp", "mg/L", "0", "5", ["0", "700"]),
    ("crp", "mg/dL", "0", "0.5", ["0", "70"]),
    ("aptt", "s", "25", "35", ["15", "300"]),
    ("pt", "s", "10", "13", ["8", "150"]),
    ("inr", "1", "0.9", "1.2", ["0.6", "20"]),
    ("fibrinogen", "g/L", "2", "4", ["0", "0.2", "12"]),
    ("fibrinogen", "mg/dL", "200", "400", ["0", "20", "1200"]),
    ("ferritin", "ug/L", "15", "200", ["1", "150000"]),
    ("ldh", "U/L", "120", "250", ["50", "30000"]),
    ("haptoglobin", "g/L", "0.3", "2", ["0", "0.01", "6"]),
    ("haptoglobin", "mg/dL", "30", "200", ["0", "1", "600"]),
    ("cd4", "{cells}/uL", "500", "1500", ["0", "1", "5", "5000"]),
    ("cd19", "{cells}/uL", "100", "500", ["0", "1", "5000"]),
    ("igg", "g/L", "7", "16", ["0.3", "1", "100"]),
    ("igg", "mg/dL", "700", "1600", ["30", "100", "10000"]),
    ("iga", "mg/dL", "70", "400", ["0", "2", "6000"]),
    ("igm", "mg/dL", "40", "230", ["0", "1.5", "10000"]),
    ("jcv_index", "1", "0", "0.4", ["0.02", "5"]),
]


@pytest.mark.parametrize(("name", "unit", "low", "high", "values"), EXTREMES)
def test_true_extremes_pass(name: str, unit: str, low: str, high: str, values: list[str]) -> None:
    analyte = analyte_named(name)
    limits = {
        side: convert(Decimal(limit), unit, analyte)
        for side, limit in (("low", low), ("high", high))
    }
    for written in values:
        value = convert(Decimal(written), unit, analyte)
        assert is_plausible(value, analyte), written
        assert doubted_unit(value, unit, analyte, **limits) is None, written


def test_the_extremes_of_every_number_are_tested() -> None:
    numbers = {name for name, analyte in catalogue().items() if analyte.kind == "quantity"}
    assert {row[0] for row in EXTREMES} == numbers


@pytest.mark.parametrize(
    ("name", "unit", "low", "high", "written", "meant"),
    [
        ("lymphocytes", "10*9/L", 1.0, 4.0, "100", "/uL"),
        ("lymphocytes", "10*9/L", None, 4.0, "100", "/uL"),
        ("lymphocytes", "{cells}/uL", 1.0, 4.0, "1.8", "10*9/L"),
        ("neutrophils", "/uL", 2.0, 7.0, "3.1", "10*9/L"),
        ("leukocytes", "/uL", 4.0, 10.0, "6.5", "10*9/L"),
        ("platelets", "/uL", 150.0, 400.0, "210", "10*9/L"),
        ("platelets", "/uL", 150.0, None, "210", "10*9/L"),
        ("fibrinogen", "mg/dL", 2.0, 4.0, "3", "g/L"),
        ("igg", "mg/dL", 7.0, 16.0, "10.5", "g/L"),
    ],
)
def test_a_unit_is_doubted_where_another_brings_the_value_near(
    name: str, unit: str, low: float | None, high: float | None, written: str, meant: str
) -> None:
    analyte = analyte_named(name)
    value = convert(Decimal(written), unit, analyte)
    assert doubted_unit(value, unit, analyte, low=low, high=high) == meant


@pytest.mark.parametrize(
    ("name", "unit", "written"),
    [
        ("lymphocytes", "10*9/L", "200"),
        ("neutrophils", "10*9/L", "150"),
        ("creatinine", "umol/L", "8.0"),
        ("creatinine", "umol/L", "0.8"),
        ("creatinine", "mg/dL", "70"),
        ("haemoglobin", "g/L", "12.5"),
        ("haemoglobin", "g/dL", "125"),
        ("albumin", "g/L", "4.2"),
        ("calcium", "mg/dL", "2.4"),
        ("calcium", "mmol/L", "9.5"),
        ("glucose", "mmol/L", "95"),
        ("glucose", "mg/dL", "5"),
    ],
)
def test_slips_that_need_no_range_to_be_seen(name: str, unit: str, written: str) -> None:
    analyte = analyte_named(name)
    assert not is_plausible(convert(Decimal(written), unit, analyte), analyte)


def test_without_a_range_nothing_is_doubted() -> None:
    platelets = analyte_named("platelets")
    assert doubted_unit(0.21, "/uL", platelets, low=None, high=None) is None
    assert doubted_unit(0.21, "/uL", platelets, low=0.0, high=400.0) is None
