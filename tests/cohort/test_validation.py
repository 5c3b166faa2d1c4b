"""Every problem says where, what was seen, what is permitted and what to do; never a value."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.cohort import (
    About,
    Cohort,
    Record,
    RecordWriter,
    read_record,
    validate_folder,
    write_record,
)
from afterdose.cohort.frames import empty_frame
from afterdose.cohort.validation import check_table
from afterdose.record.errors import (
    MissingTableError,
    RecordError,
    UnreadableInputError,
    UsageError,
)
from afterdose.record.tables import SPECS


def write(folder: Path, table: str, text: str) -> None:
    (folder / f"{table}.csv").write_text(text, encoding="utf-8")


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in validate_folder(folder).problems]


PROBLEMS = [
    (
        "people",
        "person_id,sex\np1,female\np2,Frau\n",
        "people.sex, row 2: 'Frau'. Permitted: female, male, other. Correct the code.",
    ),
    (
        "people",
        "person_id,birth_date\np1,1980\np2,1980-13\np3,1980-02-30\n",
        "people.birth_date, row 2, 3: something else. Permitted: a date written YYYY, YYYY-MM or "
        "YYYY-MM-DD. Correct the date.",
    ),
    (
        "people",
        "person_id\np1\np1\n",
        "people.person_id, row 1, 2: the same person twice. Permitted: one row a person. "
        "Join the rows.",
    ),
    (
        "people",
        "person_id,nickname\np1,x\n",
        "people.nickname: an unknown column. Permitted: person_id, sex, birth_date, ms_onset_date, "
        "ms_phenotype, death_date, death_cause, prior_autoimmunity, source. Rename or remove it.",
    ),
    (
        "treatments",
        "person_id,start_date\np1,2021-03-08\n",
        "treatments.drug: the column is missing. Permitted: the column, filled in every row. "
        "Add it.",
    ),
    (
        "treatments",
        "person_id,drug,start_date,end_date\np1,alemtuzumab,2021-03-08,2021-03-01\n",
        "treatments.end_date, row 1: a day before start_date. Permitted: start_date or later. "
        "Correct one of the two dates.",
    ),
    (
        "treatments",
        "person_id,drug,start_date\np1,Alemtuzumab,2021-03-08\n",
        "treatments.drug, row 1: a name with capital letters. Permitted: the generic name in lower "
        "case, as protocols write it. Write it in lower case.",
    ),
    (
        "treatments",
        "person_id,drug,start_date\np1,,2021-03-08\n",
        "treatments.drug, row 1: empty. Permitted: a value in every row. Fill it in.",
    ),
    (
        "treatments",
        "person_id,drug,start_date,course_number\np1,alemtuzumab,08.03.2021,first\n",
        "treatments.start_date, row 1: something else. Permitted: a day written YYYY-MM-DD. "
        "Correct the value or leave it empty.",
    ),
    (
        "assessments",
        "person_id,date,measure,value\np1,2021-03-08,edss,2.25\np1,2021-03-09,kfss_brainstem,1\n",
        "assessments.value, row 1: not an EDSS score. Permitted: 0 to 10 by 0.5. "
        "Correct the score.",
    ),
    (
        "labs",
        "person_id,specimen_date,received_date,analyte,value,unit\n"
        "p1,2021-03-08,2021-03-07,platelets,200,10*9/L\n",
        "labs.received_date, row 1: a day before specimen_date. Permitted: specimen_date or "
        "later. Correct one of the two dates.",
    ),
    (
        "labs",
        "person_id,specimen_date,received_date,analyte,value,unit\n"
        "p1,2021-03-08,2021-03-08,plts,200,10*9/L\n",
        "labs.analyte, row 1: 'plts'. Permitted: a name of the analyte catalogue. "
        "Correct the code.",
    ),
    (
        "labs",
        "person_id,specimen_date,received_date,analyte,value,unit\n"
        "p1,2021-03-08,2021-03-08,creatinine,1.1,mg/dL\n",
        "labs.unit, row 1: a unit that is not the analyte's canonical one. Permitted: the "
        "canonical unit of the analyte catalogue. Ingest the file, which converts units, or "
        "convert it yourself.",
    ),
    (
        "labs",
        "person_id,specimen_date,received_date,analyte,value,unit,ref_low,ref_high\n"
        "p1,2021-03-08,2021-03-08,platelets,200,10*9/L,400,150\n",
        "labs.ref_high, row 1: an upper limit below the lower one. Permitted: ref_low or more. "
        "Correct the range.",
    ),
    (
        "mri",
        "person_id,date,gd_lesions\np1,2021-03-08,-1\n",
        "mri.gd_lesions, row 1: a value outside its limits. Permitted: at least 0. "
        "Correct the value.",
    ),
    (
        "mri",
        "person_id,date,bpf\np1,2021-03-08,NaN\n",
        "mri.bpf, row 1: not a finite number. Permitted: a number. Correct the value.",
    ),
]


@pytest.mark.parametrize(("table", "text", "message"), PROBLEMS)
def test_wording(tmp_path: Path, table: str, text: str, message: str) -> None:
    write(tmp_path, table, text)
    assert message in problems(tmp_path)


def test_a_drug_outside_the_list_is_noted(tmp_path: Path) -> None:
    """Permitted, as no list is whole; but a slip in a name leaves somebody unfollowed."""
    write(tmp_path, "people", "person_id\np1\n")
    rows = "".join(f"p1,{drug},2021-03-08\n" for drug in ("rituximab", "alemtuzumb", "paint"))
    write(tmp_path, "treatments", f"person_id,drug,start_date\n{rows}")
    found = validate_folder(tmp_path)
    assert found.problems == ()
    assert [str(note) for note in found.notes] == [
        "treatments.drug, row 2: 'alemtuzumb'. Permitted: any drug, but of this one the list of "
        "drugs knows nothing; nearest: alemtuzumab, ofatumumab, daclizumab. No protocol follows "
        "it. Correct the name if another was meant.",
        "treatments.drug, row 3: 'paint'. Permitted: any drug, but of this one the list of drugs "
        "knows nothing. No protocol follows it. Correct the name if another was meant.",
    ]
    assert "No problem found.\n  Note on treatments.drug, row 2" in found.as_text()
    assert read_record(tmp_path).frames["treatments"].height == 3


def test_somebody_not_in_people(tmp_path: Path) -> None:
    write(tmp_path, "people", "person_id\np1\n")
    write(tmp_path, "relapses", "person_id,onset_date\np2,2021-03-08\n")
    assert problems(tmp_path) == [
        "relapses.person_id, row 1: somebody who is not in people. Permitted: a person_id of the "
        "table people. Add the person to people, or correct the identifier."
    ]


def test_refused_as_a_whole_by_default(tmp_path: Path) -> None:
    write(tmp_path, "people", "person_id,sex\np1,female\np2,x\n")
    with pytest.raises(RecordError, match="2 rows read, 1 accepted, 1 with problems"):
        read_record(tmp_path)


def test_quarantine(tmp_path: Path) -> None:
    write(tmp_path, "people", "person_id,sex\np1,female\np2,x\np3,y\n")
    quarantine = tmp_path.parent / "quarantine.csv"
    record = read_record(tmp_path, quarantine=quarantine)
    assert record.frames["people"]["person_id"].to_list() == ["p1"]
    aside = pl.read_csv(quarantine)
    assert aside["row"].to_list() == [2, 3]
    assert aside["reason"][0] == "sex: 'x'; permitted: female, male, other"
    assert '"person_id": "p2"' in aside["content"][0]


def test_structural_faults_cannot_be_set_aside(tmp_path: Path) -> None:
    write(tmp_path, "treatments", "person_id\np1\n")
    with pytest.raises(RecordError, match="treatments.drug: the column is missing"):
        read_record(tmp_path, quarantine=tmp_path.parent / "q.csv")


def test_a_question_that_lacks_a_table(tmp_path: Path) -> None:
    write(tmp_path, "assessments", "person_id,date,measure,value\np1,2021-01-01,edss,2\n")
    record = read_record(tmp_path)
    with pytest.raises(MissingTableError, match="needs the table relapses, which this"):
        record.require("assessments", "relapses", question="relapse-free disability")


@pytest.mark.parametrize(
    ("name", "error"),
    [("labz.csv", "'labz.csv' is not a table"), ("people.xlsx", "'people.xlsx' is not a table")],
)
def test_strangers(tmp_path: Path, name: str, error: str) -> None:
    (tmp_path / name).write_text("x")
    with pytest.raises(RecordError, match=error):
        read_record(tmp_path)


def test_a_table_that_is_there_twice(tmp_path: Path) -> None:
    write(tmp_path, "people", "person_id\np1\n")
    write_record(Record({"people": empty_frame(SPECS["people"])}), tmp_path.parent / "other")
    (tmp_path.parent / "other" / "people.parquet").rename(tmp_path / "people.parquet")
    with pytest.raises(RecordError, match="The table people is there twice"):
        read_record(tmp_path)


def test_no_record(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no record in this folder"):
        read_record(tmp_path)


def test_not_parquet(tmp_path: Path) -> None:
    (tmp_path / "people.parquet").write_bytes(b"not parquet")
    with pytest.raises(UnreadableInputError, match="people.parquet cannot be read as parquet"):
        read_record(tmp_path)


def test_about(tmp_path: Path) -> None:
    write(tmp_path, "people", "person_id\np1\n")
    (tmp_path / "about.json").write_text('{"simulated": true, "colour": "red"}')
    with pytest.raises(RecordError, match="about.json has keys colour"):
        read_record(tmp_path)
    (tmp_path / "about.json").write_text("{")
    with pytest.raises(RecordError, match="about.json is not JSON"):
        read_record(tmp_path)


@given(cells=st.lists(st.sampled_from(["", "1", "x", "sentinel-7f3a", "2021-03-08"]), min_size=6))
def test_counts_add_up_and_values_stay_private(cells: list[str]) -> None:
    """read = accepted + set aside, and no message shows what stood in a value column."""
    frame = pl.DataFrame(
        {
            "person_id": ["p1"] * len(cells),
            "date": cells,
            "measure": ["sdmt"] * len(cells),
            "value": list(reversed(cells)),
        }
    )
    check = check_table(SPECS["assessments"], frame, None)
    outcome = check.outcome
    assert outcome.read == len(cells) == outcome.accepted + outcome.set_aside
    assert check.accepted().height == outcome.accepted
    assert check.accepted().null_count().select("date", "value").row(0) == (0, 0)
    assert "sentinel" not in " ".join(map(str, outcome.problems))


def small_record() -> Record:
    people = pl.DataFrame(
        {"person_id": ["p2", "p1", "p3"], "birth_date": ["1980-02", "1975", None]}
    )
    labs = pl.DataFrame(
        {
            "person_id": ["p3", "p1", "p3", "p1"],
            "specimen_date": [date(2021, 3, day) for day in (9, 8, 2, 1)],
            "received_date": [date(2021, 3, 9)] * 4,
            "analyte": ["platelets"] * 4,
            "value": [1.0, 2.0, 3.0, 4.0],
            "unit": ["10*9/L"] * 4,
            "status": ["final"] * 4,
        }
    )
    frames = {"people": people, "labs": labs}
    return Record(
        {t: check_table(SPECS[t], f, None).frame for t, f in frames.items()}, About(title="small")
    )


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_round_trip(tmp_path: Path, file_format: str) -> None:
    record = small_record()
    write_record(record, tmp_path, file_format=file_format)
    again = read_record(tmp_path)
    assert again.about == record.about
    for table, frame in record.frames.items():
        assert again.frames[table].equals(frame)


def test_writing_again_replaces_the_other_form(tmp_path: Path) -> None:
    write_record(small_record(), tmp_path, file_format="csv")
    write_record(small_record(), tmp_path, file_format="parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "about.json",
        "labs.parquet",
        "people.parquet",
    ]


def test_parts(tmp_path: Path) -> None:
    record = small_record()
    with RecordWriter(tmp_path, About(simulated=True)) as writer:
        writer.write(record.frames)
        writer.write({"labs": record.frames["labs"]})
    again = read_record(tmp_path)
    assert again.about.simulated
    assert again.frames["labs"].height == 8
    part = tmp_path / "labs" / "part-00001.parquet"
    assert pl.read_parquet_metadata(part)["simulated"] == "true"
    with pytest.raises(UsageError, match="already holds a record"), RecordWriter(tmp_path, About()):
        pass


def test_cohort_runs() -> None:
    cohort = Cohort.of(small_record())
    assert cohort.person_ids == ["p1", "p2", "p3"]
    assert cohort.offsets["labs"].tolist() == [0, 2, 2, 4]
    assert cohort.run("labs", 2)["value"].to_list() == [3.0, 1.0]
    histories = list(cohort.histories())
    assert [len(history.labs) for history in histories] == [2, 0, 2]
    assert histories[0].labs[0].value == 4.0
    assert histories[0].person.birth_date == "1975"
    assert "mri" in histories[0].absent
    assert "labs" not in histories[0].absent
    (only,) = cohort.histories(["p3"])
    assert only.person.person_id == "p3"
    assert [lab.value for lab in only.labs] == [3.0, 1.0]
    with pytest.raises(UsageError, match="1 of the people asked for"):
        list(cohort.histories(["p9"]))


def test_people_need_no_table_of_their_own() -> None:
    record = small_record()
    del record.frames["people"]
    cohort = Cohort.of(record)
    assert cohort.person_ids == ["p1", "p3"]
    assert next(cohort.histories()).person.sex is None


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 28)), max_size=60))
def test_runs_are_sorted_and_complete(rows: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(
        {
            "person_id": [f"p{person}" for person, _ in rows],
            "onset_date": [date(2021, 3, day) for _, day in rows],
        },
        schema={"person_id": pl.String, "onset_date": pl.Date},
    )
    record = Record({"relapses": check_table(SPECS["relapses"], frame, None).frame})
    cohort = Cohort.of(record)
    seen = []
    for place, person_id in enumerate(cohort.person_ids):
        run = cohort.run("relapses", place)
        assert run["person_id"].unique().to_list() == [person_id]
        assert run["onset_date"].is_sorted()
        seen += run["onset_date"].to_list()
    assert sorted(seen) == sorted(frame["onset_date"].to_list())


def test_a_result_without_a_status_is_final(tmp_path: Path) -> None:
    """The specification's default fills an empty cell, and a column that is not there."""
    text = "person_id,specimen_date,received_date,analyte,value,unit"
    row = "p1,2021-03-08,2021-03-08,platelets,200,10*9/L"
    write(tmp_path, "labs", f"{text}\n{row}\n")
    assert read_record(tmp_path).frames["labs"]["status"].to_list() == ["final"]
    write(tmp_path, "labs", f"{text},status\n{row},\n{row},preliminary\n")
    assert read_record(tmp_path).frames["labs"]["status"].to_list() == ["final", "preliminary"]
