"""Tables of an OMOP CDM 5.4, written here by the model's specification."""

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import LANDED_ON, Run

from afterdose.ingest import ingest_files
from afterdose.ingest.cdm import TABLES
from afterdose.ingest.sendings import turn_of
from support.examples import examples

SOURCE = {"cdm_source_name": "North Hospital CDM", "cdm_source_abbreviation": "NORTH"}
CONCEPTS = [
    dict(zip(("concept_id", "concept_name", "vocabulary_id", "concept_code"), row, strict=True))
    for row in (
        (3024929, "Platelets in Blood", "LOINC", "777-3"),
        (8848, "thousand per microliter", "UCUM", "10*3/uL"),
        (117, "alemtuzumab", "RxNorm", "117055"),
        (900, "alemtuzumab 10 MG/ML Injectable Solution", "RxNorm", "900"),
        (901, "aspirin", "RxNorm", "1191"),
        (500, "Immune thrombocytopenia", "SNOMED", "2897005"),
        (501, "Multiple sclerosis", "SNOMED", "24700007"),
        (502, "Headache", "SNOMED", "1"),
        (503, "Hypothyroidism", "SNOMED", "40930008"),
        (600, "Preliminary diagnosis", "Condition Status", "p"),
        (700, "EHR prescription", "Type Concept", "q"),
        (800, "Many", "SNOMED", "w"),
    )
]
PERSON = {
    "person_id": 7,
    "gender_concept_id": 8532,
    "year_of_birth": 1988,
    "month_of_birth": 6,
    "day_of_birth": 4,
    "person_source_value": "4711",
}
MEASUREMENT = {
    "measurement_id": 1,
    "person_id": 7,
    "measurement_concept_id": 3024929,
    "measurement_date": "2024-03-04",
    "measurement_datetime": "2024-03-04 08:30:00",
    "operator_concept_id": 0,
    "value_as_number": 210,
    "value_as_concept_id": 0,
    "unit_concept_id": 8848,
    "range_low": 150,
    "range_high": 400,
    "measurement_source_value": "PLT",
    "unit_source_value": "K/uL",
    "value_source_value": "210",
}
EXPOSURE = {
    "person_id": 7,
    "drug_concept_id": 117,
    "drug_exposure_start_date": "2020-03-02",
    "drug_exposure_end_date": "2020-03-02",
    "drug_type_concept_id": 0,
    "drug_source_value": "",
    "drug_source_concept_id": 0,
}
CONDITION = {
    "person_id": 7,
    "condition_concept_id": 500,
    "condition_start_date": "2021-01-05",
    "condition_status_concept_id": 0,
    "condition_source_concept_id": 2_000_000_001,
}
STRENGTH = {"drug_concept_id": 900, "ingredient_concept_id": 117}
PERIOD = {
    "person_id": 7,
    "observation_period_start_date": "2019-01-01",
    "observation_period_end_date": "2024-05-31",
}


def as_csv(*rows: dict[str, Any], delimiter: str = ",") -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


@pytest.fixture
def cdm(run: Run, tmp_path: Path):
    """Ingest tables as one folder; without others named, cdm_source, concept and person."""

    def one(**tables: Any):
        usual = {"cdm_source": [SOURCE], "concept": CONCEPTS, "person": [PERSON]}
        for name, rows in (usual | tables).items():
            if rows is not None:
                run.file(f"cdm/{name}.csv", as_csv(*rows))
        return {one.name: one for one in run.ingest(tmp_path / "cdm")}

    return one


def reasons(run: Run) -> list[str]:
    return [row["reason"] for row in run.set_aside]


def test_a_person_is_known_by_the_source_and_by_its_own_number(run: Run, cdm) -> None:
    receipt = cdm()["person.csv"]
    assert (receipt.form, receipt.rows, receipt.accepted) == ("omop", 1, 1)
    (person,) = run.table("people")
    assert (person["sex"], person["birth_date"]) == ("female", "1988-06-04")
    assert (run.record / "identities.csv").read_text().splitlines()[1:] == [
        "7,OMOP CDM NORTH,7",
        "7,person_source_value of NORTH,4711",
    ]


