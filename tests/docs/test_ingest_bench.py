"""The bench of ingest does everything at a small size, and its page tells what was found."""

import doctest
import importlib
import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "scripts"
BENCH = SCRIPTS / "bench_ingest.py"
PAGE = "fragments/ingest-performance.md"

pytestmark = [
    pytest.mark.skipif(
        not (ROOT / ".cache" / "peers-ingest" / "bin" / "python").exists(),
        reason="the peers' environment is not there; `make test` makes it",
    ),
    # One process measures for them all.
    pytest.mark.xdist_group("ingest bench"),
]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What the whole bench writes, as a process of its own."""
    path = tmp_path_factory.mktemp("bench") / "small.json"
    done = subprocess.run(
        [sys.executable, BENCH, "--small", "--into", path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def page_of(tmp_path):
    """The page of what was found, or of nothing."""
    from generators import ingest_performance

    (tmp_path / "docs").mkdir()

    def make(found=None):
        if found is not None:
            text = json.dumps(found)
            (tmp_path / "docs" / "benchmarks-ingest.json").write_text(text, "utf-8")
        return ingest_performance.pages(tmp_path)[PAGE]

    return make


@pytest.fixture
def bench(monkeypatch):
    """The script as a module."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return importlib.import_module("bench_ingest")


def test_every_result_is_in_the_record(measured):
    ours = measured["observations"]["ours"]
    assert (ours["results"], ours["accepted"], ours["set aside"]) == (3_200, 3_208, 0)
    assert len(ours["seconds"]) == len(ours["processor seconds"]) == 2
    ours = measured["messages"]["ours"]
    assert (ours["results"], ours["accepted"], ours["duplicates"]) == (1_600, 1_625, 175)


def test_peers_read_the_same_values(measured):
    asked = measured["observations"]["peers"]
    assert [(one["peer"], one["read"]) for one in asked] == [
        ("duckdb", 3_200),
        ("polars", 3_200),
        ("orjson", 2_000),
        ("fhir.resources", 300),
    ]
    asked += measured["messages"]["peers"]
    assert [(one["peer"], one["messages"]) for one in asked[4:]] == [
        ("split", 200),
        ("hl7", 100),
        ("hl7apy", 10),
    ]
    for one in asked:
        assert one["compared"] >= 24


def test_vital_signs_are_set_aside_and_nothing_else(measured):
    shapes = measured["observations"]["shapes"]
    assert shapes["vital-signs"]["set aside"] == 3 * shapes["vital-signs"]["other lines"] / 2 == 600
    assert {one["results"] for one in shapes.values()} == {1_600}
    assert shapes["synthea"]["bytes"] < shapes["identifiers"]["bytes"]


def test_memory_is_measured_of_four_exports(measured):
    memory = {one["export"]: one for one in measured["memory"]}
    assert list(memory) == ["small", "packed", "large", "long"]
    small = memory["small"]
    assert memory["packed"]["bytes"] < small["bytes"] / 4
    assert 3.5 < memory["long"]["bytes"] / small["bytes"] < 4.5
    assert 3.5 < memory["large"]["bytes"] / small["bytes"] < 4.5
    assert memory["long"]["results"] == small["results"] == memory["large"]["results"] / 4
    for one in memory.values():
        assert 0 < one["memory before, MB"] < one["most memory, MB"]


def test_the_files_are_the_same_each_time(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    fhir_export = importlib.import_module("fhir_export")
    hl7_feed = importlib.import_module("hl7_feed")
    for number in range(2):
        folder = tmp_path / str(number)
        for name, shape in fhir_export.SHAPES.items():
            fhir_export.write_export(folder / name, 3, 2, shape, 5)
        hl7_feed.write_feed(folder / "feed.hl7", 5, 5)
    first, second = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
        for folder in (tmp_path / "0", tmp_path / "1")
    )
    assert len(first) == 11
    assert first == second


