"""A protocol file that breaks the model is refused with the rule, what was seen and what may be."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from afterdose.monitoring import load_protocol
from afterdose.monitoring.lines import KeyPath, lines_of
from afterdose.monitoring.load import parse_protocol, shipped_protocols
from afterdose.record.dates import Period
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
     "when.analyte is 'plts'. Permitted: an analyte of the catalogue (afterdose/record/analytes"),
    ('kind = "limit", analyte = "platelets"', 'kind = "guess", analyte = "platelets"',
     "when.kind is 'guess'. Permitted: limit, range, baseline_rise, fall, lasting, grade, all_of"),
    ('known_as = "thyroid"', 'known_as = "gland"', "known_as is 'gland'"),
    ('band = "act today"', 'band = "soon"', "band is 'soon'. Permitted: act today"),
    ('check = "blood-count"\nwhen', 'check = "blood"\nwhen', "check is 'blood'"),
    ('id = "urine"', 'id = "blood-count"',
     "id is 'blood-count'. Permitted: an id that occurs once"),
    ('closing = "P3M"', 'closing = "P3M"\ncolour = "red"', "[protocol]: a key is 'colour'"),
    ('needs = ["platelets", "lymphocytes"]', 'needs = ["platelet"]',
     "needs is 'platelet'. Permitted: an analyte of the catalogue (afterdose/record/analytes.toml; "
     "nearest: platelets), examination:…, mri"),
    ('needs = ["platelets", "lymphocytes"]', "needs = [[]]",
     "needs is '[]'. Permitted: a name, or a list of names"),
    ('owner = "gp"', 'owner = "ward"', "owner is 'ward'. Permitted: ms_team, gp, person"),
    ('drug = "alemtuzumab"', 'drug = "alemtuzumb"',
     "drug is 'alemtuzumb'. Permitted: a drug of the list (afterdose/record/drugs.toml; nearest: "
     "alemtuzumab"),
    ('drug = "alemtuzumab"', 'drug = "alemtuzumab"\nalso = ["Alemtuzumab"]',
     "also is 'Alemtuzumab'. Permitted: a drug of the list"),
    ('read_on = "2026-11-23"', 'read_on = "someday"', "read_on is 'someday'. Permitted: a day"),
    ('read_on = "2026-11-23"', 'read_on = "20261123"', "read_on is '20261123'. Permitted: a day"),
    ("below = 100,", "below = nan,", "when.below is 'nan'. Permitted: a number, neither nan nor"),
    ("below = 100,", "above = inf,", "when.above is 'inf'. Permitted: a number, neither nan nor"),
    ("below = 100,", "below = -5,",
     "when.below is '-5'. Permitted: above 0 and up to 3000 10*9/L, the plausible values of plate"),
    ("below = 100,", "above = 3000,", "when.above is '3000'. Permitted: from 0 to below 3000"),
    ("percent = 50", "percent = -30", "when.percent is '-30'. Permitted: above 0 and up to 100"),
    ("percent = 50", "percent = 150", "when.percent is '150'. Permitted: above 0 and up to 100"),
    ('"creatinine", percent = 30 }\nband', '"creatinine", percent = 0 }\nband',
     "when.percent is '0'. Permitted: a number above 0"),
    ("above = 3 }", "above = -3 }", "when.above is '-3'. Permitted: a number above 0"),
    ('until = "P48M"', 'until = "P4800M"', "until is 'P4800M'. Permitted: a period up to P100Y"),
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
    (EXAMPLE, '{ kind = "range", analyte = "alt", above = 3 }',
     '{ kind = "all_of", within = "P1M", parts = [{ kind = "range", analyte = "alt", above = 3 }, '
     '{ kind = "range", analyte = "alt", below = 2 }] }',
     "when.parts is 'parts that exclude each other'"),
    (EXAMPLE, '{ kind = "range", analyte = "alt", above = 3 }',
     '{ kind = "all_of", within = "P1M", parts = [{ kind = "limit", analyte = "alt", above = 300, '
     'unit = "U/L" }, { kind = "any_of", parts = [{ kind = "limit", analyte = "alt", below = 200, '
     'unit = "U/L" }, { kind = "grade", analyte = "platelets", version = 5, at_least = 9 }] }] }',
     "when.parts.parts.at_least is '9'"),
    (EXAMPLE, 'window = "P7D"', 'window = "P90D"',
     "window is 'P90D'. Permitted: a period up to P1M, the interval"),
    (EXAMPLE, 'window = "P7D"', 'window = "P30D"', "window is 'P30D'. Permitted: a period up to"),
    (CONTINUOUS, 'every = "P6M"\nuntil = "P2M"\nwindow = "P14D"',
     'until = "P2M"\nwindow = "P3M"', "window is 'P3M'. Permitted: a period up to the shortest"),
    (CONTINUOUS, 'early = "P7D"', 'early = "P1M"',
     "early is 'P1M'. Permitted: a period shorter than 28 days, the shortest step of at"),
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


def test_what_may_be_said() -> None:
    """Near to what is refused, and meant: nothing here excludes or outlasts anything."""
    window = EXAMPLE.replace('window = "P7D"', 'window = "P1M"', 1)
    assert parse_protocol(window).check("blood-count").window == Period(months=1)
    both = (
        '{ kind = "all_of", within = "P1M", parts = [{ kind = "range", analyte = "alt", '
        'at_least = 3 }, { kind = "range", analyte = "alt", at_most = 3 }] }'
    )
    parse_protocol(EXAMPLE.replace('{ kind = "range", analyte = "alt", above = 3 }', both))


def problems_of(toml: str) -> list[str]:
    with pytest.raises(ProtocolError) as error:
        parse_protocol(toml, where="own.toml")
    return str(error.value).splitlines()


def test_contradictions_are_looked_for_beside_other_problems() -> None:
    """In whatever could be read, and what could not be read contradicts nothing."""
    broken = CONTINUOUS.replace('covered_by = ["below-0.2"]', 'covered_by = ["below-0.5"]')
    broken = broken.replace('window = "P14D"', 'windw = "P14D"', 1)
    found = problems_of(broken.replace('every = "P3M"', 'every = "soon"'))
    assert [problem.split(": ")[1].split(" is")[0] for problem in found] == [
        "window", "a key", "every", "covered_by",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "limit", analyte = "platelets"', 'kind = "limit", analyte = "creatinin"'),
        ('id = "blood-count"', "id = 3"),
        ('kind = "during_course"', 'kind = "during"'),
        ('respond_within = "P1M"', 'respond_within = "soon"'),
        ('dosing = "courses"', 'dosing = "weekly"'),
        ('when = { kind = "range", analyte = "alt", above = 3 }', "when = 3"),
        ("[protocol]", "[protocl]"),
        ("[[alerts]]", "[alerts]"),
    ],
)
def test_one_slip_is_one_problem(old: str, new: str) -> None:
    """Nothing is said of what follows from it alone."""
    text = next(text for text in (EXAMPLE, CONTINUOUS) if old in text)
    if new == "[alerts]":
        text = text[: text.index("[[alerts]]", text.index("[[alerts]]") + 1)]
    found = problems_of(text.replace(old, new, 1))
    assert len(found) == (2 if new == "[protocl]" else 1), found


NO_TABLE = [
    ("[[checks]]", "[checks]", "the file: checks is 'a table'. Permitted: a list of tables"),
    ("[protocol]", "protocol = 3\n[x]", "the file: protocol is '3'. Permitted: a table"),
    ("[[checks]]", '[sources]\ns = "x"\n[[checks]]', "[sources]: s is 'x'. Permitted: a table"),
    ("[[checks]]", '[[checks]]\nsources = [["x"]]', "sources is '[['x']]'. Permitted: a list"),
]


@pytest.mark.parametrize(("old", "new", "message"), NO_TABLE)
def test_a_table_that_is_none(old: str, new: str, message: str) -> None:
    head = EXAMPLE[: EXAMPLE.index("[[checks]]", EXAMPLE.index("[[checks]]") + 1)]
    (found, *_) = [one for one in problems_of(head.replace(old, new, 1)) if message in one]
    line = int(found.split("line ")[1].split(",")[0])
    assert head.replace(old, new, 1).splitlines()[line - 1].split(" ")[0] in new


def test_lines_inside_a_combination() -> None:
    """Each part on its own line, not the first that has such a key."""
    broken = EXAMPLE.replace('unit = "1" }', 'unit = "mg" }')
    (found,) = problems_of(broken)
    (line,) = [
        number for number, line in enumerate(broken.splitlines(), 1) if 'unit = "mg"' in line
    ]
    assert found.startswith(f"own.toml line {line}, ")


@pytest.mark.parametrize("name", sorted(shipped_protocols()))
def test_every_key_of_a_file_has_its_line(name: str) -> None:
    text = shipped_protocols()[name].read_text(encoding="utf-8")
    lines, found = text.splitlines(), lines_of(text)
    paths = list(paths_of(tomllib.loads(text), ()))
    assert set(paths) == set(found)
    for path in paths:
        if isinstance(path[-1], str):
            assert path[-1] in lines[found[path] - 1]


def paths_of(value: object, path: KeyPath) -> Iterator[KeyPath]:
    items: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from paths_of(inner, (*path, key))


def test_lines_of_any_toml() -> None:
    """Comments, quoted and dotted keys, texts with brackets in them, lists over several lines."""
    text = """# [no]