def test_identities_say_who_a_source_value_is(run: Run, cdm) -> None:
    run.file(
        "cdm/identities.csv",
        "person_id,assigner,identifier\nada,person_source_value of NORTH,4711\n",
    )
    cdm(measurement=[MEASUREMENT])
    assert [row["person_id"] for row in run.labs] == ["ada"]


def test_as_much_of_a_birth_date_as_is_told(run: Run, cdm) -> None:
    cdm(person=[
        PERSON | {"month_of_birth": "", "gender_concept_id": 0},
        PERSON | {"person_id": 8, "person_source_value": "", "day_of_birth": ""},
        PERSON | {"person_id": ""},
    ])  # fmt: skip
    found = [(row["birth_date"], row["sex"]) for row in run.table("people")]
    assert found == [("1988", None), ("1988-06", "female")]
    assert reasons(run) == ["person-unknown"]


def test_a_death(run: Run, cdm) -> None:
    deaths = [
        {"person_id": 7, "death_date": "2023-02-01"},
        {"person_id": 8, "death_date": ""},
        {"person_id": "", "death_date": "2023-02-01"},
    ]
    cdm(death=deaths)
    assert run.table("people")[0]["death_date"] == date(2023, 2, 1)
    assert sorted(reasons(run)) == ["date-unreadable", "person-unknown"]


def test_a_result(run: Run, cdm) -> None:
    cdm(measurement=[MEASUREMENT])
    (row,) = run.labs
    assert (row["analyte"], row["value"], row["unit"]) == ("platelets", 210.0, "10*9/L")
    assert (row["ref_low"], row["ref_high"]) == (150.0, 400.0)
    assert (row["original_code"], row["original_unit"]) == ("LOINC:777-3", "10*3/uL")
    assert (row["specimen_date"], row["specimen_time"]) == (date(2024, 3, 4), "08:30:00")
    assert (row["person_id"], row["status"]) == ("7", "final")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"operator_concept_id": 4171756}, "<"),
        ({"operator_concept_id": 4172704}, ">"),
        ({"operator_concept_id": 4171754}, "<="),
        ({"operator_concept_id": 4171755}, ">="),
        ({"operator_concept_id": 4172703}, None),
    ],
)
def test_comparators(run: Run, cdm, changes: dict[str, Any], expected: str | None) -> None:
    cdm(measurement=[MEASUREMENT | changes])
    assert [row["comparator"] for row in run.labs] == [expected]


def test_midnight_is_no_time(run: Run, cdm) -> None:
    cdm(measurement=[
        MEASUREMENT | {"measurement_datetime": "2024-03-04T00:00:00"},
        MEASUREMENT | {"measurement_datetime": "2024-03-05 08:30:00", "value_as_number": 200},
        MEASUREMENT | {"measurement_datetime": "", "value_as_number": 190},
        MEASUREMENT | {"measurement_datetime": "2024-03-04 00:30:00", "value_as_number": 180},
    ])  # fmt: skip
    assert [row["specimen_time"] for row in run.labs] == [None, None, None, "00:30:00"]


def test_results_that_cannot_be_used(run: Run, cdm) -> None:
    receipts = cdm(measurement=[
        MEASUREMENT | {"measurement_concept_id": 0},
        MEASUREMENT | {"measurement_concept_id": 12345},
        MEASUREMENT | {"operator_concept_id": 77},
        MEASUREMENT | {"unit_concept_id": 99},
        MEASUREMENT | {"unit_source_value": "mg/dL", "unit_concept_id": 0},
        MEASUREMENT | {"value_as_number": "", "value_as_concept_id": 800},
        MEASUREMENT | {"value_as_number": "", "value_source_value": ""},
        MEASUREMENT | {"person_id": ""},
        MEASUREMENT | {"measurement_date": ""},
    ])  # fmt: skip
    receipt = receipts["measurement.csv"]
    assert (receipt.rows, receipt.accepted, receipt.set_aside.total()) == (9, 0, 9)
    assert sorted(reasons(run)) == [
        "code-not-loinc",
        "comparator-unknown",
        "concept-not-listed",
        "concept-not-listed",
        "no-specimen-date",
        "person-unknown",
        "unit-not-permitted",
        "value-missing",
        "value-not-a-number",
    ]
    seen = {row["locator"]: row["seen"] for row in run.set_aside}
    assert seen["row 2"] == "measurement_concept_id 12345"
    assert seen["row 1"] == "PLT"


