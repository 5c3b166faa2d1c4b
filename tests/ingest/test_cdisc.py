"""Study data (SDTM) as SAS transport files and as Dataset-JSON, written here by the formats."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import LANDED_ON, Run

from afterdose.ingest import ingest_files
from afterdose.ingest.datasets import read_dataset
from afterdose.ingest.excerpts import excerpt
from afterdose.record.errors import UnreadableInputError
from support.examples import examples

WHO = {"STUDYID": "MS01", "USUBJID": "MS01-101-001"}
DM = {
    **WHO,
    "DOMAIN": "DM",
    "SUBJID": "001",
    "RFSTDTC": "2020-03-02",
    "BRTHDTC": "1988-06",
    "AGE": 31.0,
    "SEX": "F",
    "DTHDTC": "",
    "DTHFL": "",
}
LB = {
    **WHO,
    "DOMAIN": "LB",
    "LBSEQ": 1.0,
    "LBTESTCD": "PLAT",
    "LBTEST": "Platelets",
    "LBORRES": "210",
    "LBORRESU": "10^9/L",
    "LBORNRLO": "150",
    "LBORNRHI": "400",
    "LBSTRESN": 210.0,
    "LBSTAT": "",
    "LBLOINC": "777-3",
    "LBNAM": "CENTRAL LAB",
    "LBREFID": "S-77",
    "LBDRVFL": "",
    "LBDTC": "2020-03-02T08:30",
    "LBDY": 1.0,
}
EX = {
    **WHO,
    "DOMAIN": "EX",
    "EXTRT": "ALEMTUZUMAB",
    "EXDOSE": 12.0,
    "EXDOSU": "mg",
    "EXSTDTC": "2020-03-02",
    "EXENDTC": "2020-03-02",
}
AE = {**WHO, "DOMAIN": "AE", "AEDECOD": "Immune thrombocytopenia", "AESTDTC": "2021-01"}
RS = {
    **WHO,
    "DOMAIN": "RS",
    "RSTESTCD": "EDSS0101",
    "RSTEST": "EDSS01-Expanded Disability Score",
    "RSCAT": "EDSS",
    "RSORRES": "Minimal disability in two FS",
    "RSSTRESN": 2.5,
    "RSSTAT": "",
    "RSDTC": "2020-03-02",
}
FT = {
    **WHO,
    "DOMAIN": "FT",
    "FTTESTCD": "SDMT0199",
    "FTTEST": "SDMT01-Total Score",
    "FTCAT": "SDMT",
    "FTORRES": "51",
    "FTSTRESN": 51.0,
    "FTSTRESU": "",
    "FTDTC": "2020-03-02T10:00",
}


def transport(folder: Path, name: str, *rows: dict[str, Any], version: int = 5) -> bytes:
    path = folder / "written.xpt"
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    pyreadstat.write_xport(frame, str(path), table_name=name, file_format_version=version)
    return path.read_bytes()


def dataset_json(name: str, *rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    columns = [
        {
            "itemOID": f"IT.{name}.{column}",
            "name": column,
            "label": column,
            "dataType": "float" if isinstance(cell, float) else "string",
        }
        for column, cell in rows[0].items()
    ]
    return {
        "datasetJSONCreationDateTime": "2024-05-01T10:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": f"IG.{name}",
        "records": len(rows),
        "name": name,
        "label": name,
        "columns": columns,
        "rows": [list(row.values()) for row in rows],
    } | changes


@pytest.fixture
def take(run: Run, tmp_path: Path):
    """Ingest rows as a transport file named after their domain."""

    def one(*rows: dict[str, Any]):
        name = rows[0]["DOMAIN"]
        return run.take(f"{name.lower()}.xpt", transport(tmp_path, name, *rows))

    return one


def reasons(run: Run) -> list[str]:
    return [row["reason"] for row in run.set_aside]


@pytest.mark.parametrize("version", [5, 8])
def test_a_person(run: Run, tmp_path: Path, version: int) -> None:
    receipt = run.take("dm.xpt", transport(tmp_path, "DM", DM, version=version))
    assert (receipt.form, receipt.rows, receipt.accepted) == ("cdisc transport", 1, 1)
    (person,) = run.table("people")
    assert (person["person_id"], person["sex"]) == ("MS01-101-001", "female")
    assert (person["birth_date"], person["death_date"]) == ("1988-06", None)
    assert (run.record / "identities.csv").read_text().splitlines()[1:] == [
        "MS01-101-001,MS01,MS01-101-001"
    ]


def test_a_death_without_a_day_is_set_aside(run: Run, take) -> None:
    take(DM | {"DTHFL": "Y"}, DM | {"USUBJID": "MS01-2", "DTHDTC": "2022-05-06", "DTHFL": "Y"})
    assert reasons(run) == ["date-unreadable"]
    assert [row["death_date"] for row in run.table("people")] == [date(2022, 5, 6)]


def test_a_person_without_identifier_is_nobody(run: Run, take) -> None:
    receipt = take(DM | {"USUBJID": ""}, DM)
    assert (receipt.rows, receipt.accepted, reasons(run)) == (2, 1, ["person-unknown"])


def test_a_result_as_it_was_reported(run: Run, take) -> None:
    take(LB)
    (row,) = run.labs
    assert (row["analyte"], row["value"], row["unit"]) == ("platelets", 210.0, "10*9/L")
    assert (row["ref_low"], row["ref_high"]) == (150.0, 400.0)
    assert (row["original_value"], row["original_unit"]) == ("210", "10^9/L")
    assert (row["provider"], row["accession"]) == ("CENTRAL LAB", "S-77")
    assert (row["specimen_date"], row["specimen_time"]) == (date(2020, 3, 2), "08:30:00")
    assert (row["received_date"], row["status"]) == (LANDED_ON, "final")
    assert row["source"].endswith(":row 1")


def test_results_that_cannot_be_used(run: Run, take) -> None:
    receipt = take(
        LB | {"LBLOINC": ""},
        LB | {"LBDTC": "2020-03"},
        LB | {"LBORRES": "", "LBSTAT": "NOT DONE"},
        LB | {"LBDRVFL": "Y"},
        LB | {"LBORRES": "NEGATIVE"},
        LB | {"LBORRESU": ""},
        LB | {"STUDYID": ""},
    )
    assert reasons(run) == [
        "code-not-loinc",
        "no-specimen-date",
        "value-not-a-number",
        "unit-missing",
        "person-unknown",
    ]
    assert run.set_aside[0]["seen"] == "PLAT Platelets"
    assert receipt.passed_over == {"LB not done": 1, "LB derived": 1}
    assert (receipt.rows, receipt.accepted) == (5, 0)


def test_doses_of_neighbouring_days_are_a_course(run: Run, take) -> None:
    days = [f"2020-03-0{day}" for day in range(2, 7)]
    receipt = take(*(EX | {"EXSTDTC": day, "EXENDTC": day} for day in days))
    (course,) = run.table("treatments")
    assert (course["drug"], course["dose"]) == ("alemtuzumab", "12 mg x 5")
    assert (course["start_date"], course["end_date"]) == (date(2020, 3, 2), date(2020, 3, 6))
    assert receipt.passed_over == {"dose joined to a course": 4}


def test_what_is_no_treatment(run: Run, take) -> None:
    receipt = take(
        EX | {"EXTRT": "PLACEBO"},
        EX | {"EXDOSE": 0.0},
        EX | {"EXTRT": "STUDY DRUG A"},
        EX | {"EXTRT": "ALEMTUZUMAB OR PLACEBO"},
        EX | {"EXSTDTC": "2020-03"},
    )
    assert reasons(run) == ["drug-not-known", "drug-not-known", "start-not-stated"]
    assert receipt.passed_over == {"EX placebo or a dose of 0": 2}
    assert run.table("treatments") == []


def test_events_whose_whole_name_we_know_are_read(run: Run, take) -> None:
    take(
        AE | {"AETERM": "low platelets, immune", "AESER": "Y", "AETOXGR": "3", "AEPTCD": 10083842.0,
              "AEOUT": "RECOVERED/RESOLVED WITH SEQUELAE"},
        AE | {"AEDECOD": "AUTOIMMUNE THYROIDITIS", "AESTDTC": "2021-02-03T10:00", "AESER": "N",
              "AEOUT": "not recovered/not resolved", "AETOXGR": "X"},
        AE | {"AEDECOD": "", "AETERM": "Goodpasture's syndrome", "AESTDTC": "2022"},
    )  # fmt: skip
    found = [
        tuple(row[name] for name in ("category", "onset_date", "term", "code", "grade", "serious",
                                     "outcome"))
        for row in run.table("events")
    ]  # fmt: skip
    assert found == [
        ("itp", "2021-01", "low platelets, immune", "MedDRA:10083842", 3, True, "sequelae"),
        ("thyroid", "2021-02-03", "AUTOIMMUNE THYROIDITIS", None, None, False, "ongoing"),
        ("nephropathy", "2022", "Goodpasture's syndrome", None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"AEDECOD": "Headache"}, "event-not-mapped"),
        ({"AEDECOD": "Thrombocytopenia"}, "event-not-mapped"),
        ({"AEDECOD": "Heat stroke", "AETERM": "Stroke"}, "event-not-mapped"),
        ({"AEDECOD": "Multiple sclerosis"}, "event-not-mapped"),
        ({"AEDECOD": "", "AETERM": ""}, "event-not-mapped"),
        ({"AESTDTC": ""}, "no-onset-date"),
        ({"AESTDTC": "UN-JAN-2021"}, "no-onset-date"),
    ],
)
def test_other_events_are_set_aside(run: Run, take, changes: dict[str, str], reason: str) -> None:
    take(AE | changes)
    assert (reasons(run), run.table("events")) == ([reason], [])


def test_events_that_were_asked_for_and_did_not_happen_are_counted(run: Run, take) -> None:
    receipt = take(AE | {"AEOCCUR": "N"}, AE | {"AESTAT": "NOT DONE"})
    assert receipt.passed_over == {"AE that did not happen or was not asked": 2}
    assert receipt.rows == 0


def test_the_rest_of_the_events_by_a_mapping(run: Run, take, tmp_path: Path) -> None:
    """What was read without it is taken out first: nothing stands there twice."""
    take(AE, AE | {"AEDECOD": "Headache"})
    assert reasons(run) == ["event-not-mapped"]
    mapping = tmp_path / "ae.toml"
    mapping.write_text(
        'table = "events"\n[columns]\nassigner = "STUDYID"\nidentifier = "USUBJID"\n'
        'onset_date = "AESTDTC"\ncategory = "AEDECOD"\n'
        '[translate.category]\n"Immune thrombocytopenia" = "itp"\n"Headache" = "other"\n',
        encoding="utf-8",
    )
    path = tmp_path / "ae.xpt"
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, mapping=mapping).files
    assert (receipt.rows, receipt.accepted) == (2, 2)
    events = [(row["category"], row["onset_date"]) for row in run.table("events")]
    assert events == [("itp", "2021-01"), ("other", "2021-01")]


def test_a_local_code_by_a_mapping(run: Run, tmp_path: Path) -> None:
    mapping = tmp_path / "lb.toml"
    mapping.write_text(
        'table = "results"\ndate = "YYYY-MM-DD"\n[columns]\nassigner = "STUDYID"\n'
        'identifier = "USUBJID"\ncode = "LBTESTCD"\nvalue = "LBORRES"\nunit = "LBORRESU"\n'
        'specimen_date = "LBDTC"\n[constants]\nstatus = "final"\n[codes]\nPLAT = "777-3"\n',
        encoding="utf-8",
    )
    ragged = dataset_json("LB", LB | {"LBLOINC": ""}, LB)
    ragged["rows"][1].append("more")
    path = run.file("lb.json", json.dumps(ragged))
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, mapping=mapping).files
    assert [row["analyte"] for row in run.labs] == ["platelets"]
    assert (receipt.rows, reasons(run)) == (2, ["row-malformed"])
    assert run.set_aside[0]["locator"].startswith("row 2, mapping ")


@pytest.mark.parametrize("domain", ["RS", "QS"])
def test_edss_is_the_number_and_not_the_words(run: Run, take, domain: str) -> None:
    take({name.replace("RS", domain) if name[:2] == "RS" else name: cell
          for name, cell in (RS | {"DOMAIN": domain}).items()})  # fmt: skip
    (row,) = run.table("assessments")
    assert (row["measure"], row["value"], row["date"]) == ("edss", 2.5, date(2020, 3, 2))


def test_scores_that_cannot_be_used(run: Run, take) -> None:
    receipt = take(
        RS | {"RSTEST": "EDSS of our own"},
        RS | {"RSTESTCD": "TRGRESP", "RSTEST": "Target Response", "RSCAT": "RECIST 1.1"},
        RS | {"RSSTAT": "NOT DONE"},
        RS | {"RSDTC": "2020"},
        RS | {"RSSTRESN": None, "RSORRES": "Unknown"},
    )
    assert reasons(run) == ["score-not-mapped", "no-visit-date", "value-not-a-number"]
    assert receipt.passed_over == {"RS of RECIST 1.1": 1, "RS not done": 1}
    assert run.table("assessments") == []


def test_timed_tests_need_seconds_and_one_trial(run: Run, take) -> None:
    walk = FT | {
        "FTTESTCD": "T25FW1",
        "FTTEST": "T25FW1-Time to Complete 25-Foot Walk",
        "FTSTRESN": 6.1,
        "FTSTRESU": "sec",
    }
    take(
        FT,
        walk,
        walk | {"FTSTRESN": 6.4},
        walk | {"FTDTC": "2020-09-01"},
        walk | {"FTDTC": "2020-10-01", "FTSTRESU": "min"},
        walk | {"FTDTC": "2020-11-01", "FTSTRESU": ""},
    )
    found = [(row["measure"], row["value"]) for row in run.table("assessments")]
    assert found == [("sdmt", 51.0), ("t25fw_s", 6.1)]
    assert sorted(reasons(run)) == [
        "score-repeated",
        "score-repeated",
        "unit-missing",
        "unit-not-permitted",
    ]


def test_other_datasets_are_counted(run: Run, tmp_path: Path) -> None:
    rows = [{**WHO, "RDOMAIN": "LB", "QNAM": "X"}] * 3
    receipt = run.take("supplb.xpt", transport(tmp_path, "SUPPLB", *rows))
    assert receipt.passed_over == {"rows of SUPPLB": 3}
    assert receipt.rows == 0


def test_a_folder_of_datasets_in_any_order(run: Run, tmp_path: Path) -> None:
    for name, row in (("AE", AE), ("DM", DM), ("EX", EX), ("LB", LB), ("RS", RS)):
        run.file(f"study/{name.lower()}.xpt", transport(tmp_path, name, row))
    receipts = run.ingest(tmp_path / "study")
    assert [one.accepted for one in receipts] == [1, 1, 1, 1, 1]
    assert [row["person_id"] for row in run.table("people")] == ["MS01-101-001"]
    assert [one.duplicates for one in run.ingest(tmp_path / "study")] == [1, 1, 1, 1, 1]


def test_dataset_json_says_the_same_as_the_transport_file(run: Run, tmp_path: Path) -> None:
    run.take("lb.xpt", transport(tmp_path, "LB", LB))
    lines = dataset_json("LB", LB)
    rows = lines.pop("rows")
    for content in (
        json.dumps(dataset_json("LB", LB)),
        "\ufeff" + json.dumps(dataset_json("LB", LB), indent=2),
        "\n".join([json.dumps(lines), *map(json.dumps, rows)]) + "\n",
    ):
        receipt = run.take("lb.json", content)
        assert (receipt.form, receipt.rows) == ("cdisc dataset-json", 1)
        assert (receipt.accepted, receipt.duplicates) == (0, 1)


def test_a_row_is_shown_as_its_cells(tmp_path: Path) -> None:
    content = transport(tmp_path, "LB", LB, LB | {"LBORRES": "<5"})
    shown = json.loads(str(excerpt(content, "row 2")))
    assert (shown["LBORRES"], shown["LBSEQ"]) == ("<5", "1")
    assert excerpt(content, "row 3") is None


def test_events_are_read_again_once_they_are_mapped(run: Run, tmp_path: Path) -> None:
    path = run.file("ae.xpt", transport(tmp_path, "AE", AE))
    run.ingest(path)
    mapping = run.file(
        "ae.toml",
        'table = "events"\n[columns]\nassigner = "STUDYID"\nidentifier = "USUBJID"\n'
        'onset_date = "AESTDTC"\ncategory = "AEDECOD"\n'
        '[translate.category]\n"Immune thrombocytopenia" = "itp"\n',
    )
    ingest_files([path], run.record, landed_on=LANDED_ON, mapping=mapping)
    assert (len(run.table("events")), run.set_aside) == (1, [])


def test_numbers_of_dataset_json_stay_as_they_are_written() -> None:
    document = json.dumps(dataset_json("EX", EX)).replace("12.0", "12.50")
    (row,) = read_dataset("ex.json", document.encode()).rows
    assert row.cells is not None
    assert row.cells["EXDOSE"] == "12.50"


@pytest.mark.parametrize(
    "changes",
    [
        {"records": 5},
        {"rows": {}},
        {"columns": 1},
        {"columns": [{"label": "no name"}]},
        {"name": None, "columns": None},
    ],
)
def test_damaged_dataset_json_is_refused(run: Run, changes: dict[str, Any]) -> None:
    receipt = run.take("lb.json", json.dumps(dataset_json("LB", LB) | changes))
    assert receipt.refused is not None
    assert "Permitted: a whole dataset" in receipt.refused


@pytest.mark.parametrize("content", ["", "}", '\n["a"', "\nNaN", "\n" + "[" * 100_000])
def test_dataset_json_that_ends_anyhow(run: Run, content: str) -> None:
    whole = dataset_json("LB", LB)
    whole.pop("rows")
    receipt = run.take("lb.json", json.dumps(whole) + content)
    assert receipt.refused is not None


def test_odd_rows_of_dataset_json_are_set_aside_one_by_one(run: Run) -> None:
    whole = dataset_json("LB", LB, LB, LB, LB)
    whole["rows"][0] = whole["rows"][0][:-1]
    whole["rows"][1] = "text"
    whole["rows"][2] = [{"a": 1}] * len(whole["columns"])
    receipt = run.take("lb.json", json.dumps(whole))
    assert (receipt.rows, receipt.accepted, reasons(run)) == (4, 1, ["row-malformed"] * 3)


def test_a_transport_file_cut_short_is_refused(run: Run, tmp_path: Path) -> None:
    content = transport(tmp_path, "LB", LB, LB)
    for cut in (100, 160, 480, 1000, len(content) - 50):
        receipt = run.take("lb.xpt", content[:cut])
        assert receipt.refused is not None
        assert "Permitted: a whole dataset" in receipt.refused or "0 datasets" in receipt.refused


def test_a_transport_file_of_several_datasets_is_refused(run: Run, tmp_path: Path) -> None:
    one = transport(tmp_path, "LB", LB)
    receipt = run.take("all.xpt", one + one[240:])
    assert receipt.refused is not None
    assert "holds 2 datasets" in receipt.refused


def test_text_of_another_encoding_is_refused(run: Run, tmp_path: Path) -> None:
    content = transport(tmp_path, "LB", LB | {"LBNAM": "Zürich"})
    receipt = run.take("lb.xpt", content.replace("ü".encode(), b"\xfc "))
    assert receipt.refused is not None
    assert "neither ASCII nor UTF-8" in receipt.refused


def test_one_name_for_two_columns_is_refused() -> None:
    document = dataset_json("LB", LB)
    document["columns"][1]["name"] = "STUDYID"
    with pytest.raises(UnreadableInputError, match="each name once"):
        read_dataset("lb.json", json.dumps(document).encode())


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[bytes, bytes]:
    folder = tmp_path_factory.mktemp("written")
    return (
        transport(folder, "LB", LB, LB | {"LBORRES": "<5"}),
        json.dumps(dataset_json("LB", LB, LB | {"LBORRES": "<5"})).encode(),
    )


@examples(150)
@given(
    which=st.integers(0, 1),
    at=st.integers(0, 10_000),
    noise=st.binary(min_size=1, max_size=6),
    cut=st.integers(0, 160),
)
def test_any_bytes_anywhere_are_rows_or_a_named_error(
    written: tuple[bytes, bytes], which: int, at: int, noise: bytes, cut: int
) -> None:
    content = written[which]
    at %= len(content)
    changed = content[:at] + noise + content[at + cut :]
    try:
        dataset = read_dataset("a", changed)
    except UnreadableInputError:
        return
    for row in dataset.rows:
        assert row.cells is None or set(row.cells) <= set(dataset.columns)
        if which == 1 and row.cells is not None and b"\\" not in changed:
            # What a cell says stands in the file.
            assert all(cell.encode() in changed for cell in row.cells.values())
