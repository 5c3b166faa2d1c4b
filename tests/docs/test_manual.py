"""The manual is made from spec tests without running them."""

from pathlib import Path

import pytest
from generators.manual import ManualError, read_chapters, read_section, render_chapter

SECTION = '''
"""What a limit is."""

from datetime import date

title = "Limits"

_QUIET = """
    specimen   | analyte   | value
    2021-09-01 | platelets | 230
"""


def test_below_the_limit(spec_test):
    """Below is met; `<90` is below."""
    spec_test(
        alert="platelets-below-100",
        labs=_QUIET
        + """
            2021-10-01 | platelets | 84
        """,
        courses="",
        person={"sex": "male", "death_date": date(2022, 1, 9)},
        absent=frozenset({"mri", "events"}),
        expected={"2021-09-02": "not met", "2021-10-02": "met | since 2021-10-01"},
    )


def test_words_alone():
    """A paragraph may stand without an example."""
'''


@pytest.fixture
def chapter():
    return render_chapter("Which results need action", [read_section(SECTION, "test_limits")])


def test_headings_go_down_in_order(chapter):
    headings = [line for line in chapter.splitlines() if line.startswith("#")]
    assert headings == [
        "# Which results need action",
        "## Limits",
        "### Below the limit",
        "### Words alone",
    ]


def test_the_docstring_is_the_paragraph(chapter):
    assert "Below is met; `<90` is below." in chapter
    assert "A paragraph may stand without an example." in chapter
    assert "What a limit is." in chapter


def test_tables_put_together_from_constants_are_whole(chapter):
    assert (
        "Laboratory results:\n\n"
        "| specimen | analyte | value |\n"
        "| --- | --- | --- |\n"
        "| 2021-09-01 | platelets | 230 |\n"
        "| 2021-10-01 | platelets | 84 |\n"
    ) in chapter


def test_what_else_the_example_gives(chapter):
    assert "Alert `platelets-below-100`." in chapter
    assert "Courses: none." in chapter
    assert "Person: sex male, death date 2022-01-09." in chapter
    assert "Tables the record does not hold: events, mri." in chapter


def test_every_morning_has_its_answer(chapter):
    assert "| 2021-09-02 | not met |\n| 2021-10-02 | met \\| since 2021-10-01 |" in chapter


def test_the_reader_can_find_the_test(chapter):
    assert "`tests/spec/test_limits.py::test_below_the_limit`" in chapter


def test_nothing_is_run():
    source = SECTION + '\nraise SystemExit("the manual ran a test file")\n'
    assert read_section(source, "test_limits").title == "Limits"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('"""No title."""', "test_x.py has no title"),
        ('title = "T"\ndef test_a(spec_test):\n    pass\n', "test_x.py, test_a: no docstring"),
    ],
)
def test_what_cannot_be_printed_is_refused(source, message):
    with pytest.raises(ManualError, match=message):
        read_section(source, "test_x")


def test_every_spec_file_is_in_the_table_of_contents(tmp_path: Path):
    (tmp_path / "toc.py").write_text('CHAPTERS = {"One": ["test_limits"]}')
    (tmp_path / "test_limits.py").write_text(SECTION)
    assert list(read_chapters(tmp_path)) == ["One"]
    (tmp_path / "test_forgotten.py").write_text(SECTION)
    with pytest.raises(ManualError, match="test_forgotten"):
        read_chapters(tmp_path)


def test_the_real_manual_holds_every_spec_test(root: Path, generated):
    manual = "".join(text for path, text in generated.items() if path.startswith("manual/"))
    found = 0
    for path in (root / "tests" / "spec").glob("test_*.py"):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("def test_"):
                name = line.removeprefix("def ").partition("(")[0]
                assert f"`tests/spec/{path.name}::{name}`" in manual
                found += 1
    assert found > 50
