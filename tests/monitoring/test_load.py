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
    ('owner = "gp"', 'owner = ""', "owner is ''. Permitted: a text"),
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