"a]b".c = 1 # x = 2
d = \"\"\"
e = 3
\"\"\"
f = [ # g = 1
  '[', "]\\"", { h = [1, 2] }, # i
  2026-01-01,
]
[[j.k]]
[j.k.l]
m . n = ''
"""
    found = lines_of(text)
    assert set(found) == set(paths_of(tomllib.loads(text), ()))
    wanted = {("a]b", "c"): 2, ("d",): 3, ("f", 2, "h", 1): 7, ("f", 3): 8,
              ("j", "k", 0): 10, ("j", "k", 0, "l", "m", "n"): 12}  # fmt: skip
    assert {path: found[path] for path in wanted} == wanted


JUNK = ("3", "-1", "nan", "1e400", '""', '"x"', "[]", "[[]]", "[{}]", "{}", "true", "1979-05-27")


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("text", [EXAMPLE, CONTINUOUS], ids=["example", "continuous"])
def test_whatever_a_value_is_the_error_is_in_words(text: str, junk: str) -> None:
    """Every value in turn is something else: the file is read or refused, and nothing else."""
    for match in re.finditer(r'(?<== )("[^"]*"|[\d.]+|\[[^\n]*\]|\{[^\n]*\})', text):
        broken = text[: match.start()] + junk + text[match.end() :]
        with suppress(ProtocolError):
            parse_protocol(broken, where="own.toml")
