"""What real files hold: each trap was seen in a published example, and is made small here."""

import json

import pytest
from tests.ingest.conftest import (
    HEADER,
    PERSON,
    PLATELETS,
    Run,
    bundle,
    observation,
    obx,
    oru,
    patient,
)


def test_zero_width_spaces_in_a_unit_and_a_name(run: Run) -> None:
    code = {
        "coding": [{"system": "http://loinc.org", "code": "777-3", "display": "Plate\u200blets"}]
    }
    printed = {"value": 210, "unit": "10*3/\u200buL"}
    run.take("a.json", bundle(patient(), observation(code=code, valueQuantity=printed)))
    assert [lab["value"] for lab in run.labs] == [210]


@pytest.mark.parametrize(
    ("unit", "value"),
    [("giga.l-1", "221"), ("{cells}/uL", "210000"), ("K/uL", "210"), ("G/L", "210")],
)
def test_counts_in_the_units_of_four_countries(run: Run, unit: str, value: str) -> None:
    run.take("a.hl7", oru(obx(f5=value, f6=unit)))
    (lab,) = run.labs
    assert (lab["value"], lab["unit"]) == (
        float(value) / (1000 if "cells" in unit else 1),
        "10*9/L",
    )
    assert (lab["original_value"], lab["original_unit"]) == (value, unit)


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [("777-3", "210", "g/l-1"), ("718-7", "12.5", "g/mL"), ("33914-3", "88", "mL/min")],
)
def test_units_that_cannot_be_right_are_set_aside_and_shown(
    run: Run, code: str, value: str, unit: str
) -> None:
    receipt = run.take("a.hl7", oru(obx(f3=f"{code}^x^LN", f5=value, f6=unit)))
    assert receipt.set_aside == {"unit-not-permitted": 1}
    assert run.set_aside[0]["seen"] == unit
    assert value not in run.set_aside[0].values()
    assert run.labs == []


def test_a_protein_of_seventy_grams_a_decilitre_is_a_slip_of_units(run: Run) -> None:
    total = {"value": 72.4, "unit": "g/dL"}
    receipt = run.take("a.json", bundle(patient(), observation("2885-2", valueQuantity=total)))
    assert receipt.set_aside == {"implausible": 1}


def test_platelet_morphology_labelled_platelets_is_no_count(run: Run) -> None:
    receipt = run.take("a.hl7", oru(obx(f3="11125-2^PLATELETS^LN", f5="221", f6="giga.l-1")))
    assert receipt.set_aside == {"code-not-in-catalogue": 1}
    assert run.set_aside[0]["seen"] == "11125-2 PLATELETS"


def test_a_local_code_under_the_name_of_loinc(run: Run) -> None:
    receipt = run.take("a.json", bundle(patient(), observation("1271" + "A" * 32)))
    assert receipt.set_aside == {"code-not-loinc": 1}


def test_a_loinc_code_without_its_system_is_not_taken_for_one(run: Run) -> None:
    receipt = run.take("a.hl7", oru(obx(f3="777-3^Platelets^CLUMPS:TEXT")))
    assert receipt.set_aside == {"code-not-loinc": 1}


@pytest.mark.parametrize("time", ["220241021055726", "20301021055726", "0000", "202410"])
def test_a_garbled_future_or_partial_time_is_set_aside(run: Run, time: str) -> None:
    receipt = run.take("a.hl7", oru(obx(f14=time)))
    assert receipt.set_aside.total() == 1
    assert set(receipt.set_aside) <= {"no-specimen-date", "received-before-specimen"}


def test_a_garbled_birth_date_is_not_rounded_to_a_month(run: Run) -> None:
    receipt = run.take("a.hl7", oru(PLATELETS).replace("19880614", "198806140"))
    assert receipt.set_aside == {"date-unreadable": 1}
    assert run.table("people")[0]["birth_date"] is None
    assert len(run.labs) == 1


def test_a_byte_order_mark_a_batch_and_carriage_returns(run: Run) -> None:
    text = "\ufeff" + "\r\n".join(
        [r"FHS|^~\&|x", r"BHS|^~\&|x", HEADER, PERSON, PLATELETS, "BTS|1"]
    )
    receipt = run.take("a.hl7", text)
    assert (receipt.form, receipt.accepted) == ("hl7v2", 2)


def test_a_message_with_the_start_and_end_bytes_of_its_transport(run: Run) -> None:
    assert run.take("a.hl7", "\x0b" + oru(PLATELETS) + "\x1c\r").accepted == 2


def test_a_result_over_several_text_lines_has_no_code(run: Run) -> None:
    lines = [f"OBX|{n}|TX|||line {n}||||||F|||20240304" for n in (1, 2, 3)]
    receipt = run.take("a.hl7", oru(*lines))
    assert receipt.set_aside == {"code-not-loinc": 3}


def test_a_final_result_that_is_masked_is_not_normal(run: Run) -> None:
    masked = {"coding": [{"code": "masked"}]}
    final = observation(valueQuantity=None, dataAbsentReason=masked)
    receipt = run.take("a.json", bundle(patient(), final))
    assert receipt.set_aside == {"value-missing": 1}
    assert run.set_aside[0]["seen"] == "masked"


def test_blood_in_urine_without_a_grade_is_set_aside_for_somebody_to_read(run: Run) -> None:
    finding = {"text": "Blood in urine (finding)"}
    urine = observation("5794-3", valueQuantity=None, valueCodeableConcept=finding)
    receipt = run.take("a.json", bundle(patient(), urine))
    assert receipt.set_aside == {"value-not-a-number": 1}
    assert run.set_aside[0]["analyte"] == "urine_blood_dipstick"


def test_blood_pressure_is_two_results_that_are_not_monitored(run: Run) -> None:
    parts = [{"code": {"coding": [{"system": "http://loinc.org", "code": code}]}}
             for code in ("8480-6", "8462-4")]  # fmt: skip
    pressure = observation("85354-9", valueQuantity=None, component=parts)
    receipt = run.take("a.json", bundle(patient(), pressure))
    assert (receipt.rows, receipt.set_aside) == (3, {"code-not-in-catalogue": 2})


def test_one_resource_a_line(run: Run) -> None:
    lines = [json.dumps(observation(id=f"o{n}", valueQuantity={"value": n, "unit": "G/L"}))
             for n in (200, 201)]  # fmt: skip
    assert run.take("a.ndjson", "\n".join([json.dumps(patient()), *lines])).accepted == 3
