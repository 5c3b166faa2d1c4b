"""Tables as laboratories and clinics keep them, read by a mapping."""

import io
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from tests.ingest.conftest import LANDED_ON, Run, obx, oru

from afterdose.ingest import FileReceipt, ingest_files
from afterdose.ingest.mapping.days import is_format, to_iso
from afterdose.ingest.mapping.model import parse_mapping
from afterdose.ingest.mapping.sheets import Layout, read_sheet
from afterdose.record.errors import UnreadableInputError

RESULTS = """
table = "results"
date = "DD.MM.YYYY"
decimal = ","
delimiter = "semicolon"
[columns]
identifier = "Nr"
specimen_date = "Tag"
code = "Test"
value = "Wert"
unit = "Einheit"
reference_range = "Norm"
[constants]
assigner = "urn:clinic"
provider = "North Lab"
status = "final"
[codes]
THRO = "777-3"
CREA = "2160-0"
[units]
CREA = "mg/dL"
"""
HEADER = "Nr;Tag;Test;Wert;Einheit;Norm\n"
COURSES = """
table = "treatments"
date = "DD/MM/YYYY"
[columns]
person_id = "who"
drug = "drug"
start_date = "from"
dose = "dose"
[translate.drug]
Lemtrada = "alemtuzumab"
"""
SCANS = 'table = "mri"\n[columns]\nperson_id = "who"\ndate = "scan"\n'


