"""The command line, end to end, as a user types it."""

import csv
import io
import json
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from afterdose.cli import afterdose
from afterdose.record.errors import AfterdoseError

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "three-laboratories"
MORNING = ["--as-of", "2023-11-08"]


def run(*arguments: str | Path) -> Result:
    """Run a command in this process; an error of ours is returned, not raised."""
    result = CliRunner().invoke(afterdose, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit | AfterdoseError):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def alex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional person's record, with an approved protocol."""
    record = tmp_path_factory.mktemp("alex") / "record"
    assert run("ingest", EXAMPLE, "--into", record, "--landed-on", "2023-11-08").exit_code == 0
    approved = run("protocols", "approve", "alemtuzumab-eu", "--record", record, "--by", "Dr E")
    assert approved.exit_code == 0
    return record


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated record."""
    record = tmp_path_factory.mktemp("cohort") / "record"
    assert run("simulate", "--people", "60", "--into", record).exit_code == 0
    run("protocols", "approve", "alemtuzumab-eu", "--record", record, "--by", "Dr E")
    return record


def test_help_answers_within_a_moment() -> None:
    """0.3 s on an idle machine; the best of five, since tests share theirs."""
    command = Path(sys.executable).with_name("afterdose")
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([command, "--help"], check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.3


@pytest.mark.parametrize("command", sorted(afterdose.list_commands(None)))
def test_every_command_has_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_the_example_counts_every_row(alex: Path) -> None:
    (receipt,) = (alex / "receipts").glob("*.json")
    totals = json.loads(receipt.read_text())["totals"]
    assert totals["rows"] == totals["accepted"] + totals["duplicates"] + totals["set_aside"]
    assert totals["refused"] == 0
    with (alex / "set_aside.csv").open() as file:
        reasons = sorted(row["reason"] for row in csv.DictReader(file))
    # A body weight, platelets under the code of their morphology, a comment, an unknown unit.
    assert reasons == [
        "code-not-in-catalogue",
        "code-not-in-catalogue",
        "code-not-loinc",
        "unit-not-permitted",
    ]


def test_worklist_as_a_table(alex: Path) -> None:
    output = run("worklist", alex, *MORNING).output
    assert "act today" in output
    assert "Platelets 92 × 10⁹/L, down 56 %" in output
    assert "Haemoglobin, unit not permitted" in output
    assert "approved by Dr E" in output
    assert "it does not diagnose" in output
    assert "ymphocytes" not in output


def test_worklist_of_a_past_morning(alex: Path) -> None:
    """On 8 December 2021 a platelet count of 21 was known; it was corrected the day after."""
    assert "Platelets 21" in run("worklist", alex, "--as-of", "2021-12-08").output
    assert "Platelets" not in run("worklist", alex, "--as-of", "2021-12-09").output


def test_worklist_as_json(alex: Path) -> None:
    found = json.loads(run("worklist", alex, *MORNING, "--format", "json").stdout)
    (entry,) = found["entries"]
    first = entry["items"][0]
    assert (entry["person_id"], first["rule"]) == ("alex", "platelets-below-100")
    (because,) = first["because"]
    assert because["evidence"] == "verified"
    assert because["sources"]
    assert "reported as 92 K/uL" in because["rows"][0]
    assert re.search(r"\[[0-9a-f]{12}:row \d+\]", because["rows"][0])


def test_worklist_as_csv(alex: Path) -> None:
    output = run("worklist", alex, *MORNING, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(output)))
    assert [row["urgency"] for row in rows] == [
        "act today",
        "data problem",
        "data problem",
        "overdue",
    ]


def test_worklist_of_one_person(cohort: Path) -> None:
    everybody = json.loads(run("worklist", cohort, "--format", "json").stdout)
    someone = everybody["entries"][0]["person_id"]
    one = json.loads(run("worklist", cohort, "--person", someone, "--format", "json").stdout)
    assert one["entries"] == everybody["entries"][:1]


def test_explain(alex: Path) -> None:
    output = run("explain", alex, "alex", *MORNING).output
    for heading in ("The person", "Courses", "Results that need action", "Tests", "Sources"):
        assert heading in output
    assert "Course 2: 2022-03-14 to 2022-03-16" in output
    assert "Rules that are not verified" in output
    (story,) = json.loads(run("explain", alex, "alex", *MORNING, "--format", "json").stdout)
    assert story["person_id"] == "alex"


def test_simulated_data_say_so(cohort: Path) -> None:
    assert "SIMULATED DATA" in run("worklist", cohort).output
    assert "SIMULATED DATA" in run("explain", cohort, "SIM-000001").output
    assert json.loads(run("worklist", cohort, "--format", "json").stdout)["simulated"] is True


def test_report(cohort: Path, tmp_path: Path) -> None:
    options = ("-o", tmp_path / "report.html", "--volume-from-month", 24)
    output = run("report", cohort, *options).output
    assert "(a) Retreated in year 3" in output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Simulated data" in page
    assert "Change of BPF from month 24 on" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_a_report_needs_no_protocol(cohort: Path, tmp_path: Path) -> None:
    """Outcomes rest on no laboratory result; only the completeness of monitoring is not told."""
    bare = tmp_path / "bare"
    shutil.copytree(cohort, bare)
    (bare / "approvals.csv").unlink()
    output = run("report", bare, "-o", tmp_path / "report.html").output
    assert "(a) Retreated in year 3" in output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "an approved monitoring protocol" in page
    named = run("report", bare, "-o", tmp_path / "other.html", "--protocol", "fingolimod-eu")
    assert named.exit_code != 0


def test_validate(cohort: Path, tmp_path: Path) -> None:
    assert "No problem found." in run("validate", cohort).output
    (tmp_path / "people.csv").write_text("person_id,sex\np1,f\n", encoding="utf-8")
    result = run("validate", tmp_path)
    assert result.exit_code == 3
    assert "'f'" in result.output
    aside = tmp_path.parent / "aside.csv"
    assert run("validate", tmp_path, "--quarantine", aside).exit_code == 0
    assert len(aside.read_text().splitlines()) == 2


def test_protocols(tmp_path: Path) -> None:
    assert "alemtuzumab-eu" in run("protocols", "list").output
    assert "every month" in run("protocols", "show", "alemtuzumab-us").output
    assert "No error found" in run("protocols", "validate", "alemtuzumab-eu").output
    assert "Liver (liver)" in run("protocols", "diff", "alemtuzumab-eu", "alemtuzumab-us").output


def test_coverage(cohort: Path) -> None:
    table = run("coverage", cohort).output
    assert "Blood count" in table
    assert "SIMULATED DATA" in table
    rows = list(csv.DictReader(run("coverage", cohort, "--format", "csv").stdout.splitlines()))
    assert {row["protocol"] for row in rows} == {"alemtuzumab-eu"}
    assert all(0 <= float(row["share_in_window"]) <= 1 for row in rows)
    one = json.loads(run("coverage", cohort, "--person", "SIM-000001", "--format", "json").stdout)
    assert {row["person_id"] for row in one} == {"SIM-000001"}
    assert "Span" in run("coverage", cohort, "--person", "SIM-000001").output


def test_coverage_as_a_page(cohort: Path, tmp_path: Path) -> None:
    """A plot with its table a protocol; simulated data say so; an unverified check says so."""
    page = tmp_path / "audit.html"
    assert "Audit written to" in run("coverage", cohort, "-o", page).output
    text = page.read_text(encoding="utf-8")
    assert "Simulated data." in text
    assert text.count("<svg") == text.count("<figure>") == 1
    assert "Completeness by check" in text
    assert "Skin examination (unverified)" in text
    assert "<script" not in text
    assert not re.findall(r"(?:src|href)=.https?:", text)
    refused = run("coverage", cohort, "-o", page, "--person", "SIM-000001")
    assert refused.exit_code == 2
    assert "leave out --person" in refused.output.lower()


def test_a_large_record_is_answered_by_the_compiled_engine(
    cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command prints the same, whichever engine answers."""
    plain = [run(name, cohort).stdout for name in ("worklist", "coverage")]
    monkeypatch.setattr("afterdose.cli.opening.MANY_PEOPLE", 1)
    assert [run(name, cohort).stdout for name in ("worklist", "coverage")] == plain
    assert "compiled engine answers" in run("worklist", cohort).stderr


