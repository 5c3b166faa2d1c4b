"""The worklist and the story as a nurse reads them, on small records written by hand."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from afterdose.cli import afterdose

MORNING = ["--as-of", "2024-01-05"]
PEOPLE = ("beside", "conf", "graver", "longer", "rituximab", "two")
TREATMENTS = """\
person_id,drug,start_date,course_number,end_date
beside,alemtuzumab,2021-03-08,1,2021-03-12
beside,rituximab,2023-06-01,,
conf,alemtuzumab,2021-03-08,1,2021-03-12
graver,alemtuzumab,2021-03-08,1,2021-03-12
longer,alemtuzumab,2021-03-08,1,2021-03-12
rituximab,rituximab,2023-06-01,,
two,alemtuzumab,2021-03-08,1,2021-03-12
two,ocrelizumab,2023-06-01,,
"""
LABS = """\
person_id,specimen_date,received_date,analyte,value,comparator,unit,status
conf,2023-12-20,2023-12-20,platelets,84,,10*9/L,final
conf,2023-12-27,2023-12-27,platelets,80,,10*9/L,final
graver,2024-01-02,2024-01-02,platelets,5,<,10*9/L,final
longer,2023-11-01,2023-11-01,platelets,80,,10*9/L,final
two,2024-01-01,2024-01-01,neutrophils,0.4,,10*9/L,final
"""


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(afterdose, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nurse") / "record"
    folder.mkdir()
    people = "person_id,sex\n" + "".join(f"{name},male\n" for name in PEOPLE)
    for table, text in (("people", people), ("treatments", TREATMENTS), ("labs", LABS)):
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    for protocol in ("alemtuzumab-eu", "ocrelizumab-eu"):
        run("protocols", "approve", protocol, "--record", folder, "--by", "Dr Example")
    return folder


def test_people_on_a_drug_without_a_protocol_are_listed_by_name(record: Path) -> None:
    shown = words(run("worklist", record, *MORNING))
    assert "2 people are on a drug that no approved protocol covers" in shown
    assert "worklist RECORD --standing uncovered" in shown
    named = ("worklist", record, *MORNING, "--standing", "uncovered")
    assert "rituximab" in run(*named)
    rows = list(csv.DictReader(io.StringIO(run(*named, "--format", "csv"))))
    assert [(row["person_id"], row["standing"], row["uncovered_drugs"]) for row in rows] == [
        ("beside", "on the worklist", "rituximab"),
        ("rituximab", "on a drug that no approved protocol covers", "rituximab"),
    ]
    found = json.loads(run(*named, "--format", "json"))
    assert found["by_name"] == found["uncovered"]
    assert {one["person_id"] for one in found["uncovered"]} == {"beside", "rituximab"}


def test_everybody(record: Path) -> None:
    rows = run("worklist", record, *MORNING, "--everybody", "--format", "csv").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == list(PEOPLE)


def test_the_graver_stands_above_who_waits_longer(record: Path) -> None:
    found = json.loads(run("worklist", record, *MORNING, "--format", "json"))
    urgent = [e["person_id"] for e in found["entries"] if e["items"][0]["urgency"] == "act today"]
    # Platelets below 5 have waited a day; those of 80 weeks, and of two with 80 one longer.
    assert urgent[0] == "graver"
    assert urgent.index("longer") < urgent.index("conf")


def test_a_confirmed_finding_says_what_comes_next(record: Path) -> None:
    shown = words(run("worklist", record, *MORNING, "--person", "conf"))
    assert "confirmed" in shown
    assert "Next:" in shown


def test_one_finding_of_two_drugs_is_one_line(record: Path) -> None:
    (entry,) = json.loads(run("worklist", record, *MORNING, "--person", "two", "--format", "json"))[
        "entries"
    ]
    urgent = [item for item in entry["items"] if item["urgency"] == "act today"]
    (finding,) = (item for item in urgent if item["what"] == "Neutrophils below 0.5")
    assert [other["drug"] for other in finding["also"]] == ["ocrelizumab"]
    shown = words(run("worklist", record, *MORNING, "--person", "two"))
    assert "alemtuzumab: none since the first infusion" in shown
    assert "and with it" in shown


def test_the_story_lists_every_treatment(record: Path) -> None:
    story = words(run("explain", record, "rituximab", *MORNING))
    assert "rituximab: 2023-06-01 to (no last day recorded). No approved protocol" in story
    story = words(run("explain", record, "two", *MORNING))
    assert "Taken since 2023-06-01, going on: no last dose is recorded" in story
    assert "Closed by the first later result that does not meet it." in story


def test_without_treatments_nobody_is_untreated(record: Path, tmp_path: Path) -> None:
    for name in ("people.csv", "labs.csv", "approvals.csv"):
        (tmp_path / name).write_bytes((record / name).read_bytes())
    shown = words(run("worklist", tmp_path, *MORNING))
    assert "6 treatments not recorded for anybody" in shown
    assert "What people are treated with (no table treatments)" in shown


def test_a_data_problem_stands_at_the_top_of_the_story(record: Path, tmp_path: Path) -> None:
    for path in record.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "people.csv").write_text(
        "person_id,sex,birth_date\n" + "".join(f"{name},male,2023-12-31\n" for name in PEOPLE),
        encoding="utf-8",
    )
    story = run("explain", tmp_path, "rituximab", *MORNING)
    assert story.index("Data problem") < story.index("The person")
    assert "a treatment from before birth" in story
