"""Every row of every table says where it came from, and the place can be looked at."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.ingest import test_fhir_entries as fhir
from tests.ingest.conftest import LANDED_ON, PLATELETS, Run, bundle, observation, oru, patient
from tests.ingest.test_matching import DECIDED_ON, NORTH
from tests.ingest.test_omop import CONCEPTS, CONDITION, EXPOSURE, PERIOD, PERSON, SOURCE, as_csv
from tests.ingest.test_volumetry import ASEG, SIENA, SIENAX

from afterdose.cohort import Record, read_record, validate_folder, write_record
from afterdose.cohort.frames import schema_of
from afterdose.ingest import ingest_files, replay
from afterdose.ingest.excerpts import excerpt_of
from afterdose.ingest.kept import kept_files
from afterdose.ingest.matching import join, split
from afterdose.ingest.provenance import Origins, trace
from afterdose.ingest.versions import mapping_version
from afterdose.record.cited import each_source
from afterdose.record.tables import SPECS
from afterdose.simulate import simulate_cohort

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-laboratories"
HERE = "https://hospital.example/mrn"
EDSS = """
table = "assessments"
[columns]
person_id = "who"
date = "visit"
value = "edss"
[constants]
measure = "edss"
"""


def rows_of(run: Run) -> list[tuple[str, str]]:
    """Every row's table and source."""
    return [(table, row["source"]) for table in SPECS for row in run.table(table)]


def follow(run: Run, *, but: str = "") -> dict[str, int]:
    """Every source of every row leads to characters of a file that landed; rows by table."""
    files = {kept.short: kept for kept in kept_files(run.record)}
    count: dict[str, int] = {}
    shown: dict[str, str | None] = {}
    for table, source in rows_of(run):
        if table == but:
            continue
        count[table] = count.get(table, 0) + 1
        assert each_source(source), table
        for one in each_source(source):
            short, _, locator = one.partition(":")
            if one not in shown:
                shown[one] = excerpt_of(files[short].path, files[short].name, locator)
            assert shown[one], f"{table}: {one}"
    return count


# Every reader -----------------------------------------------------------------------------------


def test_fhir(run: Run) -> None:
    resources = (
        *(patient(), observation(), fhir.statement(), fhir.condition(), fhir.adverse_event()),
        *(fhir.administration(f"2020-03-0{day}") for day in (2, 3, 4)),
    )
    run.take("a.json", bundle(*resources))
    assert follow(run) == {"people": 1, "labs": 1, "treatments": 2, "events": 2}
    (course,) = (row for row in run.table("treatments") if row["drug"] == "alemtuzumab")
    shown = trace(run.record, course["source"]).original
    assert shown is not None
    assert "2020-03-02" in shown
    assert "2020-03-04" in shown


def test_the_example_of_three_laboratories_and_its_tables(run: Run) -> None:
    run.ingest(EXAMPLE)
    assert follow(run).keys() == {
        "people", "treatments", "labs", "assessments", "relapses", "owners",
    }  # fmt: skip
    (person,) = run.table("people")
    files = {one.file for one in Origins(run.record).of(person["source"])}
    assert "people.csv" in files


def test_omop(run: Run, tmp_path: Path) -> None:
    rows = {
        "cdm_source": [SOURCE], "concept": CONCEPTS, "person": [PERSON],
        "drug_exposure": [EXPOSURE], "condition_occurrence": [CONDITION],
        "observation_period": [PERIOD],
    }  # fmt: skip
    for name, table in rows.items():
        run.file(f"cdm/{name}.csv", as_csv(*table))
    run.ingest(tmp_path / "cdm")
    assert follow(run) == {"people": 1, "treatments": 1, "events": 1, "follow_up": 1}


def test_reports_of_brain_volumetry(run: Run) -> None:
    for name, content in (("report.siena", SIENA), ("b.sienax", SIENAX), ("aseg.stats", ASEG)):
        run.file(f"scans/{name}", content)
    listing = run.file(
        "scans/scans.csv",
        "file,person_id,date,since_date\nreport.siena,p1,2023-03-01,2022-03-01\n"
        "b.sienax,p1,2024-03-04,\naseg.stats,p1,2024-03-04,\n",
    )
    run.ingest(listing)
    assert follow(run) == {"people": 1, "mri": 4}


def test_a_mapped_table_cites_the_mapping_too(run: Run) -> None:
    toml = run.file("edss.toml", EDSS)
    visits = run.file("visits.csv", "who,visit,edss\np1,2024-03-04,3.5\n")
    ingest_files([visits], run.record, landed_on=LANDED_ON, mapping=toml)
    assert follow(run) == {"people": 1, "assessments": 1}
    (row,) = run.table("assessments")
    (origin,) = Origins(run.record).of(row["source"])
    assert (origin.file, origin.landed_on, origin.mapping) == (
        "visits.csv", LANDED_ON, mapping_version(),
    )  # fmt: skip
    version = origin.locator.removeprefix("row 2, mapping ")
    assert any(path.name.startswith(version) for path in (run.record / "landed").iterdir())


def test_every_table_of_a_record_handed_in(run: Run, tmp_path: Path) -> None:
    write_record(simulate_cohort(people=20, seed=5), tmp_path / "tables", file_format="csv")
    (tmp_path / "tables" / "about.json").unlink()
    small = read_record(tmp_path / "tables").frames
    small["labs"] = small["labs"].head(30)
    write_record(Record(small), tmp_path / "few", file_format="csv")
    run.ingest(*(path for path in (tmp_path / "few").glob("*.csv")))
    assert follow(run).keys() == set(SPECS)
    assert validate_folder(run.record).problems == ()