def test_lines_have_what_lines_of_synthea_have(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    fhir_export = importlib.import_module("fhir_export")
    synthea = [
        "resourceType", "id", "meta", "status", "category", "code", "subject", "encounter",
        "effectiveDateTime", "issued", "valueQuantity",
    ]  # fmt: skip
    for name, shape in fhir_export.SHAPES.items():
        fhir_export.write_export(tmp_path / name, 1, 1, shape, 1)
        lines = (tmp_path / name / "Observation.ndjson").read_text("utf-8").splitlines()
        members = list(json.loads(lines[0]))
        if name == "synthea":
            assert members == synthea
        else:
            assert [each for each in members if each in synthea] == synthea
            assert {"performer", "interpretation", "referenceRange"} <= set(members)


@pytest.mark.parametrize(
    ("name", "said"),
    [("results", "results 39 instead of 40"), ("set aside", "set aside 1 instead of 0")],
)
def test_a_record_that_lost_or_gained_a_row_stops_the_bench(bench, name, said):
    made = {"results": 40, "people": 2, "sample": ["a"]}
    found = {"results": 40, "accepted": 42, "duplicates": 0, "set aside": 0, "sample": {"a": []}}
    bench.hold(found, made)
    found[name] += -1 if name == "results" else 1
    with pytest.raises(SystemExit, match=said):
        bench.hold(found, made)


def test_a_sample_that_is_not_found_stops_the_bench(bench):
    made = {"results": 40, "people": 2, "sample": ["a", "b"]}
    found = {"results": 40, "accepted": 42, "duplicates": 0, "set aside": 0, "sample": {"a": []}}
    with pytest.raises(SystemExit, match="sample"):
        bench.hold(found, made)


def test_a_peer_that_read_another_value_stops_the_bench(bench):
    theirs = {"a": [1], "b": [2]}
    assert bench.compare("peer", {"a": [1], "b": [2], "c": [3]}, theirs, list.__eq__) == 2
    with pytest.raises(SystemExit, match="Of 2 results peer read 1 otherwise"):
        bench.compare("peer", {"a": [1], "b": [3]}, theirs, list.__eq__)
    with pytest.raises(SystemExit, match="Of 0 results"):
        bench.compare("peer", {"a": [1]}, {}, list.__eq__)


def test_values_that_differ_are_not_alike(bench):
    ours = ["0001", "3016-3", "<0.005", "<", "m[IU]/L", "2020-01-02T08:00:00"]
    theirs = ["0001", "3016-3", 0.005, "<", "m[IU]/L", "2020-01-02T08:00:00+01:00"]
    assert bench.is_observation_alike(ours, theirs)
    for place, other in enumerate(["0002", "718-7", 0.006, None, "U/L", "2020-01-02T09:00:00Z"]):
        changed = [*theirs[:place], other, *theirs[place + 1 :]]
        assert not bench.is_observation_alike(ours, changed)
    theirs = ["0001", "<^0.005", "m[IU]/L", "20200102080000+0100"]
    assert bench.is_message_alike(ours, theirs)
    for place, other in enumerate(["0002", "0.005", "U/L", "20200102090000+0100"]):
        changed = [*theirs[:place], other, *theirs[place + 1 :]]
        assert not bench.is_message_alike(ours, changed)


def test_the_page_tells_all_and_that_it_is_a_trial(measured, page_of):
    page = page_of(measured)
    assert page.startswith("**A trial at a small size")
    assert page.count("\n## ") == 4
    assert not re.search(r"\b(nan|inf|None)\b", page)
    assert not page_of(measured | {"small": False}).startswith("**A trial")


def test_targets_that_were_missed_are_printed_as_missed(measured, page_of):
    slow = deepcopy(measured)
    slow["observations"]["ours"] |= {"seconds": [0.0129, 0.016], "bytes": 3_200 * 1_300}
    slow["messages"]["ours"] |= {"seconds": [0.0101, 0.02], "bytes": 200 * 2_500}
    small, _, _, long = slow["memory"]
    small |= {"most memory, MB": 400.0, "bytes": 5 * 10**8}
    long |= {"most memory, MB": 504.0, "bytes": 2 * 10**9}
    rows = _rows(page_of(slow))
    assert rows["FHIR to a record, the hospital's lines, 1,300 bytes each"] == [
        "250,000 Observations/s",
        "248,000 (200,000) Observations/s",
        "**no**",
    ]
    assert rows["HL7 v2 to a record, eight results and 2,500 bytes each"] == [
        "20,000 messages/s",
        "19,800 (10,000) messages/s",
        "**no**",
    ]
    assert rows["Most memory for the same results in a file 4.00 times as large"] == [
        "at most 1.25 times as much",
        "1.26 times: 504 MB and 400 MB",
        "**no**",
    ]


def test_targets_that_were_met_are_printed_as_met(measured, page_of):
    quick = deepcopy(measured)
    quick["observations"]["shapes"]["synthea"] |= {"seconds": [0.0064], "bytes": 1_600 * 900}
    quick["messages"]["ours"] |= {"seconds": [0.01, 0.02], "bytes": 200 * 2_500}
    small, _, _, long = quick["memory"]
    long["most memory, MB"] = 1.25 * small["most memory, MB"]
    rows = _rows(page_of(quick))
    name = "FHIR to a record, Synthea's lines, 900 bytes each"
    assert rows[name] == ["250,000 Observations/s", "250,000 Observations/s", "yes"]
    name = "HL7 v2 to a record, eight results and 2,500 bytes each"
    assert rows[name] == ["20,000 messages/s", "20,000 (10,000) messages/s", "yes"]
    (name,) = (row for row in rows if row.startswith("Most memory for the same"))
    assert rows[name][2] == "yes"


def test_what_ten_gigabytes_need_is_said_to_be_computed(measured, page_of):
    told = deepcopy(measured)
    small, _, large, _ = told["memory"]
    small |= {"memory before, MB": 0.0, "most memory, MB": 100.0, "results": 400_000}
    large |= {"memory before, MB": 0.0, "most memory, MB": 700.0, "results": 1_600_000}
    large["bytes"] = 1_600_000 * 1_250
    assert (
        "grows by 500 bytes a result. By that, not by measurement, 10 GB of such lines, "
        "8.0 million results, take 3.9 GB."
    ) in page_of(told)


def test_without_figures_the_page_says_so(page_of):
    assert "Not measured yet" in page_of()


@pytest.mark.parametrize("name", ["bench_ingest", "fhir_export", "hl7_feed"])
def test_examples_of_the_scripts_run(name, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    found = doctest.testmod(importlib.import_module(name))
    assert (found.attempted > 0, found.failed) == (True, 0)


def _rows(page):
    """The cells of each row by its first."""
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {first: rest for first, *rest in cells}