class Mapped:
    """Ingests files by a mapping."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __call__(self, mapping: str, name: str, content: str | bytes) -> FileReceipt:
        path = self.run.file(name, content)
        toml = self.run.file("mapping.toml", mapping)
        receipt = ingest_files([path], self.run.record, landed_on=LANDED_ON, mapping=toml)
        return receipt.files[0]


@pytest.fixture
def mapped(run: Run) -> Mapped:
    return Mapped(run)


def workbook(*rows: list, sheet: str = "Labor", more: str | None = None) -> bytes:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    if more:
        book.create_sheet(more)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# Results ----------------------------------------------------------------------------------------


def test_results_with_decimal_commas_and_local_codes(run: Run, mapped: Mapped) -> None:
    content = HEADER + "4711;4.3.2024;CREA;1,02;mg/dl;0,5 - 0,9\n4711;04.03.2024;THRO;<5;G/l;\n"
    receipt = mapped(RESULTS, "labor.csv", content)
    assert (receipt.rows, receipt.accepted) == (2, 2)
    creatinine, platelets = sorted(run.labs, key=lambda lab: lab["analyte"])
    assert creatinine["value"] == pytest.approx(90.17, abs=0.01)
    assert (creatinine["original_value"], creatinine["original_unit"]) == ("1,02", "mg/dl")
    assert creatinine["ref_high"] == pytest.approx(79.56, abs=0.01)
    assert (creatinine["provider"], creatinine["original_code"]) == ("North Lab", "LOINC:2160-0")
    assert (platelets["value"], platelets["comparator"]) == (5.0, "<")
    assert {lab["specimen_date"] for lab in run.labs} == {date(2024, 3, 4)}


def test_every_row_cites_the_mapping_and_the_record_keeps_it(run: Run, mapped: Mapped) -> None:
    mapped(RESULTS, "labor.csv", HEADER + "1;4.3.2024;THRO;5;G/l;\n1;4.3.2024;XYZ;5;G/l;\n")
    version = parse_mapping(RESULTS.encode()).version
    (lab,), (aside,) = run.labs, run.set_aside
    assert lab["source"].endswith(f":row 2, mapping {version}")
    assert (aside["locator"], aside["reason"]) == (f"row 3, mapping {version}", "code-not-loinc")
    landed = [path.name for path in (run.record / "landed").iterdir()]
    assert any(name.startswith(version) for name in landed)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1;4.3.2024;CREA;1.02;mg/dl;", "value-not-a-number"),  # a point, where commas are stated
        ("1;4.3.2024;CREA;1.234,5;mg/dl;", "value-not-a-number"),
        ("1;4.3.24;CREA;1;mg/dl;", "no-specimen-date"),
        ("1;03/04/2024;CREA;1;mg/dl;", "no-specimen-date"),
        ("1;31.2.2024;CREA;1;mg/dl;", "no-specimen-date"),
        (";4.3.2024;CREA;1;mg/dl;", "person-unknown"),
        ("1;4.3.2024;CREA;;mg/dl;", "value-missing"),
        ("1;4.3.2024;THRO;5;;", "unit-missing"),
        ("1;4.3.2024;CREA;1", "row-malformed"),
        ("1;4.3.2024;CREA;1;mg/dl;;;9", "row-malformed"),
    ],
)
def test_rows_that_are_set_aside(mapped: Mapped, row: str, reason: str) -> None:
    receipt = mapped(RESULTS, "labor.csv", HEADER + row + "\n")
    assert (receipt.rows, dict(receipt.set_aside)) == (1, {reason: 1})


def test_without_a_mapping_that_says_so_a_comma_is_refused(mapped: Mapped) -> None:
    plain = RESULTS.replace('decimal = ","', "")
    receipt = mapped(plain, "labor.csv", HEADER + "1;4.3.2024;CREA;1,02;mg/dl;\n")
    assert dict(receipt.set_aside) == {"value-not-a-number": 1}


def test_a_unit_by_code_where_the_row_states_none(run: Run, mapped: Mapped) -> None:
    mapped(RESULTS, "labor.csv", HEADER + "1;4.3.2024;CREA;1;;\n2;4.3.2024;CREA;88;umol/L;\n")
    assert [lab["original_unit"] for lab in run.labs] == ["mg/dL", "umol/L"]


def test_a_range_in_points_is_left_unread_where_commas_are_stated(run: Run, mapped: Mapped) -> None:
    mapped(RESULTS, "labor.csv", HEADER + "1;4.3.2024;CREA;1;mg/dl;0.5-0.9\n")
    assert (run.labs[0]["ref_low"], run.labs[0]["ref_high"]) == (None, None)


def test_limits_in_columns_of_their_own(run: Run, mapped: Mapped) -> None:
    mapping = RESULTS.replace('reference_range = "Norm"', 'ref_low = "von"\nref_high = "bis"')
    header = "Nr;Tag;Test;Wert;Einheit;von;bis\n"
    rows = "1;4.3.2024;THRO;200;G/l;150,5;400\n2;4.3.2024;THRO;200;G/l;1.5;400\n"
    mapped(mapping, "labor.csv", header + rows)
    assert [(lab["ref_low"], lab["ref_high"]) for lab in run.labs] == [(150.5, 400.0), (None, None)]


def test_loinc_codes_in_the_column_itself(run: Run, mapped: Mapped) -> None:
    mapping = 'code_system = "loinc"\n' + RESULTS
    mapped(mapping, "labor.csv", HEADER + "1;4.3.2024;LOINC:777-3;200;G/l;\n")
    assert [lab["analyte"] for lab in run.labs] == ["platelets"]


WIDE = """
table = "results"
[columns]
person_id = "id"
specimen_date = "day"
specimen_time = "at"
[constants]
status = "final"
[[wide]]
column = "Thrombozyten (G/l)"
code = "777-3"
unit = "10*9/L"
ref_low = "150"
[[wide]]
column = "TSH"
code = "3016-3"
unit = "mIU/L"
[codes]
777-3 = "777-3"
3016-3 = "3016-3"
"""


def test_a_column_for_each_test(run: Run, mapped: Mapped) -> None:
    content = "id,day,at,Thrombozyten (G/l),TSH\np1,2024-03-04,08:30,210,\np2,2024-03-05,,180,1.2\n"
    receipt = mapped(WIDE, "wide.csv", content)
    assert (receipt.rows, receipt.accepted) == (3, 3)
    assert receipt.passed_over == {"empty cells": 1}
    platelets = [lab for lab in run.labs if lab["analyte"] == "platelets"]
    assert [lab["specimen_time"] for lab in platelets] == ["08:30:00", None]
    assert platelets[0]["ref_low"] == 150.0
    assert ":row 2 column Thrombozyten (G/l), mapping " in platelets[0]["source"]


# Other tables -----------------------------------------------------------------------------------


def test_courses(run: Run, mapped: Mapped) -> None:
    content = "who\tdrug\tfrom\tdose\np1\tLemtrada\t02/03/2020\t12 mg x 5\n\t\t\t\n"
    receipt = mapped(COURSES, "courses.tsv", content)
    assert (receipt.rows, receipt.accepted, receipt.passed_over) == (1, 1, {"empty rows": 1})
    (row,) = run.table("treatments")
    assert (row["drug"], row["start_date"]) == ("alemtuzumab", date(2020, 3, 2))
    assert row["recorded_date"] == LANDED_ON


def test_assessments_a_column_each_and_with_commas(run: Run, mapped: Mapped) -> None:
    mapping = """
    table = "assessments"
    decimal = ","
    delimiter = "bar"
    encoding = "cp1252"
    [columns]
    person_id = "Nr"
    date = "Tag"
    [[wide]]
    column = "EDSS größer"
    measure = "edss"
    """
    content = "Nr|Tag|EDSS größer\np1|2024-03-04|3,5\np1|2024-06-04|3.5\n".encode("cp1252")
    receipt = mapped(mapping, "edss.csv", content)
    assert dict(receipt.set_aside) == {"value-not-a-number": 1}
    assert [row["value"] for row in run.table("assessments")] == [3.5]


def test_volumes_of_any_program_by_a_mapped_table(run: Run, mapped: Mapped) -> None:
    mapping = """
    table = "mri"
    [columns]
    person_id = "subject"
    date = "scan"
    bpf = "fraction"
    scanner = "scanner"
    [constants]
    method = "SynthSeg 2.0, brain/intracranial"
    """
    content = "subject,scan,fraction,scanner\np1,2024-03-04,0.81,A\np2,2024-03-04,1.81,A\n"
    receipt = mapped(mapping, "synthseg.csv", content)
    assert dict(receipt.set_aside) == {"breaks-specification": 1}
    (row,) = run.table("mri")
    assert (row["bpf"], row["method"]) == (0.81, "SynthSeg 2.0, brain/intracranial")


@pytest.mark.parametrize(
    ("units", "written", "volume"),
    [
        ('[units]\nbrain_volume_ml = "mm3"\n', "1638662.24", 1638.66224),
        ('[units]\nbrain_volume_ml = "cm3"\n', "1638.66", 1638.66),
        ("", "1638.66", 1638.66),
        ("", "1638662.24", None),
        ('[units]\nbrain_volume_ml = "mm3"\n', "<1638662", None),
        ('[units]\nbrain_volume_ml = "mm3"\n', "large", None),
    ],
)
def test_brain_volumes_in_the_unit_that_is_stated(
    run: Run, mapped: Mapped, units: str, written: str, volume: float | None
) -> None:
    """Without one they are millilitres; what then lies outside the limits is set aside."""
    mapping = """
    table = "mri"
    [columns]
    person_id = "subject"
    date = "scan"
    brain_volume_ml = "volume"
    [constants]
    method = "SynthSeg 2.0"
    """
    receipt = mapped(mapping + units, "v.csv", f"subject,scan,volume\np1,2024-03-04,{written}\n")
    assert dict(receipt.set_aside) == ({} if volume else {"breaks-specification": 1})
    assert [row["brain_volume_ml"] for row in run.table("mri")] == ([volume] if volume else [])


# Workbooks --------------------------------------------------------------------------------------


def test_a_workbook_brings_its_own_numbers_and_days(run: Run, mapped: Mapped) -> None:
    content = workbook(
        ["Nr", "Tag", "Test", "Wert", "Einheit", "Norm"],
        [4711, date(2024, 3, 4), "CREA", 1.02, "mg/dl", None],
        [4711.0, datetime.fromisoformat("2024-03-04T08:30"), "THRO", "1,5", "G/l", None],
        [None, None, None, None, None, None],
        ["4712", "04.03.2024", "THRO", 200, "G/l", "150-400"],
    )
    receipt = mapped(RESULTS, "labor.xlsx", content)
    assert (receipt.rows, receipt.accepted) == (3, 3)
    values = sorted((lab["analyte"], lab["value"], lab["specimen_time"]) for lab in run.labs
                    if lab["analyte"] == "platelets")  # fmt: skip
    assert values == [("platelets", 1.5, "08:30:00"), ("platelets", 200.0, None)]
    assert {lab["person_id"] for lab in run.labs} == {"4711", "4712"}
    sources = sorted(lab["source"].split(":")[1].split(",")[0] for lab in run.labs)
    assert sources == ["row 2", "row 3", "row 5"]


def test_a_sheet_by_its_name_and_a_header_further_down(run: Run, mapped: Mapped) -> None:
    content = workbook(
        ["Ausdruck vom 1.4."],
        [],
        ["Nr", "Tag", "Test", "Wert", "Einheit", "Norm"],
        ["1", time(8), "CREA", True, "mg/dl", None],
        more="Notizen",
    )
    mapping = 'sheet = "Labor"\nheader_row = 3\n' + RESULTS
    receipt = mapped(mapping, "labor.xlsx", content)
    assert dict(receipt.set_aside) == {"no-specimen-date": 1}
    assert run.set_aside[0]["locator"].startswith("Labor row 4")
    assert "has the sheets Labor, Notizen" in mapped(RESULTS, "labor.xlsx", content).refused


def test_one_cell_far_away_takes_no_memory(mapped: Mapped) -> None:
    """Compiled readers set the whole rectangle aside, and the process ends."""
    book = Workbook()
    book.active.append(["Nr", "Tag", "Test", "Wert", "Einheit", "Norm"])
    book.active["XFD20000"] = 1
    content = io.BytesIO()
    book.save(content)
    receipt = mapped(RESULTS, "labor.xlsx", content.getvalue())
    assert dict(receipt.set_aside) == {"row-malformed": 1}


@pytest.mark.parametrize("content", [b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0 old", b"Nr;Tag"])
def test_what_is_no_workbook(mapped: Mapped, content: bytes) -> None:
    assert "cannot be read as a workbook" in mapped(RESULTS, "labor.xlsx", content).refused


def test_a_workbook_that_unpacks_to_too_much(
    mapped: Mapped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterdose.ingest.mapping.sheets.MAX_UNPACKED", 100)
    assert "unpacks to" in mapped(RESULTS, "labor.xlsx", workbook(["a"])).refused


def test_a_sheet_of_too_many_rows(mapped: Mapped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterdose.ingest.mapping.sheets.MAX_ROWS", 2)
    header = ["Nr", "Tag", "Test", "Wert", "Einheit", "Norm"]
    content = workbook(header, ["1"], ["2"])
    assert "has more than 2 rows" in mapped(RESULTS, "labor.xlsx", content).refused


@pytest.mark.parametrize("name", ["labor.xlsx", "labor.tsv"])
def test_what_needs_a_mapping_says_so(run: Run, name: str) -> None:
    assert "afterdose map FILE -o mapping.toml" in run.take(name, workbook(["a"])).refused


def test_a_text_in_a_format_of_its_own_needs_no_mapping(mapped: Mapped) -> None:
    assert mapped(RESULTS, "message.txt", oru(obx())).form == "hl7v2"
    assert mapped(RESULTS, "labor.txt", HEADER + "1;4.3.2024;THRO;5;G/l;\n").accepted == 1


# Files and mappings that do not fit -------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (HEADER.replace("Wert", "Value") + "1;4.3.2024;CREA;1;mg/dl;\n", "has no column Wert"),
        ("Nr;Nr;Tag\n1;2;3\n", "the header names Nr twice"),
        (";;;\n", "the header has 0 columns"),
        (HEADER.encode() + b"1;4.3.2024;CREA;1;\xb5g/dl;\n", "cannot be read as utf-8"),
        (HEADER + '1;4.3.2024;CREA;1;"mg/dl"x;\n', "cannot be read as utf-8 with a semicolon"),
    ],
)
def test_files_that_are_refused(mapped: Mapped, content: str | bytes, seen: str) -> None:
    assert seen in mapped(RESULTS, "labor.csv", content).refused


def test_a_table_too_large_is_refused(mapped: Mapped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("afterdose.ingest.mapping.sheets.MAX_BYTES", 10)
    receipt = mapped(RESULTS, "labor.csv", HEADER)
    assert "Permitted for a table by a mapping: 10" in receipt.refused


def test_a_header_that_is_not_there() -> None:
    with pytest.raises(UnreadableInputError, match="no row 9 with column names"):
        read_sheet("a.csv", b"a,b\n1,2\n", Layout(header_row=9))


@pytest.mark.parametrize(
    ("toml", "seen"),
    [
        ("table = ", "it is no TOML in UTF-8"),
        (b"\xff", "it is no TOML in UTF-8"),
        ("x = 1\n" + RESULTS, "'x' is not known; permitted: table, date"),
        ("header_row = 0\n" + RESULTS, "header_row must be a whole number"),
        ("encoding = 8\n" + RESULTS, "encoding must be a text"),
        (RESULTS + "[translate]\ndrug = 1\n", "[translate.FIELD] must hold texts"),
        (RESULTS.replace('THRO = "777-3"', "THRO = 777"), "[codes] must hold names and texts"),
        ("wide = [{}]\n" + RESULTS, "[[wide]] must name its column"),
        (RESULTS.replace('"results"', '"people"'), "table is 'people'; permitted: results,"),
        (RESULTS.replace('table = "results"', ""), "table is missing"),
        (RESULTS.replace("DD.MM.YYYY", "DD.MM.YY"), "date is 'DD.MM.YY'; permitted: YYYY"),
        (RESULTS.replace('decimal = ","', 'decimal = ";"'), "decimal is ';'; permitted: ., ,"),
        (RESULTS.replace("value =", "worth ="), "'worth' is no field of results"),
        (RESULTS.replace("value =", "worth ="), "value is missing"),
        (RESULTS.replace('assigner = "urn:clinic"', ""), "identifier with assigner, or person_id"),
        (RESULTS.replace('"urn:clinic"', '" "'), "assigner is empty"),
        (RESULTS.replace('provider = "North Lab"', 'code = "X"'), "code is both a column and a"),
        (RESULTS + '[[wide]]\ncolumn = "TSH"\n', "value is a column, and [[wide]] names"),
        (COURSES.replace("drug =", "dose2 ="), "drug is missing"),
        (COURSES.replace("dose =", "source ="), "'source' is no field of treatments"),
        (COURSES + '[units]\ndose = "mg"\n', "[units] is for results, and for brain_volume_ml"),
        (SCANS + '[units]\nbpf = "mm3"\n', "the unit of 'bpf' is 'mm3'; permitted: brain_vol"),
        (SCANS + '[units]\nbrain_volume_ml = "L"\n', "is 'L'; permitted: brain_volume_ml in mL"),
    ],
)
def test_mappings_that_cannot_be_used(toml: str | bytes, seen: str) -> None:
    with pytest.raises(UnreadableInputError) as caught:
        parse_mapping(toml if isinstance(toml, bytes) else toml.encode())
    assert seen in str(caught.value)
    assert "afterdose map FILE -o mapping.toml" in str(caught.value)


def test_a_mapping_too_large() -> None:
    with pytest.raises(UnreadableInputError, match="has more than"):
        parse_mapping(b"#" * 5_000_000)


def test_a_mapping_that_is_not_there(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInputError, match="cannot be opened"):
        ingest_files([], run.record, landed_on=LANDED_ON, mapping=tmp_path / "none.toml")


# Days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        ("4.3.2024", "DD.MM.YYYY", "2024-03-04"),
        ("20240304", "YYYYMMDD", "2024-03-04"),
        ("2024034", "YYYYMMDD", None),
        ("04-MAR-2024", "DD-MON-YYYY", "2024-03-04"),
        ("04-MRZ-2024", "DD-MON-YYYY", None),
        ("2024-03-04T08:30", "YYYY-MM-DDThh:mm", "2024-03-04T08:30:00"),
        ("4.3.2024 8:30", "DD.MM.YYYY hh:mm", "2024-03-04T08:30:00"),
        ("4.3.2024 25:30", "DD.MM.YYYY hh:mm", None),
        ("4.3.2024", "DD/MM/YYYY", None),
        ("٤.٣.٢٠٢٤", "DD.MM.YYYY", None),
    ],
)
def test_days_by_a_stated_format(text: str, written: str, found: str | None) -> None:
    assert to_iso(text, written) == found


@pytest.mark.parametrize(
    "text", ["DD.MM", "DD.MM.YY", "DD.DD.YYYY", "MM.MON.DD.YYYY", "YYYYMMDDss", "DD of MM YYYY", ""]
)
def test_formats_that_are_none(text: str) -> None:
    assert not is_format(text)
