"""What was set aside or matches nobody, as it stands on the worklist and in a person's story."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.ingest.conftest import PLATELETS, bundle, observation, obx, oru, patient, quantity

from afterdose.cli import afterdose, opening
from afterdose.cohort import switch
from afterdose.ingest import ingest_files, replay
from afterdose.record.errors import RecordError, UsageError

MORNING = ["--as-of", "2024-06-10"]
LANDED_ON = date(2024, 6, 1)
TREATMENTS = """\
person_id,drug,start_date,course_number,end_date
4711,alemtuzumab,2023-03-06,1,2023-03-10
dead,alemtuzumab,2023-03-06,1,2023-03-10
"""


def run(*arguments: str | Path | date) -> str:
    result = CliRunner().invoke(afterdose, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def listed(record: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("worklist", record, *MORNING, "--format", "json", *more))
    return found


def items(record: Path, person_id: str = "4711", *more: str) -> list[dict[str, Any]]:
    for entry in listed(record, *more)["entries"]:
        if entry["person_id"] == person_id:
            return list(entry["items"])
    return []


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A platelet count in an unknown unit and one without a monitored test, of one person."""
    sent = tmp_path / "sent"
    sent.mkdir()
    (sent / "treatments.csv").write_text(TREATMENTS)
    odd = observation(valueQuantity=quantity(12, "furlong"), effectiveDateTime="2024-05-20",
                      issued="2024-05-21T10:00:00Z")  # fmt: skip
    tsh = observation("3016-3", valueQuantity=quantity(2, "m[IU]/L"), id="o2",
                      effectiveDateTime="2023-03-01", issued="2023-03-02T10:00:00Z")  # fmt: skip
    (sent / "a.json").write_text(bundle(patient(), odd, observation("8302-2"), tsh))
    dead = observation(valueQuantity=quantity(12, "furlong"),
                       subject={"reference": "Patient/p9"})  # fmt: skip
    whose = [{"system": "x", "value": "dead"}]
    gone = patient(id="p9", identifier=whose, deceasedDateTime="2024-04-01")
    (sent / "b.json").write_text(bundle(gone, dead))
    folder = tmp_path / "record"
    ingest_files([sent], folder, landed_on=LANDED_ON)
    run("protocols", "approve", "alemtuzumab-eu", "--record", folder, "--by", "Dr Example")
    return folder


def test_a_set_aside_result_is_a_data_problem_of_its_person(record: Path) -> None:
    problem, *others = items(record)
    assert (problem["urgency"], problem["rule"]) == ("data problem", "set-aside")
    assert problem["why"] == "Platelets, unit not permitted: 2024-05-20"
    assert (problem["since"], problem["days"]) == ("2024-05-21", 20)
    (reason,) = problem["because"]
    assert reason["rows"][0].endswith(":/entry/1/resource]")
    assert "neither as done nor as normal" in reason["text"]
    assert problem["next"].startswith("Ask the laboratory which unit it means")
    # The test itself stays overdue.
    assert "Blood count" in [item["what"] for item in others if item["urgency"] == "overdue"]


def test_no_value_stands_in_it(record: Path) -> None:
    problem = items(record)[0]
    assert "12" not in json.dumps(problem)


def test_everybody_is_counted_as_ever(record: Path) -> None:
    found = listed(record)
    assert found["people"] == sum(found["standings"].values()) == 2
    assert found["standings"]["on the worklist"] == len(found["entries"])


def test_nobody_asks_after_the_dead(record: Path) -> None:
    assert items(record, "dead") == []


def test_before_it_reached_us_it_was_not_there(record: Path) -> None:
    earlier = json.loads(run("worklist", record, "--as-of", "2024-05-20", "--format", "json"))
    rules = [item["rule"] for entry in earlier["entries"] for item in entry["items"]]
    assert "set-aside" not in rules
    assert rules


def test_it_puts_somebody_on_the_list_for_whom_nothing_is_due(record: Path) -> None:
    """On the day before the course nothing else is asked of anybody."""
    as_of = ("--as-of", "2024-06-10")
    (record / "treatments.parquet").unlink()
    (record / "treatments.csv").write_text(
        "person_id,drug,start_date,course_number,end_date\n4711,alemtuzumab,2024-06-08,1,\n"
    )
    for protocol in ("before", "after"):
        found = json.loads(run("worklist", record, *as_of, "--format", "json"))
        entries = {entry["person_id"]: entry for entry in found["entries"]}
        if protocol == "before":
            assert entries["4711"]["items"][0]["rule"] == "set-aside"
            (record / "set_aside.csv").unlink()
    assert "set-aside" not in json.dumps(found)


@pytest.mark.parametrize("many_people", [0, 5_000])
def test_both_engines_list_it_alike(
    record: Path, monkeypatch: pytest.MonkeyPatch, many_people: int
) -> None:
    by_the_plain_code = listed(record)
    monkeypatch.setattr(opening, "MANY_PEOPLE", many_people)
    assert listed(record) == by_the_plain_code


def test_only_what_is_monitored_is_listed_and_the_story_names_the_rest(record: Path) -> None:
    (problem, *_) = items(record)
    assert "catalogue" not in problem["why"]
    story = " ".join(run("explain", record, "4711", *MORNING).split())
    assert "Set aside: in none of the answers here Platelets of 2024-05-20" in story
    assert "1 row: code not in catalogue" in story


