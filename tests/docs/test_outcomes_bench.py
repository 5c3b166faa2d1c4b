"""The bench of outcomes does every job at a small size, and its page tells what was found."""

import doctest
import importlib
import json
import re
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest

from support.beside_pymsprog import PYTHON

SCRIPTS = Path(__file__).parents[2] / "scripts"
BENCH = SCRIPTS / "bench_outcomes.py"
PAGE = "fragments/outcomes-performance.md"

pytestmark = [
    pytest.mark.skipif(
        not PYTHON.exists(), reason="the peers' environment is not there; `make test` makes it"
    ),
    # One process measures for them all.
    pytest.mark.xdist_group("outcomes bench"),
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
    assert done.returncode == 0, done.stderr
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def page_of(tmp_path):
    """The page of what was found, or of nothing."""
    from generators import outcomes_performance

    (tmp_path / "docs").mkdir()

    def make(found=None):
        if found is not None:
            text = json.dumps(found)
            (tmp_path / "docs" / "benchmarks-outcomes.json").write_text(text, "utf-8")
        return outcomes_performance.pages(tmp_path)[PAGE]

    return make


def test_peers_find_the_same_in_the_same_people(measured):
    asked = measured["disability"]["peers"]
    assert [(one["peer"], one["people"]) for one in asked] == [
        ("pymsprog", 60),
        ("msclinical", 60),
    ]
    for one in asked:
        assert one["events of either"] > 20
        assert one["events of both"] == one["events of either"]
        assert one["people who differ"] == 0
        assert (len(one["ours"]), len(one["theirs"])) == (2, 1)


def test_everybody_who_streams_has_an_answer(measured):
    found = measured["disability"]["from Parquet"]
    assert found["people"] == 2_000
    assert 0 < found["with an event"] < found["people"] - found["not assessable"]
    assert found["events"] >= found["with an event"]


def test_every_definition_is_asked(measured):
    found = measured["disability"]["multiverse"]
    assert found["definitions"] == 360
    assert 0 < found["least share with an event"] < found["greatest share with an event"] < 1


def test_estimates_are_those_of_lifelines(measured):
    survival = measured["survival"]
    assert survival["kaplan-meier"]["largest difference"]["values"] < 1e-12
    differences = survival["aalen-johansen"]["largest difference"]
    assert differences["values"] < 1e-12
    assert differences["variances"] < 1e-12


def test_the_report_is_built_and_rendered(measured):
    as_it_comes, compiled, large = measured["report"]["measured"]
    assert as_it_comes["page, bytes"] > 10_000
    for part in ("building", "rendering", "completeness"):
        assert len(as_it_comes[part]) == 2
    assert "completeness" not in large
    # Both can be asked of the compiled engine, or neither.
    assert ("not run" in compiled) == ("not run" in large)


def test_a_report_without_laboratory_results_leaves_completeness_out(tmp_path):
    """As the largest record does, whichever engine is asked."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, SCRIPTS / "report.py", *arguments, "--folder", tmp_path / "record"],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    run("make", "--people", "30", "--without-labs")
    found = run("measure", "--runs", "1")
    assert (found["people"], found["engine"]) == (30, "default")
    assert "completeness" not in found
    assert len(found["building"]) == len(found["rendering"]) == 1


def test_the_page_tells_all_and_that_it_is_a_trial(measured, page_of):
    page = page_of(measured)
    assert page.startswith("**A trial at a small size")
    assert page.count("\n## ") == 4
    assert not re.search(r"\b(nan|inf|None)\b", page)
    assert not page_of(measured | {"small": False}).startswith("**A trial")


def test_a_target_that_was_missed_is_printed_as_missed(measured, page_of):
    slow = deepcopy(measured)
    slow["disability"]["multiverse"]["seconds"] = [59.0, 61.0, 62.0]
    slow["survival"]["kaplan-meier"] |= {"ours": [0.2], "theirs": [1.98]}
    rows = _rows(page_of(slow))
    assert rows["360 definitions of 300 people"] == [
        "under 60 s",
        "61.0 (59.0 to 62.0) s",
        "**no**",
    ]
    name = "Kaplan-Meier of 2,000 times, against lifelines"
    assert rows[name] == ["at least 10 times", "9.90 times", "**no**"]


def test_a_target_that_was_met_is_printed_as_met(measured, page_of):
    quick = deepcopy(measured)
    quick["disability"]["from Parquet"]["seconds"] = [2_000 / 300_000]
    large = {"people": 60, "engine": "local", "reading": [9.0], "most memory, MB": 900.0}
    large |= {"building": [40.0, 20.0, 22.0], "rendering": [2.0, 1.0, 1.0]}
    quick["report"]["measured"][-1] = large
    page = page_of(quick)
    rows = _rows(page)
    name = "Parquet to every answer, 2,000 people with 20 visits each"
    assert rows[name] == ["300,000 people/s", "300,000 people/s", "yes"]
    name = "Extension report of 60 people, compiled, warm"
    assert rows[name] == ["under 30 s", "22.0 (21.0 to 23.0) s", "yes"]
    told = "| 60 | compiled | 9.00 | 21.0 (20.0 to 22.0) | 1.00 (1.00 to 1.00) | left out | 42.0 |"
    assert told in page


def test_what_was_not_run_is_neither_met_nor_missed(measured, page_of):
    measured = deepcopy(measured)
    large = {"people": 60, "engine": "local", "not run": "no engine"}
    measured["report"]["measured"][-1] = large
    rows = _rows(page_of(measured))
    name = "Extension report of 60 people, compiled, warm"
    assert rows[name] == ["under 30 s", "not run: no engine", "not run"]


def _rows(page):
    """The cells of each row by its first."""
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {first: rest for first, *rest in cells}


def test_without_figures_the_page_says_so(page_of):
    assert "Not measured yet" in page_of()


@pytest.mark.parametrize("name", ["bench_outcomes", "timing"])
def test_examples_of_the_scripts_run(name, monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    found = doctest.testmod(importlib.import_module(name))
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_examples_of_the_pages_numbers_run():
    from generators import figures

    found = doctest.testmod(figures)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_an_unknown_job_is_refused():
    done = subprocess.run(
        [sys.executable, BENCH, "surviva"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no job surviva; there are disability, survival, report" in done.stderr
