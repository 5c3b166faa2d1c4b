"""From a number read off the page to people and rows, as a user types it."""

import csv
import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afterdose.cli import afterdose
from afterdose.cohort import Cohort, Record, read_record, write_record
from afterdose.ingest.excerpts import excerpt
from afterdose.ingest.provenance import Origins
from afterdose.ingest.versions import mapping_version
from afterdose.record.errors import AfterdoseError, UsageError
from afterdose.study import build_report
from afterdose.study.identifiers import number_ids
from afterdose.study.report_file import read_report_json
from afterdose.study.row_words import show_row
from afterdose.study.tracing import trace_number


def run(*arguments: str | Path) -> Result:
    """Run a command in this process; an error of ours is returned, not raised."""
    result = CliRunner().invoke(afterdose, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit | AfterdoseError):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a simulated record and the report made from it."""
    home = tmp_path_factory.mktemp("home")
    record = home / "record"
    assert run("simulate", "--people", "20", "--seed", "3", "--into", record).exit_code == 0
    run("protocols", "approve", "alemtuzumab-eu", "--record", record, "--by", "Dr E")
    done = run("report", record, "-o", home / "report.html")
    assert done.exit_code == 0
    assert f"For machines, and for `afterdose trace`, written to {home / 'report.json'}." in (
        done.output
    )
    return home


@pytest.fixture(scope="module")
def held(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / "report.json").read_text(encoding="utf-8"))
    return found


def refusal(result: Result) -> str:
    assert isinstance(result.exception, UsageError)
    return str(result.exception)


def changed(home: Path, target: Path, text: str, other: str) -> Path:
    """The report with something else in it."""
    found = (home / "report.json").read_text(encoding="utf-8")
    assert text in found
    target.write_text(found.replace(text, other), encoding="utf-8")
    return target


def test_a_number_read_off_the_page(home: Path) -> None:
    """What it is, how it is defined, who counted, and the rows; the record is found beside it."""
    result = run("trace", home / "report.json", "c1.E3")
    assert result.exit_code == 0
    assert result.stderr.strip() == ""
    output = result.output
    assert output.startswith("SIMULATED DATA: nobody in it exists.\nc1.E3")
    assert "row 3, column Rate a year." in output
    assert "per patient-year; 95 % interval" in output
    assert "relapse-rate: Relapses with onset on a day under observation" in output
    assert "year 3: 1 relapse" in output
    assert "confirmed=yes" in output
    assert "--not-counted shows those asked who did not count, too." in output


def test_those_who_did_not_count_and_how_many_are_left(home: Path) -> None:
    output = run(
        "trace", home / "report.json", "d1.C1", "--not-counted", "--limit", 1
    ).output  # fmt: skip
    assert "Counted" in output
    assert " more; --limit 0 shows all, --csv FILE writes all." in output
    everybody = run("trace", home / "report.json", "c1.B1", "--limit", 0).output
    assert " more; " not in everybody


def test_people_and_rows_as_a_file(home: Path, tmp_path: Path) -> None:
    """A row a person, answer and row; the relapses in it make the number."""
    file = tmp_path / "new" / "behind.csv"
    done = run("trace", home / "report.json", "c.relapse-rate-year-1", "--csv", file)
    assert f"counted; written to {file}." in done.output
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.DictReader(content))
    relapses = [row for row in rows if row["table"] == "relapses"]
    report = json.loads((home / "report.json").read_text(encoding="utf-8"))
    (number,) = [
        one for section in report["sections"] for one in section["estimates"]
        if one["id"] == "c.relapse-rate-year-1"
    ]  # fmt: skip
    assert len(relapses) == number["numerator"]
    assert len({row["person_id"] for row in rows}) == number["behind"]["counted"]
    assert {row["definition"] for row in rows} == {"relapse-rate"}
    assert {row["counted"] for row in rows} == {"yes"}


def test_somebody_without_a_row_has_a_line(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "behind.csv"
    run("trace", home / "report.json", "c1.E1", "--not-counted", "--csv", file)
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.DictReader(content))
    assert {row["table"] for row in rows if row["counted"] == "no"} == {""}
    assert {row["counted"] for row in rows} == {"yes", "no"}


def test_completeness_of_monitoring(home: Path) -> None:
    """Each result that satisfied a test, with the laboratory it came from."""
    output = run("trace", home / "report.json", "monitoring1.D1", "--limit", 1).output
    assert "Completeness by check: row Blood count, column Done in window." in output
    assert "longest gap" in " ".join(output.split())
    assert "Laboratory" in output


def test_a_number_that_rests_on_no_row(home: Path) -> None:
    result = run("trace", home / "report.json", "flow1.B2")
    assert result.exit_code == 0
    assert "It rests on no treated person's rows" in " ".join(result.output.split())


def test_an_id_the_report_does_not_have(home: Path) -> None:
    message = refusal(run("trace", home / "report.json", "c1.E33"))
    assert message.startswith("The report has no number 'c1.E33'. It has ")
    assert "; nearest: c1.E3" in message


def test_the_record_may_lie_elsewhere_and_be_csv(home: Path, tmp_path: Path) -> None:
    """Told by its values: neither the folder nor the format matters."""
    report = shutil.copy(home / "report.json", tmp_path / "far.json")
    message = refusal(run("trace", report, "c1.E3"))
    assert message.startswith("No record that could be the report's lies near far.json.")
    other = tmp_path / "as csv"
    write_record(read_record(home / "record"), other, file_format="csv")
    named = run("trace", report, "c1.E3", "--record", other)
    found = run("trace", report, "c1.E3")
    assert named.output == found.output == run("trace", home / "report.json", "c1.E3").output


def test_another_record_is_refused_by_table(home: Path, tmp_path: Path) -> None:
    """A new scan does not touch the values of other tables, but is no longer that record."""
    record = read_record(home / "record")
    record.frames["mri"] = record.frames["mri"].slice(1)
    write_record(record, tmp_path / "later")
    message = refusal(
        run("trace", home / "report.json", "c1.E3", "--record", tmp_path / "later")
    )  # fmt: skip
    assert "The record is not the one the report was made from: mri differs." in message


def test_a_new_laboratory_result_matters_only_to_monitoring(home: Path, tmp_path: Path) -> None:
    record = read_record(home / "record")
    record.frames["labs"] = record.frames["labs"].slice(1)
    write_record(record, tmp_path / "later")
    run("protocols", "approve", "alemtuzumab-eu", "--record", tmp_path / "later", "--by", "Dr E")
    options = (home / "report.json", "--record", tmp_path / "later")
    assert run("trace", *options, "c1.E3").exit_code == 0
    assert ": labs differs." in refusal(run("trace", *options, "monitoring1.D1"))


def test_other_code_is_said_and_other_definitions_are_refused(
    home: Path, held: dict[str, object], tmp_path: Path
) -> None:
    code = held["code"]["sha256"]  # type: ignore[index]
    options = ("c1.E3", "--record", home / "record")
    older = changed(home, tmp_path / "older.json", code, "0" * 64)
    warned = run("trace", older, *options)
    assert warned.exit_code == 0
    assert warned.stderr.strip().startswith("The report was made by other code of Afterdose than")
    definitions = {one["id"]: one["sha256"] for one in held["definitions"]}  # type: ignore[attr-defined]
    other = changed(home, tmp_path / "other.json", definitions["relapse-rate"], "0" * 64)
    assert "other definitions of relapse-rate than" in refusal(run("trace", other, *options))


def test_a_number_that_comes_out_otherwise_is_refused(home: Path, tmp_path: Path) -> None:
    caption = "Relapses by year after the first course"
    other = changed(home, tmp_path / "other.json", caption, "Relapses")
    message = refusal(run("trace", other, "c1.E3", "--record", home / "record"))
    assert "makes another number of c1.E3 than the report says" in message


def test_another_protocol_is_refused(home: Path, held: dict[str, object], tmp_path: Path) -> None:
    (protocol,) = held["protocols"]  # type: ignore[misc]
    other = changed(home, tmp_path / "other.json", protocol["sha256"], "0" * 64)
    message = refusal(run("trace", other, "monitoring1.D1", "--record", home / "record"))
    assert "Completeness was measured by the protocol alemtuzumab-eu, and no protocol" in message


def test_page_and_file_for_machines_are_two_files(home: Path) -> None:
    message = refusal(run("report", home / "record", "-o", home / "report.json"))
    assert "--output and --json both name report.json. Permitted: a file each" in message


def test_the_file_for_machines_may_be_named(home: Path, tmp_path: Path) -> None:
    """The same record makes the same bytes, whatever the files are called."""
    named = tmp_path / "numbers.json"
    run("report", home / "record", "-o", tmp_path / "page.html", "--json", named)
    assert named.read_bytes() == (home / "report.json").read_bytes()
    assert not (tmp_path / "page.json").exists()


# To the file ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record whose tables were ingested as files, and the report made from it."""
    home = tmp_path_factory.mktemp("landed")
    run("simulate", "--people", "60", "--seed", "8", "--into", home / "simulated")
    frames = read_record(home / "simulated").frames
    del frames["labs"]
    write_record(Record(frames), home / "tables", file_format="csv")
    (home / "tables" / "about.json").unlink()
    record = home / "record"
    done = run("ingest", home / "tables", "--into", record, "--landed-on", "2024-06-01")
    assert done.exit_code == 0, done.output
    assert run("report", record, "-o", home / "report.html").exit_code == 0
    return home