def test_the_source_value_stands_in_where_no_unit_was_mapped(run: Run, cdm) -> None:
    cdm(measurement=[MEASUREMENT | {"unit_concept_id": 0, "unit_source_value": "10*9/L"}])
    assert [row["original_unit"] for row in run.labs] == ["10*9/L"]


def test_a_code_may_stand_with_the_source(run: Run, cdm) -> None:
    cdm(measurement=[
        MEASUREMENT | {"measurement_concept_id": 0, "measurement_source_concept_id": 3024929}
    ])  # fmt: skip
    assert [row["analyte"] for row in run.labs] == ["platelets"]


def test_without_concepts_every_row_waits(run: Run, cdm) -> None:
    (run.record.parent / "cdm").mkdir()
    cdm(concept=None, measurement=[MEASUREMENT], drug_exposure=[EXPOSURE],
        condition_occurrence=[CONDITION])  # fmt: skip
    assert reasons(run) == ["concept-not-listed"] * 3
    assert run.labs == run.table("treatments") == run.table("events") == []


def test_rows_that_waited_for_a_concept_enter_once_it_is_listed(run: Run, cdm) -> None:
    cdm(concept=CONCEPTS[1:], measurement=[MEASUREMENT])
    assert reasons(run) == ["concept-not-listed"]
    cdm(measurement=[MEASUREMENT])
    assert (len(run.labs), run.set_aside) == (1, [])


def test_without_a_source_nothing_is_taken(run: Run, cdm) -> None:
    receipts = cdm(cdm_source=None, measurement=[MEASUREMENT])
    assert "cdm_source" in str(receipts["person.csv"].refused)
    assert "cdm_source" in str(receipts["measurement.csv"].refused)
    assert run.table("people") == []


def test_two_sources_are_not_told_apart(run: Run, cdm) -> None:
    receipts = cdm(cdm_source=[SOURCE, {"cdm_source_name": "B", "cdm_source_abbreviation": "B"}])
    assert "names 2 sources" in str(receipts["cdm_source.csv"].refused)


def test_doses_of_neighbouring_days_are_a_course(run: Run, cdm) -> None:
    days = [f"2020-03-0{day}" for day in range(2, 7)]
    doses = [
        EXPOSURE | {"drug_exposure_start_date": day, "drug_exposure_end_date": day} for day in days
    ]
    cdm(drug_exposure=doses)
    (course,) = run.table("treatments")
    assert (course["drug"], course["start_date"]) == ("alemtuzumab", date(2020, 3, 2))
    assert course["end_date"] == date(2020, 3, 6)


def test_a_product_is_known_by_its_one_ingredient(run: Run, cdm) -> None:
    product = EXPOSURE | {"drug_concept_id": 900, "drug_exposure_end_date": ""}
    cdm(drug_exposure=[product])
    assert reasons(run) == ["drug-not-known"]
    cdm(drug_exposure=[product], drug_strength=[STRENGTH])
    (row,) = run.table("treatments")
    assert (row["drug"], row["end_date"]) == ("alemtuzumab", None)


def test_a_product_of_two_ingredients_is_not_known_by_either(run: Run, cdm) -> None:
    both = [STRENGTH, STRENGTH | {"ingredient_concept_id": 901}]
    cdm(drug_exposure=[EXPOSURE | {"drug_concept_id": 900}], drug_strength=both)
    assert reasons(run) == ["drug-not-known"]
    assert run.set_aside[0]["seen"] == "900 alemtuzumab 10 MG/ML Injectable Solution"


