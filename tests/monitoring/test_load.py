"""A protocol file that breaks the model is refused with the rule, what was seen and what may be."""

from pathlib import Path

import pytest

from afterdose.monitoring import load_protocol
from afterdose.monitoring.load import parse_protocol
from afterdose.record.errors import ProtocolError, UsageError

EXAMPLE = (Path(__file__).parents[1] / "spec" / "example.toml").read_text(encoding="utf-8")

# fmt: off
BROKEN = [
    ('needs = ["platelets", "lymphocytes"]', 'needs = ["plts"]',
     "checks 'blood-count': needs is 'plts'"),
    ('needs = ["platelets", "lymphocytes"]', "needs = []", "needs is '[]'. Permitted: a list"),
    ('needs = ["examination:cervical_screening"]', 'needs = ["examination:xray"]',
     "needs is 'examination:xray'. Permitted: examination:ecg"),
    ('every = "P1M"', 'every = "monthly"', "every is 'monthly'. Permitted: a period is written"),
    ('kind = "repeated"', 'kind = "sometimes"', "kind is 'sometimes'. Permitted: repeated"),
    ('sex = "female"', 'sex = "f"', "sex is 'f'. Permitted: female, male"),
    ('owner = "gp"', 'owner = ""', "owner is ''. Permitted: ms_team, gp, person"),
    ('evidence = "policy"', 'evidence = "certain"', "evidence is 'certain'. Permitted: verified"),
    ('evidence = "policy"', 'evidence = "verified"', "sources is 'missing'. Permitted: at least"),
    ('evidence = "policy"', 'evidence = "policy"\nsources = ["label"]', "sources is 'label'"),
    ('evidence = "policy"', 'evidence = "policy"\npolicy = ["colour"]', "policy is 'colour'"),
    ('until = "P48M"', 'until = "P48M"\nwithin = "P1M"', "a key is 'within'. Permitted: at, early"),
    ("below = 100, unit", "below = 100, units", "a key is 'when.units'"),
    ('below = 100, unit = "10*9/L"', 'below = 100, unit = "K/uL"',
     "when.unit is 'K/uL'. Permitted: 10*9/L"),
    ("below = 100,", "below = 100, above = 5,",
     "when.limit is 'below and above'. Permitted: one of below"),
    ("below = 100,", 'below = "low",', "below is 'low'. Permitted: a number"),
    ('kind = "limit", analyte = "platelets"', 'kind = "limit", analyte = "plts"',
     "when.analyte is 'plts'. Permitted: an analyte of the catalogue"),
    ('kind = "limit", analyte = "platelets"', 'kind = "guess", analyte = "platelets"',
     "when.kind is 'guess'. Permitted: limit, range, baseline_rise, fall, lasting, grade, all_of"),
    ('known_as = "thyroid"', 'known_as = "gland"', "known_as is 'gland'"),
    ('band = "act today"', 'band = "soon"', "band is 'soon'. Permitted: act today"),
    ('check = "blood-count"\nwhen', 'check = "blood"\nwhen', "check is 'blood'"),
    ('id = "urine"', 'id = "blood-count"',
     "id is 'blood-count'. Permitted: an id that occurs once"),
    ('closing = "P3M"', 'closing = "P3M"\ncolour = "red"', "[protocol]: a key is 'colour'"),
    ('title = "The manual\'s example"', "title = 3", "title is '3'. Permitted: a text"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "message"), BROKEN, ids=[b[2][:40] for b in BROKEN])
