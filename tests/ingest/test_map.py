"""What is proposed for a table nobody has mapped yet, and that it can be used once it is read."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.conftest import LANDED_ON, Run
from tests.ingest.test_mapping import workbook

from afterdose.cli import afterdose
from afterdose.ingest import ingest_files
from afterdose.ingest.mapping import propose
from afterdose.ingest.mapping.model import parse_mapping
from afterdose.ingest.mapping.propose import Proposal
from afterdose.record.errors import UnreadableInputError

GERMAN = """Export vom Labor;;;;;;
Pat.-Nr.;Abnahmedatum;Test;Ergebnis;Einheit;Referenzbereich;Kommentar
4711;14.03.2024;THRO;210;G/l;150 - 400;
4711;14.03.2024;CREA;1,02;mg/dl;0,5 - 0,9;Frau Nobody
4712;2.4.2024;QQQ;<0,01;mIU/L;0,4 - 4,0;
"""


def fields(proposal: Proposal) -> dict[str, tuple[str, str]]:
    return {guess.column: (guess.field, guess.unsure) for guess in proposal.guesses}


def accepted(toml: str) -> str:
    """The file after somebody has taken every # away but those of plain remarks."""
    lines = [line.removeprefix("# ") if " = " in line or "[[" in line else line
             for line in toml.splitlines()]  # fmt: skip
    return "\n".join(line for line in lines if not line.startswith(("FIELD", "Open")))


def test_a_laboratorys_export() -> None:
    proposal = propose("labor.csv", GERMAN.encode())
    assert proposal.table == "results"
    assert fields(proposal) == {
        "Pat.-Nr.": ("identifier", ""),
        "Abnahmedatum": ("specimen_date", ""),
        "Test": ("code", ""),
        "Ergebnis": ("value", ""),
        "Einheit": ("unit", ""),
        "Referenzbereich": ("reference_range", ""),
        "Kommentar": ("", "not known"),
    }
    found = tomllib.loads(proposal.toml)
    assert (found["date"], found["decimal"], found["delimiter"], found["header_row"]) == (
        "DD.MM.YYYY", ",", "semicolon", 2,
    )  # fmt: skip
    assert found["codes"] == {}  # nothing is in force that rests on a name only
    assert '# "THRO" = "777-3"  # unsure: Platelets, by its name only' in proposal.toml
    assert '# "QQQ" = ""  # unsure: not known' in proposal.toml
    assert proposal.open[0] == "still needed: assigner, status"


def test_no_value_is_shown() -> None:
    proposal = propose("labor.csv", GERMAN.encode())
    shown = proposal.toml + repr(proposal.guesses) + repr(proposal.open)
    for value in ("4711", "1,02", "14.03.2024", "Frau Nobody", "0,5"):
        assert value not in shown


def test_a_proposal_nobody_has_read_is_refused() -> None:
    with pytest.raises(UnreadableInputError, match="status is missing"):
        parse_mapping(propose("labor.csv", GERMAN.encode()).toml.encode())


def test_once_it_is_read_it_reads_the_table(run: Run) -> None:
    toml = accepted(propose("labor.csv", GERMAN.encode()).toml)
    toml = toml.replace('assigner = ""', 'assigner = "urn:lab"').replace('"QQQ" = ""', "")
    path = run.file("labor.csv", GERMAN)
    mapping = run.file("m.toml", toml.replace('provider = ""', ""))
    (receipt,) = ingest_files([path], run.record, landed_on=LANDED_ON, mapping=mapping).files
    assert (receipt.rows, receipt.accepted) == (3, 2)


WIDE = """patient_id,visit date,Platelets (10*9/L),Hb [g/dl],TSH
p1,03/04/2024,210,13.1,1.2
p2,05/06/2024,180,12.0,
"""


def test_a_column_for_each_test_is_unsure() -> None:
    proposal = propose("wide.csv", WIDE.encode())
    assert fields(proposal)["Platelets (10*9/L)"] == ("value", "by its name only")
    assert fields(proposal)["visit date"] == ("specimen_date", "by its values only")
    assert "wide" not in tomllib.loads(proposal.toml)
    assert "the format of days: DD/MM/YYYY or MM/DD/YYYY" in proposal.open
    wide = tomllib.loads(accepted(proposal.toml).replace('date = "MM/DD/YYYY"', ""))["wide"]
    assert wide[:2] == [
        {"column": "Platelets (10*9/L)", "code": "777-3", "unit": "10*9/L"},
        {"column": "Hb [g/dl]", "code": "718-7", "unit": "g/dl"},
    ]
    assert wide[2]["unit"] == ""


@pytest.mark.parametrize(
    ("name", "content", "table", "found"),
    [
        (
            "a.csv",
            "id;datum;EDSS;9HPT\n1;3.4.2024;3,5;20\n2;13.4.2024;2,0;21,5\n",
            "assessments",
            {"datum": ("date", ""), "EDSS": ("value", "by its name only")},
        ),
        (
            "a.csv",
            "person_id,MRI date,BPF,software,scanner\np1,2024-04-03,0.81,x,A\n",
            "mri",
            {"BPF": ("bpf", ""), "software": ("method", "")},
        ),
        (
            "a.tsv",
            "mrn\tdrug\tstart date\tcycle\n1\tLemtrada\t2024-04-13\t1\n",
            "treatments",
            {"mrn": ("identifier", ""), "cycle": ("course_number", "")},
        ),
        (
            "a.csv",
            "subject,event date,term,category,serious\n1,2024-04,x,thyroid,yes\n",
            "events",
            {"event date": ("onset_date", ""), "category": ("category", "")},
        ),
    ],
)
def test_which_table_it_is(name: str, content: str, table: str, found: dict) -> None:
    proposal = propose(name, content.encode())
    assert proposal.table == table
    assert found.items() <= fields(proposal).items()