def test_exposures_that_are_no_treatment(run: Run, cdm) -> None:
    receipts = cdm(drug_exposure=[
        EXPOSURE | {"drug_type_concept_id": 700},
        EXPOSURE | {"drug_concept_id": 901},
        EXPOSURE | {"drug_concept_id": 0, "drug_source_value": "Tablets, white"},
        EXPOSURE | {"drug_exposure_start_date": ""},
        EXPOSURE | {"drug_concept_id": 0, "drug_source_value": "Lemtrada"},
    ])  # fmt: skip
    assert receipts["drug_exposure.csv"].passed_over == {"drug_exposure prescribed": 1}
    assert reasons(run) == ["drug-not-known", "drug-not-known", "start-not-stated"]
    assert [row["drug"] for row in run.table("treatments")] == ["alemtuzumab"]


def test_conditions(run: Run, cdm) -> None:
    receipts = cdm(condition_occurrence=[
        CONDITION,
        CONDITION | {"condition_concept_id": 501},
        CONDITION | {"condition_concept_id": 502},
        CONDITION | {"condition_concept_id": 503, "condition_status_concept_id": 600},
        CONDITION | {"condition_source_concept_id": 503},
        CONDITION | {"condition_start_date": ""},
    ])  # fmt: skip
    (event,) = run.table("events")
    assert (event["category"], event["onset_date"]) == ("itp", "2021-01-05")
    assert (event["code"], event["term"]) == ("SNOMED:2897005", "Immune thrombocytopenia")
    assert receipts["condition_occurrence.csv"].passed_over == {
        "condition_occurrence": 1,
        "condition_occurrence of MS itself": 1,
        "condition_occurrence not confirmed": 1,
    }
    assert reasons(run) == ["codes-disagree", "no-onset-date"]


def test_follow_up(run: Run, cdm) -> None:
    cdm(observation_period=[PERIOD, PERIOD | {"observation_period_start_date": "soon"}])
    (row,) = run.table("follow_up")
    assert (row["start_date"], row["end_date"]) == (date(2019, 1, 1), date(2024, 5, 31))
    assert reasons(run) == ["breaks-specification"]


def test_visits_are_counted(run: Run, cdm) -> None:
    visits = [{"visit_occurrence_id": number, "person_id": 7} for number in range(3)]
    receipt = cdm(visit_occurrence=visits)["visit_occurrence.csv"]
    assert (receipt.rows, receipt.passed_over) == (0, {"rows of visit_occurrence": 3})