def test_refused(old: str, new: str, message: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(ProtocolError) as error:
        parse_protocol(EXAMPLE.replace(old, new, 1), where="site.toml")
    assert message in str(error.value)
    assert str(error.value).startswith("site.toml")
    assert str(error.value).endswith("Correct the file.")


def test_not_toml() -> None:
    with pytest.raises(ProtocolError, match=r"site.toml is not TOML"):
        parse_protocol("[", where="site.toml")


def test_whole_numbers() -> None:
    course = """
[[courses]]
numbers = "1"
days = "five"
dose = "12 mg"
timing = "5 days"
evidence = "policy"
says = "x"
"""
    with pytest.raises(ProtocolError, match="courses '1': days is 'five'. Permitted: a whole"):
        parse_protocol(EXAMPLE + course)


def test_no_such_protocol() -> None:
    with pytest.raises(UsageError, match="There is no protocol 'aspirin'. Shipped: alemtuzumab-eu"):
        load_protocol("aspirin")


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(EXAMPLE, encoding="utf-8")
    assert load_protocol(path).id == "example"
    assert load_protocol(path).check("urine").title == "Urine"
    with pytest.raises(KeyError):
        load_protocol(path).check("blood")


# Every problem at once, each with its line --------------------------------------------------------


def test_all_problems_with_their_lines() -> None:
    """One reading finds them all; the lines are those of the file."""
    broken = (
        EXAMPLE.replace('every = "P1M"', 'every = "monthly"', 1)
        .replace('sex = "female"', 'sex = "f"')
        .replace('band = "act within 3 days"', 'band = "soon"', 1)
    )
    with pytest.raises(ProtocolError) as error:
        parse_protocol(broken, where="own.toml")
    found = str(error.value).splitlines()
    assert len(found) == 3
    lines = broken.splitlines()
    for problem, words in zip(
        found, ('every = "monthly"', 'sex = "f"', 'band = "soon"'), strict=True
    ):
        number = int(problem.split("line ")[1].split(",")[0])
        assert lines[number - 1] == words


CONTINUOUS = (Path(__file__).parents[1] / "spec" / "continuous.toml").read_text(encoding="utf-8")
# fmt: off
CONTRADICTORY = [
    (EXAMPLE, '{ kind = "limit", analyte = "platelets", below = 100, unit = "10*9/L" }',
     '{ kind = "all_of", within = "P1D", parts = [{ kind = "limit", analyte = "platelets", '
     'below = 50, unit = "10*9/L" }, { kind = "limit", analyte = "platelets", above = 90, '
     'unit = "10*9/L" }] }',
     "when.parts is 'parts that exclude each other'"),
    (CONTINUOUS, 'lasting = "P6M", max_gap = "P4M" }', 'lasting = "P6M", max_gap = "P9M" }',
     "max_gap is 'P9M'. Permitted: a period not longer than P6M"),
    (CONTINUOUS, "at_least = 0.5, below = 0.8", "at_least = 0.8, below = 0.8",
     "when.at_least is '0.8'. Permitted: a number below 0.8"),
    (CONTINUOUS, 'covered_by = ["below-0.2"]', 'covered_by = ["below-0.5"]',
     "covered_by is 'below-0.5'. Permitted: alerts that do not lead back to this one"),
    (CONTINUOUS, 'covered_by = ["below-0.2"]', 'covered_by = ["below-0.1"]',
     "covered_by is 'below-0.1'. Permitted: alt-grade-2"),
    (CONTINUOUS, "at_least = 0.6 }", "at_least = 0.1 }",
     "closes_when is 'met by results that still meet when'. Permitted: a limit on the other"),
    (CONTINUOUS, 'closes_when = { kind = "limit", analyte = "lymphocytes"',
     'closes_when = { kind = "limit", analyte = "neutrophils"',
     "closes_when is 'neutrophils'. Permitted: lymphocytes"),
    (CONTINUOUS, 'at = ["P1M", "P3M"]', 'at = ["P3M", "P1M"]',
     "at is 'P3M, P1M'. Permitted: times that follow each other"),
    (CONTINUOUS, '{ every = "P8W" }', '{ every = "P8W", lasting = "P1Y" }',
     "phases is 'lasting on the last one'"),
    (CONTINUOUS, '{ every = "P2W", lasting = "P6M" }', '{ every = "P2W" }',
     "phases is 'without lasting'"),
    (CONTINUOUS, 'every = "P3M"', 'every = "P0D"', "every is 'P0D'. Permitted: a period longer"),
    (CONTINUOUS, 'respond_within = "P1M"', 'respond_within = "P0D"', "respond_within is 'P0D'"),
    (CONTINUOUS, 'respond_within = "P1M"', 'expected_for = "P1M"', "expected_for is 'P1M'"),
    (EXAMPLE, 'dosing = "courses"', 'dosing = "continuous"',
     "kind is 'during_course'. Permitted: repeated"),
    (EXAMPLE, 'dosing = "courses"', 'dosing = "weekly"', "dosing is 'weekly'. Permitted: courses"),
    (CONTINUOUS, "version = 5, at_least = 4", "version = 4, at_least = 4",
     "when.version is '4 for neutrophils'"),
    (CONTINUOUS, "version = 5, at_least = 4", "version = 5, at_least = 5",
     "when.at_least is '5'. Permitted: 1, 2, 3, 4"),
    (CONTINUOUS, 'every = "P3M"', 'every = "P3M"\nphases = [{ every = "P1M" }]',
     "phases is 'given beside every'"),
]
# fmt: on


@pytest.mark.parametrize(
    ("text", "old", "new", "message"), CONTRADICTORY, ids=[c[3][:50] for c in CONTRADICTORY]
)
def test_contradictory(text: str, old: str, new: str, message: str) -> None:
    assert old in text
    with pytest.raises(ProtocolError) as error:
        parse_protocol(text.replace(old, new, 1), where="own.toml")
    assert message in str(error.value)


def test_circular() -> None:
    """Two alerts that cover each other would both be hidden."""
    circular = CONTINUOUS.replace(
        'closes_when = { kind = "limit"',
        'covered_by = ["below-0.5"]\ncloses_when = { kind = "limit"',
    )
    with pytest.raises(ProtocolError) as error:
        parse_protocol(circular)
    assert str(error.value).count("lead back to this one") == 2