def test_the_words_of_a_column_that_the_record_does_not_use() -> None:
    content = "mrn\tdrug\tstart date\n1\tLemtrada\t2024-04-13\n2\talemtuzumab\t2024-04-14\n"
    proposal = propose("a.tsv", content.encode())
    assert '# "Lemtrada" = ""' in proposal.toml
    assert '"alemtuzumab"' not in proposal.toml
    assert "what the words in drug are in the record" in proposal.open


def test_a_brain_volume_may_stand_in_another_unit() -> None:
    content = b"patient id,scan date,brain volume\n1,2024-04-03,1638662.24\n"
    proposal = propose("a.csv", content, table="mri")
    field, why = fields(proposal)["brain volume"]
    assert field == "brain_volume_ml"
    assert why == 'millilitres, unless [units] says brain_volume_ml = "mm3"'
    assert '# brain_volume_ml = "brain volume"' in proposal.toml


@pytest.mark.parametrize(
    ("content", "column", "why"),
    [
        ("id,date,value,unit\n1,2024-04-03,5,gallons\n", "unit", "many units are not known"),
        (
            "id,date,date of sample\n1,2024-04-03,2024-04-03\n",
            "date",
            "2 columns are named like it",
        ),
        ("id,date,code\n1,soon,777-3\n", "date", "not every value is a day of one format"),
        ("id,date,code\n1,01/02/2024,777-3\n", "date", "DD/MM/YYYY or MM/DD/YYYY"),
        ("id,date,code,unit\n1,2024-04-03,777-3,\n", "unit", "it is empty"),
        ("id,date,x\n1,2024-04-03,777-3\n", "x", "by its values only"),
    ],
)
def test_what_is_unsure_and_why(content: str, column: str, why: str) -> None:
    assert fields(propose("a.csv", content.encode(), table="results"))[column][1] == why


def test_a_comma_that_may_stand_between_thousands() -> None:
    content = "id;date;code;value\n1;2024-04-03;777-3;1,234\n2;2024-04-03;777-3;2,500\n"
    proposal = propose("a.csv", content.encode())
    assert "decimal" not in tomllib.loads(proposal.toml)
    assert "whether a comma stands before decimals or between thousands" in proposal.open
    assert tomllib.loads(proposal.toml)["code_system"] == "loinc"


def test_days_that_do_not_agree() -> None:
    content = "id,date,received,code\n1,2024-04-03,13.4.2024,777-3\n"
    proposal = propose("a.csv", content.encode(), table="results")
    assert "date" not in tomllib.loads(proposal.toml)
    assert "the format of days: the columns do not agree on one" in proposal.open


def test_another_encoding_and_a_workbook_of_several_sheets() -> None:
    proposal = propose("a.csv", "id,datum,größe\n1,2024-04-03,x\n".encode("cp1252"))
    assert tomllib.loads(proposal.toml)["encoding"] == "cp1252"
    proposal = propose("a.csv", "id,datum\n1,2024-04-03\n".encode("utf-16"))
    assert tomllib.loads(proposal.toml)["encoding"] == "utf-16"
    content = workbook(["id", "date", "code"], [1, "2024-04-03", "777-3"], more="Notes")
    proposal = propose("a.xlsx", content)
    assert tomllib.loads(proposal.toml)["sheet"] == "Labor"
    assert "which of its 2 sheets: the first was taken" in proposal.open


@given(st.lists(st.lists(st.text(max_size=6), max_size=4), max_size=5), st.sampled_from(",;\t"))
def test_whatever_a_table_holds_the_proposal_is_toml(rows: list[list[str]], sign: str) -> None:
    content = "\n".join(sign.join(row) for row in rows).encode("utf-8", errors="replace")
    try:
        proposal = propose("a.csv", content)
    except UnreadableInputError:
        return
    assert tomllib.loads(proposal.toml)["table"] == proposal.table


# The command ------------------------------------------------------------------------------------


def call(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(afterdose, [str(argument) for argument in arguments])
    return result.exit_code, result.output + str(result.exception or "")


def test_the_command_shows_and_saves(run: Run, tmp_path: Path) -> None:
    path, saved = run.file("labor.csv", GERMAN), tmp_path / "m.toml"
    code, said = call("map", path, "-o", saved)
    assert code == 0
    assert "Proposed as results" in said
    assert "still needed: assigner, status" in said
    assert f"--mapping {saved}" in said
    assert saved.read_text(encoding="utf-8") == propose("labor.csv", GERMAN.encode()).toml
    code, said = call("map", path, "-o", saved)
    assert code != 0
    assert "somebody may have corrected the old one" in said


def test_without_a_place_to_save_it_is_printed(run: Run) -> None:
    code, said = call("map", run.file("labor.csv", GERMAN), "--table", "results")
    assert code == 0
    assert "[columns]" in said
    assert "the table: results" not in said


def test_the_command_refuses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run.file("labor.csv", GERMAN)
    assert "'people' is no table" in call("map", path, "--table", "people")[1]
    monkeypatch.setattr("afterdose.ingest.landing.MAX_BYTES", 10)
    assert "has more than 10 bytes" in call("map", path)[1]


def test_ingest_takes_the_mapping(run: Run) -> None:
    path = run.file("t.csv", "who,drug,from\np1,alemtuzumab,2020-03-02\n")
    mapping = run.file(
        "m.toml",
        'table = "treatments"\n[columns]\nperson_id = "who"\ndrug = "drug"\nstart_date = "from"\n',
    )
    code, _ = call("ingest", path, "--mapping", mapping, "--into", run.record)
    assert code == 0
    assert len(run.table("treatments")) == 1