def test_parquet_in_parts(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cdm"
    folder.mkdir()
    taken = MEASUREMENT | {
        "measurement_date": date(2024, 3, 4),
        "measurement_datetime": datetime(2024, 3, 4, 8, 30),  # noqa: DTZ001 - as the model has it
        "value_as_number": 210.5,
    }
    for name, rows in {
        "cdm_source": [SOURCE],
        "concept": CONCEPTS,
        "person": [PERSON | {"month_of_birth": None}],
        "measurement_001": [taken],
        "measurement_002": [taken | {"value_as_number": 5.0, "unit_concept_id": 8848.0}],
    }.items():
        pl.DataFrame(rows).write_parquet(folder / f"{name}.parquet")
    assert sum(one.accepted for one in run.ingest(folder)) == 3
    assert sorted(row["value"] for row in run.labs) == [5.0, 210.5]
    assert {row["specimen_time"] for row in run.labs} == {"08:30:00"}


def test_a_vocabulary_as_it_is_handed_out(run: Run, tmp_path: Path) -> None:
    named = [CONCEPTS[0] | {"concept_name": 'Platelets "automated'}, *CONCEPTS[1:]]
    text = as_csv(*named, delimiter="\t").replace('"Platelets ""automated"', 'Platelets "automated')
    run.file("cdm/CONCEPT.csv", text)
    run.file("cdm/CDM_SOURCE.csv", as_csv(SOURCE).upper())
    run.file("cdm/MEASUREMENT.csv", as_csv(MEASUREMENT))
    run.ingest(tmp_path / "cdm")
    assert [row["analyte"] for row in run.labs] == ["platelets"]


def test_a_container_of_tables(run: Run) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as container:
        container.writestr("x/measurement.csv", as_csv(MEASUREMENT))
        container.writestr("x/concept.csv", as_csv(*CONCEPTS))
        container.writestr("x/cdm_source.csv", as_csv(SOURCE))
    receipt = run.take("cdm.zip", packed.getvalue())
    assert (receipt.form, receipt.accepted) == ("container of omop", 1)
    assert run.labs[0]["source"].endswith(":x/measurement.csv!row 1")


def test_tables_of_other_folders_say_nothing(run: Run, tmp_path: Path) -> None:
    run.file("a/cdm_source.csv", as_csv(SOURCE))
    run.file("b/measurement.csv", as_csv(MEASUREMENT))
    receipts = {one.name: one for one in run.ingest(tmp_path / "a", tmp_path / "b")}
    assert receipts["measurement.csv"].refused is not None


@pytest.mark.parametrize("content", [b"PAR1" + b"x" * 50, pl.DataFrame({"a": [1]})])
def test_parquet_that_is_none_or_another_table(run: Run, content: Any) -> None:
    if isinstance(content, pl.DataFrame):
        file = io.BytesIO()
        content.write_parquet(file)
        content = file.getvalue()
    receipt = run.take("measurement.parquet", content)
    assert "Permitted for the table measurement" in str(receipt.refused)


@pytest.mark.parametrize("content", [as_csv(MEASUREMENT) + "\x00\xff", as_csv(MEASUREMENT) + '"a'])
def test_a_damaged_table(run: Run, content: str) -> None:
    receipt = run.take("measurement.csv", content.encode("latin-1"))
    assert "measurement.csv cannot be read" in str(receipt.refused)


def test_a_name_alone_makes_no_table(run: Run) -> None:
    receipt = run.take("note.csv", "a,b\n1,2\n")
    assert "not a table of a record" in str(receipt.refused)


def test_tables_that_others_point_at_come_first() -> None:
    first = ["cdm_source.csv", "concept.csv", "drug_strength.csv", "person.csv"]
    assert (
        sorted([first[2], first[3], first[1], first[0]], key=lambda name: turn_of(Path(name)))
        == first
    )
    last = turn_of(Path("Observation.ndjson"))
    assert all(turn_of(Path(f"{name}.csv")) <= last for name in TABLES)


@examples(40)
@given(
    table=st.sampled_from(["measurement", "drug_exposure", "condition_occurrence", "person"]),
    at=st.integers(0, 10_000),
    noise=st.text(max_size=6),
    cut=st.integers(0, 30),
)
def test_any_text_anywhere_in_a_table(table: str, at: int, noise: str, cut: int) -> None:
    rows = {
        "measurement": MEASUREMENT,
        "drug_exposure": EXPOSURE,
        "condition_occurrence": CONDITION,
        "person": PERSON,
    }
    content = as_csv(rows[table], rows[table])
    at %= len(content)
    changed = content[:at] + noise + content[at + cut :]
    with TemporaryDirectory() as folder:
        for name, text in {
            "cdm_source": as_csv(SOURCE),
            "concept": as_csv(*CONCEPTS),
            table: changed,
        }.items():
            (Path(folder) / f"{name}.csv").write_bytes(text.encode("utf-8", errors="replace"))
        record = Path(folder) / "record"
        files = sorted(Path(folder).glob("*.csv"))
        for receipt in ingest_files(files, record, landed_on=LANDED_ON).files:
            receipt.check()
            for kind, count in receipt.passed_over.items():
                assert count > 0, kind