def test_every_kind_of_number_ends_at_files_and_positions(landed: Path) -> None:
    """Relapses, retreatment, EDSS, MRI, events, deaths: a row's position holds that very row."""
    cohort = Cohort.of(read_record(landed / "record"))
    written = read_report_json(landed / "report.json")
    report = build_report(cohort, as_of=written.as_of)
    by_outcome = {
        place.number.behind.outcome: place
        for place in number_ids(report).values()
        if place.number.behind is not None
    }
    assert by_outcome.keys() >= {
        "relapses", "retreatment", "courses", "edss", "cdw", "mri", "death", "observation",
        "volume-yearly.bpf", "autoimmune.thyroid", "events.infection", "earlier-autoimmunity",
    }  # fmt: skip
    origins, seen = Origins(landed / "record"), set()
    for place in by_outcome.values():
        found = trace_number(cohort, report, place, not_counted=True, limit=15)
        assert found is not None
        for person in found.people:
            for row in {row for told in person.told for row in told.because.rows}:
                shown = show_row(row)
                seen.add(shown.table)
                first = origins.of(shown.source)[0]
                assert first.file == f"{shown.table}.csv"
                assert (str(first.landed_on), first.mapping) == ("2024-06-01", mapping_version())
                content = (landed / "record" / "landed" / first.sha256).read_bytes()
                original = excerpt(content, first.locator)
                assert original is not None
                assert person.person_id in original
                assert shown.day in original
    assert seen == {
        "people", "treatments", "relapses", "assessments", "mri", "events", "follow_up",
    }  # fmt: skip


def test_the_files_are_named_on_the_terminal(landed: Path, tmp_path: Path) -> None:
    output = " ".join(run("trace", landed / "report.json", "c1.E1").output.split())
    file = tmp_path / "behind.csv"
    run("trace", landed / "report.json", "c1.E1", "--csv", file)
    with file.open(encoding="utf-8", newline="") as content:
        row = next(row for row in csv.DictReader(content) if row["table"] == "relapses")
    assert (row["file"], row["landed_on"], row["mapping"]) == (
        "relapses.csv", "2024-06-01", mapping_version(),
    )  # fmt: skip
    assert "relapses.csv, landed on 2024-06-01, codes and units " in output
    assert row["sha256"] == (
        hashlib.sha256((landed / "tables" / "relapses.csv").read_bytes()).hexdigest()
    )
    assert f"[{row['sha256'][:12]}]" in output
    shown = run("source", landed / "record", row["source"]).output
    assert f"In the record  relapses: person_id {row['person_id']}" in shown