def test_a_person_without_a_course_is_not_monitored(record: Path) -> None:
    (record / "treatments.parquet").unlink()
    (record / "treatments.csv").write_text(TREATMENTS.replace("4711,", "dead,"))
    assert items(record) == []


def test_once_it_can_be_read_it_is_a_result(record: Path, monkeypatch: Any) -> None:
    from tests.ingest.test_replay import with_unit

    with with_unit(monkeypatch, "furlong"):
        replay(record, on=LANDED_ON)
    rules = [item["rule"] for item in items(record)]
    assert "set-aside" not in rules
    assert any(rule.startswith("platelets-below") for rule in rules)


def test_the_command_reads_again(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.ingest.test_replay import with_unit

    assert "Set aside before: 3 rows of these files. Now: 3." in run(
        "ingest", "--replay", "--into", record
    )
    with with_unit(monkeypatch, "furlong"):
        shown = run("ingest", "--replay", "--into", record)
    assert "Receipt of a replay" in shown
    assert "Set aside before: 3 rows of these files. Now: 1." in shown


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Give files to read, or --replay and none"),
        (["--replay", "{file}"], "Give files to read, or --replay and none"),
        (["--replay", "--landed-on", "2024-01-01"], "takes none of"),
        (["--replay", "--known-people-only"], "takes none of"),
        (["--replay", "--mapping", "{file}"], "takes none of"),
    ],
)
def test_files_or_a_replay(record: Path, tmp_path: Path, words: list[str], says: str) -> None:
    file = str(tmp_path / "sent" / "a.json")
    words = [word.format(file=file) for word in words]
    found = CliRunner().invoke(afterdose, ["ingest", *words, "--into", str(record)])
    assert found.exit_code == 2
    assert says in found.stderr


# Looked at --------------------------------------------------------------------------------------


def settle(record: Path, *more: str) -> str:
    cited = items_cited(record)[0]
    return run("settle", record, cited, "--by", "Dr Example", "--why", "210 by telephone", *more)


def items_cited(record: Path) -> list[str]:
    with (record / "set_aside.csv").open(newline="", encoding="utf-8") as file:
        return [
            f"{row['file']}:{row['locator']}"
            for row in csv.DictReader(file)
            if (row["person_id"], row["analyte"]) == ("4711", "platelets")
        ]


def test_once_somebody_looked_it_leaves_the_list_and_stays_in_the_story(record: Path) -> None:
    assert settle(record, "--on", "2024-06-05").startswith("Settled: ")
    assert "set-aside" not in [item["rule"] for item in items(record)]
    story = " ".join(run("explain", record, "4711", *MORNING).split())
    assert "not permitted. Settled on 2024-06-05 by Dr Example: 210 by telephone" in story
    # On an earlier morning nobody had looked yet.
    earlier = json.loads(run("worklist", record, "--as-of", "2024-06-04", "--format", "json"))
    rules = [item["rule"] for entry in earlier["entries"] for item in entry["items"]]
    assert "set-aside" in rules


def test_it_can_be_opened_again(record: Path) -> None:
    settle(record, "--on", "2024-06-05")
    assert settle(record, "--on", "2024-06-06", "--reopen").startswith("Open again: ")
    assert items(record)[0]["rule"] == "set-aside"


def test_a_word_cut_short_is_not_said_at_all(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(record, "--on", "2024-06-05")
    before = (record / "settled.csv").read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(switch, "flush", full)
        with pytest.raises(RecordError, match="No space left on device"):
            settle(record, "--on", "2024-06-06", "--reopen")
    assert (record / "settled.csv").read_bytes() == before
    assert [path.name for path in record.glob(".*")] == []
    settle(record, "--on", "2024-06-06", "--reopen")
    assert len((record / "settled.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("times", "more", "says"),
    [(0, ["--reopen"], "open already"), (1, [], "settled already")],
)
def test_what_would_change_nothing_is_refused(
    record: Path, times: int, more: list[str], says: str
) -> None:
    for _ in range(times):
        settle(record)
    with pytest.raises(UsageError, match=says):
        settle(record, *more)


def test_only_a_row_set_aside_is_settled(record: Path) -> None:
    cited = items_cited(record)[0].partition(":")[0] + ":/entry/0/resource"
    with pytest.raises(UsageError, match="No row set aside"):
        run("settle", record, cited, "--by", "x", "--why", "y")


# Nobody's rows ----------------------------------------------------------------------------------


@pytest.fixture
def waiting(record: Path, tmp_path: Path) -> Path:
    path = tmp_path / "unknown.hl7"
    path.write_text(oru(PLATELETS, obx(f3="2160-0^^LN", f5="1", f6="mg/dL")))
    run("ingest", path, "--into", record, "--landed-on", LANDED_ON, "--known-people-only")
    return record


def test_rows_of_nobody_stand_at_the_foot_of_the_list(waiting: Path) -> None:
    assert listed(waiting)["unmatched"] == {"identifiers": 1, "rows": 3}
    shown = " ".join(run("worklist", waiting, *MORNING).split())
    assert "1 identifier matches nobody, and 3 rows wait to be matched" in shown
    found = CliRunner().invoke(afterdose, ["worklist", str(waiting), *MORNING, "--format", "csv"])
    assert "matches nobody" in found.stderr


def test_before_they_landed_they_did_not_wait(waiting: Path) -> None:
    shown = run("worklist", waiting, "--as-of", "2024-05-01")
    assert "matches nobody" not in shown
