"""The report for machines: the same bytes from the same record, whatever its files look like."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from enum import Enum

import polars as pl
import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people
from tests.study.test_html import CHECK

from afterdose.cohort import About, Cohort, Record, hashes_of, write_record
from afterdose.monitoring import load_protocol
from afterdose.outcomes.definitions import RELAPSE_RATE
from afterdose.outcomes.disability import CARE_MS_CDW
from afterdose.outcomes.disability.toml import parse_definition
from afterdose.record.errors import UnreadableInputError, UsageError
from afterdose.simulate import simulate_cohort
from afterdose.sources import PACKAGE, package_stamp, stamp_of
from afterdose.study import build_report, report_as_dict, write_report_json
from afterdose.study.identifiers import number_ids
from afterdose.study.report_file import read_report_json
from afterdose.study.report_json import KEYS, NUMBER_KEYS, hash_of, render_report_json

PROTOCOL = load_protocol("alemtuzumab-eu")


def text_of(cohort):
    report = build_report(cohort, as_of=AS_OF, completeness=[CHECK])
    return render_report_json(report, data=hashes_of(cohort), protocols=[PROTOCOL])


@pytest.fixture(scope="module")
def text():
    return text_of(cohort_of(six_people()))


@pytest.fixture(scope="module")
def held(text):
    return json.loads(text)


def record_of(tables):
    cohort = cohort_of(tables)
    return Record(cohort.frames, cohort.about)


def test_same_bytes_from_csv_and_from_parquet_in_processes_of_their_own(text, tmp_path):
    """Sets have another order in each process, and numbers another type in each file."""
    record = record_of(six_people())
    program = (
        "import sys; from pathlib import Path; from afterdose.cohort import Cohort, read_record;"
        "from tests.study.test_report_json import text_of;"
        "sys.stdout.write(text_of(Cohort.of(read_record(Path(sys.argv[1])))))"
    )
    for seed, form in enumerate(("csv", "parquet"), 1):
        write_record(record, tmp_path / form, file_format=form)
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / form],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONIOENCODING": "utf-8"},
            capture_output=True, text=True, encoding="utf-8", check=True,
        )  # fmt: skip
        assert done.stdout == text


def test_keys_are_sorted_and_nothing_of_the_making_is_in_it(text, held):
    assert text == json.dumps(held, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert "NaN" not in text
    assert "Infinity" not in text
    for key in paths(held, ()):
        assert not re.search(r"engine|path|time|made", key)


def test_engines_give_the_same_bytes():
    """Sums that another order makes differ in the sixteenth digit are told to the twelfth."""
    cohort = Cohort.of(simulate_cohort(people=60, seed=2))
    texts = {
        render_report_json(build_report(cohort, as_of=date(2023, 6, 30), engine=engine), data={})
        for engine in ("reference", "local")
    }
    assert len(texts) == 1


def test_every_key_is_documented(held):
    """What is in the file, and nothing else, has its sentence."""
    holders = ("sections[].estimates[]", "sections[].tables[].cells[][]")
    documented = {*KEYS, *(f"{holder}.{key}" for holder in holders for key in NUMBER_KEYS)}
    whole = ("data", "authorship", "sections[].published[]")
    found = set(paths(held, whole))
    empty = {f"{holder}.behind" for holder in holders}  # null in some, an object in others
    assert found - documented == set()
    assert documented - found - empty == set()
    assert all(KEYS.values())
    assert all(NUMBER_KEYS.values())


def paths(value, whole, at=""):
    if at in whole:
        yield at
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from paths(one, whole, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for one in value:
            yield from paths(one, whole, f"{at}[]")
    else:
        yield at


def test_numbers_say_what_they_are_made_of(held):
    (section,) = [one for one in held["sections"] if one["id"] == "c"]
    (number,) = [one for one in section["estimates"] if one["id"] == "c.relapse-rate-year-3"]
    assert number["numerator"] == 2
    assert number["behind"] == {"outcome": "relapses", "year": 3, "asked": 6, "counted": 2}
    cell = section["tables"][0]["cells"][2][4]
    assert cell["id"] == "c1.E3"
    assert cell["value"] == number["value"]
    assert section["tables"][0]["cells"][2][0] == {"text": "3"}


def test_not_a_number_is_null(held):
    """An interval of a count, or of nobody, cannot be had."""
    values = [one["low"] for section in held["sections"] for one in section["estimates"]]
    assert None in values


def test_definitions_are_whole_and_hashed_as_applied(held):
    by_id = {one["id"]: one for one in held["definitions"]}
    assert set(by_id) == {name for section in held["sections"] for name in section["definitions"]}
    assert by_id["relapse-rate"]["sha256"] == hash_of(RELAPSE_RATE)
    assert "toml" not in by_id["relapse-rate"]
    worsening = by_id[CARE_MS_CDW.id]
    assert parse_definition(worsening["toml"], where="report") == CARE_MS_CDW


def test_a_protocol_has_its_hash(held):
    assert held["protocols"] == [
        {"id": PROTOCOL.id, "version": PROTOCOL.version, "sha256": hash_of(PROTOCOL)}
    ]


def test_a_hash_of_something_without_a_plain_form_is_refused():
    class Colour(Enum):
        RED = "red"

    assert hash_of(Colour.RED) == hash_of("red")
    assert hash_of({2, 1}) == hash_of([1, 2])
    assert hash_of({Colour.RED: date(2020, 1, 1)}) == hash_of({"red": "2020-01-01"})
    with pytest.raises(TypeError, match="object has no plain form"):
        hash_of(object())


def test_the_code_is_hashed_as_the_kernels_are(tmp_path):
    """One helper: code and definitions, but not what was compiled from them."""
    assert package_stamp() == stamp_of(PACKAGE, (".py", ".toml"))
    (tmp_path / "a.py").write_text("A = 1\n")
    before = stamp_of(tmp_path, (".py", ".toml"))
    stamp_of.cache_clear()
    (tmp_path / "a.nbi").write_text("compiled")
    assert stamp_of(tmp_path, (".py", ".toml")) == before
    stamp_of.cache_clear()
    (tmp_path / "b.toml").write_text("b = 1\n")
    assert stamp_of(tmp_path, (".py", ".toml")) != before


def test_data_are_hashed_by_what_they_say(tmp_path):
    """The order of the file does not matter; a value does, and only for its own table."""
    tables = six_people()
    before = hashes_of(cohort_of(tables))
    tables["mri"].reverse()
    assert hashes_of(cohort_of(tables)) == before
    tables["mri"][0]["bpf"] = 0.7
    tables["people"][0]["sex"] = "female"
    after = hashes_of(cohort_of(tables))
    assert {name for name in before if before[name] != after[name]} == {"mri", "people"}
    other = hashes_of(cohort_of(six_people(), title="Another"))
    assert {name for name in before if before[name] != other[name]} == {"about"}


def test_the_order_of_one_moment_is_kept():
    """Of two scores of one day the last stands, so a swap is another record."""
    tables = six_people()
    pair = [{"person_id": "P1", "date": "2014-01-01", "measure": "edss", "value": value}
            for value in (2.0, 6.0)]  # fmt: skip
    first = hashes_of(cohort_of({**tables, "assessments": [*tables["assessments"], *pair]}))
    second = hashes_of(cohort_of({**tables, "assessments": [*tables["assessments"], *pair[::-1]]}))
    assert first["assessments"] != second["assessments"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"drug": ["ab", "c"]}, {"drug": ["a", "bc"]}),
        ({"drug": ["", None]}, {"drug": [None, ""]}),
        ({"n": [0, None]}, {"n": [None, 0]}),
        ({"n": [1, 2]}, {"m": [1, 2]}),
    ],
)
def test_tables_that_differ_have_different_hashes(one, other):
    def hash_of_people(columns):
        frame = pl.DataFrame({"person_id": ["P1", "P2"], **columns})
        record = Record({"people": frame}, About())
        return hashes_of(Cohort.of(record))["people"]

    assert hash_of_people(one) == hash_of_people(one)
    assert hash_of_people(one) != hash_of_people(other)


def test_long_tables_are_hashed_in_parts(monkeypatch):
    """However many rows are hashed at a time."""
    before = hashes_of(cohort_of(six_people()))
    monkeypatch.setattr("afterdose.cohort.hashes._ROWS", 2)
    assert hashes_of(cohort_of(six_people())) == before


def test_a_file_read_again_knows_every_number(text, tmp_path):
    path = tmp_path / "new" / "report.json"
    cohort = cohort_of(six_people())
    report = build_report(cohort, as_of=AS_OF, completeness=[CHECK])
    write_report_json(report, path, data=hashes_of(cohort), protocols=[PROTOCOL])
    assert path.read_text(encoding="utf-8") == text
    written = read_report_json(path)
    places = number_ids(report)
    assert list(written.numbers) == list(places)
    for name, place in places.items():
        assert written.number(name).words == place.in_words()
        written.refuse_other_number(name, place)
    for section in report.sections:
        written.refuse_other_definitions(section.definitions)
    written.refuse_other_data(hashes_of(cohort), written.data)


def test_what_has_changed_is_refused_by_name(text, tmp_path):
    path = tmp_path / "report.json"
    path.write_text(text.replace(hash_of(RELAPSE_RATE), "0" * 64), encoding="utf-8")
    written = read_report_json(path)
    with pytest.raises(UsageError, match="other definitions of relapse-rate than"):
        written.refuse_other_definitions([RELAPSE_RATE, CARE_MS_CDW])
    data = {**written.data, "mri": "1", "relapses": "2"}
    with pytest.raises(UsageError, match=r"mri, relapses differ\. Permitted: the same values"):
        written.refuse_other_data(data, sorted(data))
    written.refuse_other_data(data, ["people"])
    places = number_ids(build_report(cohort_of(six_people()), as_of=AS_OF))
    for place in (None, places["c1.E2"]):
        with pytest.raises(UsageError, match=r"another number of c1\.E3"):
            written.refuse_other_number("c1.E3", place)
    with pytest.raises(UsageError, match=r"no number 'c1\.E30'\. It has \d+; nearest: c1\.E3"):
        written.number("c1.E30")
    with pytest.raises(UsageError, match=r"no number '–'\. It has \d+\. Read the id off the page"):
        written.number("–")


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "afterdose-report/0"}', "{}"])
def test_another_file_is_no_report(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableInputError, match=r"other\.json is not a report for machines"):
        read_report_json(path)


def test_without_hashes_it_says_nothing_of_its_record():
    report = build_report(cohort_of(six_people()), as_of=AS_OF)
    assert report_as_dict(report)["data"] == {}