def test_published_samples(samples: Path, run: Run) -> None:
    """Every table but results, which `test_provenance` follows."""
    run.ingest(samples / "fhir", samples / "hl7v2", *sorted((samples / "ccda").iterdir()))
    assert follow(run, but="labs").keys() == {"people", "events"}
    landed = {kept.short for kept in kept_files(run.record)}
    assert {lab["source"].partition(":")[0] for lab in run.labs} <= landed


# People -----------------------------------------------------------------------------------------


def test_a_person_cites_every_file_that_added_something(run: Run) -> None:
    run.take("identities.csv", f"person_id,assigner,identifier\nada,{HERE},4711\n")
    first = run.take("a.json", bundle(patient(birthDate=None)))
    run.take("b.json", bundle(patient(birthDate=None, name=[])))  # the same facts again
    third = run.take("people.csv", "person_id,birth_date,death_cause\nada,1988,Accident\n")
    (person,) = run.table("people")
    assert person["source"] == (f"{first.sha256[:12]}:/entry/0/resource; {third.sha256[:12]}:row 1")
    for source in each_source(person["source"]):
        assert [row.table for row in trace(run.record, source).rows] == ["people"]


def test_whoever_is_only_spoken_of_cites_the_first_row(run: Run) -> None:
    receipt = run.take("relapses.csv", "person_id,onset_date\np1,2021-05-01\np1,2022-05-01\n")
    assert [row["source"] for row in run.table("people")] == [f"{receipt.sha256[:12]}:row 1"]


def test_what_a_split_takes_back_is_cited_no_more(run: Run) -> None:
    """Sex and birth date came with the laboratory's number; nobody knows whose they are now."""
    own = run.take("people.csv", "person_id,ms_phenotype\np1,rrms\n")
    run.take("identities.csv", "person_id,assigner,identifier\np1,North Lab/PATNO,88-2301\n")
    run.take("a.hl7", oru(PLATELETS))
    (person,) = run.table("people")
    assert len(each_source(person["source"])) == 2
    split(run.record, NORTH, by="Dr Example", on=DECIDED_ON)
    (person,) = run.table("people")
    assert (person["sex"], person["source"]) == (None, f"{own.sha256[:12]}:row 1")
    join(run.record, "p1", NORTH, by="Dr Example", on=DECIDED_ON)
    assert len(each_source(run.table("people")[0]["source"])) == 2


# The same again ---------------------------------------------------------------------------------


def test_a_fact_told_again_by_another_file_is_a_duplicate_and_the_first_is_cited(run: Run) -> None:
    first = run.take("a/relapses.csv", "person_id,onset_date\np1,2021-05-01\n")
    again = run.take("b/relapses.csv", "onset_date,person_id\n2021-05-01,p1\n")
    assert (again.accepted, again.duplicates) == (0, 1)
    (row,) = run.table("relapses")
    assert row["source"] == f"{first.sha256[:12]}:row 1"


def test_a_course_whose_doses_came_in_two_files_cites_both_in_any_order(run: Run) -> None:
    run.take("people.csv", "person_id\n4711\n")
    run.take("b.json", bundle(patient(), fhir.administration("2020-03-03", id="two")))
    run.take("a.json", bundle(patient(), fhir.administration("2020-03-02", id="one")))
    follow(run)
    (course,) = run.table("treatments")
    assert str(course["end_date"]) == "2020-03-03"
    files = [one.file for one in Origins(run.record).of(course["source"])]
    assert files == ["a.json", "b.json"]


def test_a_source_of_its_own_is_kept(run: Run) -> None:
    run.take("relapses.csv", "person_id,onset_date,source\np1,2021-05-01,from a register\n")
    assert run.table("relapses")[0]["source"] == "from a register"
    assert Origins(run.record).of("from a register") == []


def test_a_mapping_read_anew_takes_its_rows_out_and_cites_itself(run: Run) -> None:
    visits = run.file("visits.csv", "who,visit,edss\np1,2024-03-04,3.5\n")
    for name, mapping in (("one.toml", EDSS), ("two.toml", f"{EDSS}# read again\n")):
        toml = run.file(name, mapping)
        ingest_files([visits], run.record, landed_on=LANDED_ON, mapping=toml)
    (row,) = run.table("assessments")
    assert row["source"].endswith(f", mapping {_version(run, 'two.toml')}")


def _version(run: Run, name: str) -> str:
    from afterdose.ingest.mapping import read_mapping

    return read_mapping(run.record.parent / name).version


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_record_made_before_rows_cited_anything(run: Run, form: str) -> None:
    """It stays valid; reading its files again says where its rows came from and adds nothing."""
    run.take("relapses.csv", "person_id,onset_date\np1,2021-05-01\n")
    run.take("people.csv", "person_id,sex\np1,female\n")
    cited = {table: run.table(table) for table in ("people", "relapses")}
    for table in cited:
        path = run.record / f"{table}.parquet"
        frame = pl.read_parquet(path).drop("source")
        path.unlink()
        older = run.record / f"{table}.{form}"
        frame.write_parquet(older) if form == "parquet" else frame.write_csv(older)
    assert validate_folder(run.record).problems == ()
    assert read_record(run.record).frames["relapses"]["source"].to_list() == [None]
    receipt = replay(run.record, on=date(2025, 1, 1), everything=True)
    assert [file.accepted for file in receipt.files] == [0, 0]
    assert run.table("relapses") == cited["relapses"]
    (person,) = run.table("people")
    assert each_source(person["source"])[0] in each_source(cited["people"][0]["source"])


def test_every_table_ends_with_its_source() -> None:
    for spec in SPECS.values():
        assert list(schema_of(spec))[-1] == "source"
        assert spec.row._field_defaults["source"] is None