def test_outcomes_of_a_large_record_are_answered_by_the_compiled_engine(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words, events and the table of a multiverse are the same, whichever engine answers."""
    written = tmp_path / "events.csv", tmp_path / "table.csv"
    arguments = "event=multiple baseline=roving RAW_PIRA=TRUE"
    commands = (
        ("disability", cohort, "--msprog", arguments, "-o", written[0]),
        ("disability", cohort, "--definition", "care-ms-cdi-6m"),
        ("multiverse", cohort, "-o", written[1]),
    )

    def answers() -> list[str]:
        said = [run("outcomes", *one).stdout for one in commands]
        return said + [path.read_text(encoding="utf-8") for path in written]

    plain = answers()
    monkeypatch.setattr("afterdose.cli.opening.MANY_PEOPLE", 1)
    assert answers() == plain
    assert "compiled engine answers" in run("outcomes", *commands[1]).stderr


def test_the_report_on_a_large_record_is_answered_by_the_compiled_engine(
    cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is the same, byte by byte; the plain code is not asked."""
    run("report", cohort, "-o", tmp_path / "plain.html")
    monkeypatch.setattr("afterdose.cli.opening.MANY_PEOPLE", 1)
    monkeypatch.delattr("afterdose.engines.reference.build_extension")
    said = run("report", cohort, "-o", tmp_path / "large.html")
    assert "compiled engine answers" in said.stderr
    assert (tmp_path / "large.html").read_bytes() == (tmp_path / "plain.html").read_bytes()


def test_a_site_file_acts_and_shows(alex: Path, tmp_path: Path) -> None:
    text = """
[[overrides]]
protocol = "alemtuzumab-eu"
rule = "blood-count"
set = { window = "P20D" }
approved_by = "Dr Example"
approved_on = 2026-11-02
why = "For this test."
"""
    (alex / "site.toml").write_text(text, encoding="utf-8")
    try:
        told = "the tolerance after the due date: 20 days instead of 7 days"
        assert told in " ".join(run("worklist", alex, *MORNING).output.split())
        found = json.loads(run("worklist", alex, *MORNING, "--format", "json").stdout)
        items = {item["rule"]: item for item in found["entries"][0]["items"]}
        changed = [rule for rule, item in items.items() if item["changed_by_site"]]
        rows = list(
            csv.DictReader(io.StringIO(run("worklist", alex, *MORNING, "--format", "csv").stdout))
        )
        assert [row["rule"] for row in rows if row["changed_by_site"]] == changed
        assert run("protocols", "validate", "alemtuzumab-eu", "--site", alex / "site.toml").output
        shown = run("protocols", "show", "alemtuzumab-eu", "--site", alex / "site.toml").output
        assert "Changed by this site" in shown
    finally:
        (alex / "site.toml").unlink()


def test_every_broken_protocol_file_at_once(tmp_path: Path) -> None:
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text("[protocol]\nid = 3\n", encoding="utf-8")
    result = run("protocols", "validate", tmp_path / "one.toml", tmp_path / "two.toml")
    assert "one.toml line 2" in str(result.exception)
    assert "two.toml line 2" in str(result.exception)


def test_every_name_on_the_line_at_once(tmp_path: Path) -> None:
    """A name that is no protocol hides no problem of the others."""
    (tmp_path / "one.toml").write_text("protocol = 3", encoding="utf-8")
    (tmp_path / "two.toml").write_bytes(b"\xff")
    result = run(
        "protocols", "validate", "aspirin", tmp_path / "one.toml", tmp_path / "two.toml", "codeine"
    )
    for words in ("'aspirin'", "one.toml line 1", "two.toml is not text", "'codeine'"):
        assert words in str(result.exception)
    assert result.exception.exit_code == 5
    assert run("protocols", "validate", "aspirin").exception.exit_code == 2


# Approvals ----------------------------------------------------------------------------------------

OWN = (ROOT / "tests" / "spec" / "example.toml").read_text(encoding="utf-8")


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """A small record, and a protocol of the clinic's own that is approved for it."""
    record, file = tmp_path / "record", tmp_path / "mine.toml"
    run("simulate", "--people", "3", "--into", record)
    file.write_text(OWN, encoding="utf-8")
    assert run("protocols", "approve", file, "--record", record, "--by", " Dr E ").exit_code == 0
    return record, file


def test_an_approved_file_is_kept(own: tuple[Path, Path]) -> None:
    """It is read from the record, whatever becomes of the original; the record stays one."""
    record, file = own
    file.unlink()
    for arguments in ([], ["--protocol", "example"]):
        assert "approved by Dr E on" in run("worklist", record, *arguments).output
    assert "No problem found." in run("validate", record).output
    site = (
        '[[overrides]]\nprotocol = "example"\nrule = "urine"\nset = { window = "P9D" }\n'
        'approved_by = "Dr E"\napproved_on = "2026-11-02"\nwhy = "For this test."\n'
    )
    (record / "site.toml").write_text(site, encoding="utf-8")
    run("protocols", "approve", "natalizumab-eu", "--record", record, "--by", "Dr E")
    assert run("worklist", record, "--protocol", "natalizumab-eu").exit_code == 0
    shown = run("protocols", "show", "natalizumab-eu", "--site", record / "site.toml")
    assert shown.exit_code == 0


def test_a_changed_file_needs_a_new_approval(own: tuple[Path, Path]) -> None:
    record, file = own
    file.write_text(OWN.replace("below = 100", "below = 90", 1), encoding="utf-8")
    refused = run("worklist", record, "--protocol", file)
    assert "is not the file that was approved" in str(refused.exception)
    assert f"protocols approve {file}" in str(refused.exception)
    assert run("worklist", record).exit_code == 0
    run("protocols", "approve", file, "--record", record, "--by", "Dr F")
    assert "approved by Dr F on" in run("worklist", record, "--protocol", file).output


def test_a_kept_copy_is_what_was_approved(own: tuple[Path, Path]) -> None:
    record, _ = own
    (kept,) = (record / "approvals").iterdir()
    kept.write_text(OWN.replace("below = 100", "below = 90", 1), encoding="utf-8")
    assert "is not the file that was approved" in str(run("worklist", record).exception)
    kept.unlink()
    assert "is missing" in str(run("worklist", record).exception)


def test_an_approval_names_somebody_and_a_day_that_has_come(cohort: Path) -> None:
    before = (cohort / "approvals.csv").read_text(encoding="utf-8")
    approve = ("protocols", "approve", "alemtuzumab-us", "--record", cohort)
    for by in ("", "  "):
        refused = run(*approve, "--by", by)
        assert "The name of the clinician is empty" in str(refused.exception)
    refused = run(*approve, "--by", "Dr E", "--on", "2999-01-01")
    assert "has not come yet" in str(refused.exception)
    assert (cohort / "approvals.csv").read_text(encoding="utf-8") == before


def test_approvals_of_an_earlier_form_are_read(own: tuple[Path, Path]) -> None:
    record, _ = own
    earlier = "protocol,version,approved_by,approved_on\nalemtuzumab-eu,{},Dr E,2026-11-02\n"
    version = run("protocols", "validate", "alemtuzumab-eu").output.split(" ")[2].strip(":")
    path = record / "approvals.csv"
    path.write_text(earlier.format(version), encoding="utf-8")
    assert "approved by Dr E on 2026-11-02" in run("worklist", record).output
    path.write_text("who,when\nDr E,2026-11-02\n", encoding="utf-8")
    assert "approvals.csv is not a table of approvals" in str(run("worklist", record).exception)


# Errors -------------------------------------------------------------------------------------------


def test_nothing_is_monitored_without_approval(tmp_path: Path) -> None:
    run("simulate", "--people", "3", "--into", tmp_path / "record")
    result = run("worklist", tmp_path / "record")
    assert isinstance(result.exception, AfterdoseError)
    assert "it monitors nobody" in str(result.exception)
    assert "afterdose protocols approve" in str(result.exception)


def test_another_version_needs_another_approval(alex: Path) -> None:
    result = run("worklist", alex, "--protocol", "alemtuzumab-us")
    assert "'alemtuzumab-us' version 0.2.0 is not approved" in str(result.exception)


def test_one_protocol_per_drug(cohort: Path) -> None:
    run("protocols", "approve", "alemtuzumab-us", "--record", cohort, "--by", "Dr E")
    result = run("worklist", cohort)
    assert "Two protocols for alemtuzumab are approved" in str(result.exception)
    assert run("worklist", cohort, "--protocol", "alemtuzumab-eu").exit_code == 0
    (cohort / "approvals.csv").unlink()
    run("protocols", "approve", "alemtuzumab-eu", "--record", cohort, "--by", "Dr E")


def test_a_refused_file_shows_in_the_exit_code(tmp_path: Path) -> None:
    """The others are read; the exit code says that one could not be."""
    strange = tmp_path / "letter.xml"
    strange.write_text("<letter/>", encoding="utf-8")
    result = run("ingest", EXAMPLE, strange, "--into", tmp_path / "r", "--landed-on", "2023-11-08")
    assert result.exit_code == 4
    assert "Refused, 1 (letter.xml)" in result.output
    assert (tmp_path / "r" / "labs.parquet").exists()


def test_a_card_needs_a_file_of_keys(tmp_path: Path) -> None:
    keys, card = tmp_path / "keys.json", tmp_path / "card.smart-health-card"
    card.write_text('{"verifiableCredential": ["a.b.c"]}', encoding="utf-8")
    keys.write_text('{"issuers": {}}', encoding="utf-8")
    result = run("ingest", card, "--keys", keys, "--into", tmp_path / "r")
    assert result.exit_code == 0
    assert "card-unreadable: 1" in result.output
    keys.write_text("no keys", encoding="utf-8")
    result = run("ingest", card, "--keys", keys, "--into", tmp_path / "r")
    assert str(result.exception).startswith("keys.json is no file of keys.")


def test_unknown_person(alex: Path) -> None:
    result = run("explain", alex, "nobody", *MORNING)
    assert str(result.exception).startswith("No such person in this record.")
    assert "nobody" not in str(result.exception)


def test_not_a_day(alex: Path) -> None:
    result = run("worklist", alex, "--as-of", "8.11.2023")
    assert result.exit_code == 2
    assert "Write it as YYYY-MM-DD" in result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("worklist", "{record}"), 2),
        (("validate", "{broken}"), 3),
        (("protocols", "validate", "{broken}/people.csv"), 5),
    ],
)
def test_exit_codes(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    """The real command, since exit codes are its promise to other programs."""
    record, broken = tmp_path / "record", tmp_path / "broken"
    run("simulate", "--people", "3", "--into", record)
    broken.mkdir()
    (broken / "people.csv").write_text("person_id,sex\np1,f\n", encoding="utf-8")
    command = [Path(sys.executable).with_name("afterdose")]
    command += [argument.format(record=record, broken=broken) for argument in arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


# Promises -----------------------------------------------------------------------------------------


def test_no_command_opens_a_connection(
    alex: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a command tried to open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(AssertionError, match="tried to open"):
        socket.create_connection(("127.0.0.1", 9))
    run("ingest", EXAMPLE, "--into", tmp_path / "again", "--landed-on", "2023-11-08")
    run("worklist", alex, *MORNING)
    run("explain", alex, "alex", *MORNING)
    run("report", alex, *MORNING, "-o", tmp_path / "report.html")
    assert (tmp_path / "report.html").exists()


def test_a_new_record_is_private(tmp_path: Path) -> None:
    for record in (tmp_path / "ingested", tmp_path / "simulated"):
        if record.name == "ingested":
            run("ingest", EXAMPLE, "--into", record, "--landed-on", "2023-11-08")
        else:
            run("simulate", "--people", "2", "--into", record)
        assert record.stat().st_mode & 0o077 == 0


def test_ingesting_again_changes_nothing(tmp_path: Path) -> None:
    record = tmp_path / "record"
    for _ in range(2):
        run("ingest", EXAMPLE, "--into", record, "--landed-on", "2023-11-08")
    first, second = (
        json.loads(path.read_text())["totals"] for path in sorted((record / "receipts").glob("*"))
    )
    assert first["accepted"] > 300
    assert second["accepted"] == 0
    assert second["duplicates"] == first["accepted"] + first["duplicates"]
    assert second["set_aside"] == first["set_aside"]
    assert len((record / "set_aside.csv").read_text().splitlines()) == first["set_aside"] + 1


def test_outcomes_name_their_definition_and_count_everybody(cohort: Path, tmp_path: Path) -> None:
    """The definition in words, people and scores that add up, and one row an event."""
    events = tmp_path / "events.csv"
    said = run("outcomes", "disability", cohort, "--definition", "care-ms-cdw-6m", "-o", events)
    assert said.exit_code == 0
    assert "The reference is the last EDSS on or before the first day" in said.output
    counted = re.search(
        r"60 people = (\d+) with an event \+ (\d+) without \+ (\d+) not", said.output
    )
    assert counted is not None
    assert sum(map(int, counted.groups())) == 60
    rows = list(csv.DictReader(events.read_text().splitlines()))
    assert len(rows) == int(counted[1])
    assert set(rows[0]) >= {"person_id", "event", "class", "onset_date", "because"}


def test_outcomes_take_the_arguments_of_msprog(cohort: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.parquet"
    arguments = "conf_days=168 event=multiple baseline=roving RAW_PIRA=TRUE"
    said = run("outcomes", "disability", cohort, "--msprog", arguments, "-o", events)
    assert "Each confirmed worsening or improvement of EDSS is reported." in said.output
    assert events.exists()
    refused = run("outcomes", "show", "--msprog", "conf_weeks=12")
    assert isinstance(refused.exception, AfterdoseError)
    assert refused.exception.exit_code == 7


def test_outcomes_ask_for_one_definition_and_a_known_ending(cohort: Path) -> None:
    for arguments, told in (
        ((), "neither given"),
        (("--definition", "care-ms-cdw-6m", "--msprog", "conf_days=84"), "both given"),
        (("--definition", "care-ms-cdw-6m", "-o", "events.xlsx"), "ending in '.xlsx'"),
    ):
        said = run("outcomes", "disability", cohort, *arguments)
        assert told in str(said.exception)


def test_presets_are_listed_and_shown() -> None:
    assert "care-ms-cdi-6m" in run("outcomes", "presets").output
    shown = run("outcomes", "show", "mueller-2025-pira")
    assert "Source: Müller" in shown.output
    assert (
        'id = "mueller-2025-pira"' in run("outcomes", "show", "mueller-2025-pira", "--toml").output
    )


def test_a_multiverse_has_a_table_and_a_curve(cohort: Path, tmp_path: Path) -> None:
    table, plot = tmp_path / "table.csv", tmp_path / "curve.svg"
    said = run("outcomes", "multiverse", cohort, "-o", table, "--plot", plot)
    assert "48 definitions: with an event" in said.output
    assert len(table.read_text().splitlines()) == 1 + 48
    assert plot.read_text().startswith("<svg")


def test_a_record_without_relapses_says_what_a_definition_lacks(tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.mkdir()
    (record / "people.csv").write_text("person_id\nP1\n")
    (record / "assessments.csv").write_text("person_id,date,measure,value\nP1,2020-01-01,edss,2\n")
    said = run("outcomes", "disability", record, "--definition", "msprog-first-cdw")
    assert "needs the table relapses" in str(said.exception)
