"""The report's numbers, on six people small enough to count by hand."""

import json
import re
from datetime import date

import numpy as np
import pytest
from tests.study.conftest import AS_OF, cohort_of

from afterdose.engines.extension import ANSWERS, MET
from afterdose.engines.reference import CheckCompleteness
from afterdose.outcomes.retreatment import is_retreated_in_year
from afterdose.outcomes.timeline import timeline_of
from afterdose.study import build_report, report_as_dict, summary_lines
from afterdose.study.model import Cell
from afterdose.study.people import collect
from afterdose.study.sections.retreatment import retreated_in_year


@pytest.fixture
def report(tables):
    return build_report(cohort_of(tables), as_of=AS_OF)


def estimate(report, section, label):
    (found,) = [one for one in report.section(section).estimates if one.label == label]
    return found


def row_of(report, section, table, first_cell):
    """One row of a section's table, as a dict by column."""
    content = report.section(section).parts[table].table
    (row,) = [row for row in content.rows if row[0] == first_cell]
    return dict(zip(content.header, row, strict=True))


def test_retreated_in_year_3(report):
    """P1, of the six who entered year 3; P3, who withdrew in that year, is not assessable."""
    found = estimate(report, "a", "Retreated in year 3")
    assert (found.numerator, found.denominator) == (1, 6)
    assert found.value == pytest.approx(100 / 6)
    assert row_of(report, "a", 0, "3")["Not assessable"] == "1"


def test_retreated_in_year_4_keeps_the_denominator(report):
    """P2, of the same six."""
    found = estimate(report, "b", "Retreated in year 4")
    assert (found.numerator, found.denominator) == (1, 6)


def test_retreated_in_a_year_by_columns_is_the_plain_answer(tables):
    """Every person and year, years that nobody was seen in too."""
    cohort = cohort_of(tables)
    for as_of in (AS_OF, date(2012, 5, 31), date(2013, 12, 31)):
        study = collect(cohort, "alemtuzumab", as_of=as_of)
        for year in range(1, 9):
            plain = [
                ANSWERS.index(is_retreated_in_year(line, year)[0])
                for line in (timeline_of(one, "alemtuzumab", as_of=as_of)
                             for one in cohort.histories())
                if line.start
            ]  # fmt: skip
            assert retreated_in_year(study, year).tolist() == plain


def test_relapse_rate_counts_only_days_under_observation(report):
    """In year 3 two relapses: P3's came after withdrawal, when nobody was counting days either."""
    found = estimate(report, "c", "Relapse rate, year 3")
    days = 5 * 366 + 182
    assert found.numerator == 2
    assert found.denominator == round(days / 365.25, 1)
    assert found.value == pytest.approx(2 / (days / 365.25))
    assert "1 of 2 relapses counted are neither confirmed nor refuted" in " ".join(
        report.section("c").notes
    )


def test_edss_against_baseline(report):
    """At the end of year 3 P1 is a point worse; P3's visit counts although P3 had withdrawn."""
    found = row_of(report, "d", 0, "3")
    assert found["With a score"] == "6"
    assert found["Worse"].startswith("1 (16.7 %")
    assert found["Better"].startswith("0 (0.0 %")


def test_brain_volume(report):
    """Everybody lost 0.002 of 0.800 in the first year."""
    found = estimate(report, "e", "Median BPF change, year 1")
    assert found.denominator == 6
    assert found.value == pytest.approx(-0.25 * 365.25 / 365)


def test_autoimmune_disease_leaves_earlier_disease_to_its_own_line(report):
    """P6 of five; P5 had thyroid disease before treatment and is counted apart."""
    found = estimate(report, "f", "Thyroid disease by the end of year 6")
    assert (found.numerator, found.denominator) == (1, 5)
    assert found.value == pytest.approx(25.0)  # P3 had left, so P6 was one of four
    assert row_of(report, "earlier", 0, "With earlier autoimmune disease")["With an event"] == "1"
    assert row_of(report, "earlier", 0, "Never asked")["People"] == "1"


def test_autoimmune_disease_by_a_year_leaves_later_disease_out(tables):
    """P1's begins in year 6, after the headline year, in which half were seen to the end."""
    for row in tables["follow_up"]:
        if row["person_id"] in ("P2", "P5", "P6"):
            row["end_date"] = "2014-12-31"
    tables["events"].append(
        {"person_id": "P1", "onset_date": "2015-06-01", "category": "thyroid",
         "recorded_date": "2015-06-02"}
    )  # fmt: skip
    report = build_report(cohort_of(tables), as_of=AS_OF)
    found = estimate(report, "f", "Thyroid disease by the end of year 5")
    assert (found.numerator, found.denominator) == (1, 5)
    assert len(found.behind.counted) == 1
    assert row_of(report, "f", 0, "Thyroid disease")["With an event"] == "2"
    section = report.section("f")
    assert "By the end of year 5 thyroid disease had begun in 1 of 5 people" in section.headline
    assert "thyroid 1 of 5," in section.summary


def test_relapses_of_the_note_are_those_of_all_years(tables):
    """One in a year that nobody completed is counted in the models, and so in the note."""
    tables["follow_up"] = [
        {**row, "end_date": min(row["end_date"], "2015-06-30")} for row in tables["follow_up"]
    ]
    tables["relapses"].append({"person_id": "P1", "onset_date": "2015-03-01", "confirmed": True})
    section = build_report(cohort_of(tables), as_of=AS_OF).section("c")
    assert "1 of 3 relapses counted are neither" in " ".join(section.notes)
    assert (
        dict(zip(*(section.parts[1].table.header, section.parts[1].table.rows[0]), strict=True))[
            "Relapses"
        ]
        == "3"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda tables: tables["follow_up"].clear(), id="zero person-time"),
        pytest.param(lambda tables: tables["treatments"].clear(), id="nobody treated"),
        pytest.param(lambda tables: tables["mri"].clear(), id="no scan"),
        pytest.param(lambda tables: tables["assessments"].clear(), id="no EDSS"),
        pytest.param(
            lambda tables: [row.update(end_date="2010-01-01") for row in tables["follow_up"]],
            id="seen for one day",
        ),
    ],
)
def test_first_sentences_say_not_assessable_where_nobody_is_behind_them(tables, change):
    """Rather than 0 of 0 and a dash."""
    change(tables)
    report = build_report(cohort_of(tables), as_of=AS_OF)
    said = [line for one in report.sections for line in (one.headline, one.summary) if line]
    assert any(line.startswith("Not assessable: ") for line in said)
    for line in said:
        assert not re.search(r"(^|[^\d])0 of (the )?0\b|– %|– a year|^– ", line), line


def test_first_events_per_year_at_risk(report):
    """P6's disease began in year 3, and P6 is at risk only until then."""
    found = estimate(report, "f", "Thyroid disease, first events in year 3")
    days = 366 + 366 + 182 + 366 + 245  # P1, P2, P3 to 30 June, P4, P6 to 1 September
    assert found.numerator == 1
    assert found.value == pytest.approx(100 / (days / 365.25))


def test_deaths(report):
    found = estimate(report, "deaths", "Deaths under observation")
    assert found.numerator == 1
    assert row_of(report, "deaths", 0, "not recorded")["Deaths"] == "1"


def test_flow_of_people_adds_up(report):
    """In the record = never treated + first course unknown + everybody in the report."""
    steps = {row[0]: int(row[1]) for row in report.section("flow").parts[0].table.rows}
    assert steps["In the record"] == 7
    assert steps["No course of alemtuzumab by the data day"] == 1
    assert steps["First course begun: everybody in this report"] == 6
    assert row_of(report, "flow", 1, "3")["Ended: withdrew"] == "1"
    assert row_of(report, "flow", 1, "4")["Ended: died"] == "1"


def test_a_first_course_that_is_not_held_leaves_a_person_out(tables):
    """P2's record begins with course 2: in no statement, and counted as missing."""
    tables["treatments"] = [
        row for row in tables["treatments"] if (row["person_id"], row["course_number"]) != ("P2", 1)
    ]
    found = build_report(cohort_of(tables), as_of=AS_OF)
    assert found.treated == 5
    assert row_of(found, "flow", 0, "First course not in the record, so in no statement") == {
        "Step": "First course not in the record, so in no statement",
        "People": "1",
    }
    assert row_of(found, "missing", 0, "First course")["Missing"] == "1"


def test_confirmed_worsening_takes_two_visits(report, tables):
    """P1's worsening at the last visit is not confirmed until another shows it."""
    assert row_of(report, "d", 1, "2")["Cumulative incidence"] == "0.0 %"
    tables["assessments"].append(
        {"person_id": "P1", "date": "2013-07-01", "measure": "edss", "value": 3.0}
    )
    columns = collect(cohort_of(tables), "alemtuzumab", as_of=AS_OF).columns
    (worse,) = np.flatnonzero(columns.cdw.answer == MET)
    assert columns.cdw.onset[worse] == (date(2013, 1, 1) - date(2010, 1, 1)).days


def behind(found):
    """Whose rows: people asked and counted, by their positions in the record."""
    return found.behind.asked.tolist(), found.behind.counted.tolist()


def test_each_statement_says_whose_rows_are_behind_it(report):
    """The people asked and the people counted, by position, and the definitions."""
    six = [1, 2, 3, 4, 5, 6]  # N1 is the first of the record
    assert behind(estimate(report, "a", "Retreated in year 3")) == (six, [1])
    assert behind(estimate(report, "b", "Retreated in year 4")) == (six, [2])
    assert behind(estimate(report, "c", "Relapse rate, year 3")) == (six, [1, 2])
    free = behind(estimate(report, "relapse-free", "Relapse-free in year 3"))
    assert free == ([1, 2, 4, 5, 6], [4, 5, 6])
    assert behind(estimate(report, "deaths", "Deaths under observation")) == (six, [4])
    for section_id in "abcdef":
        assert report.section(section_id).definitions


_OF_NO_ROW = {
    ("flow", "No course of alemtuzumab by the data day"),
    ("flow", "First course not in the record, so in no statement"),
    ("missing", "First course"),
}
_OWN = ("flow", "a", "b", "courses", "c", "relapse-free", "d", "edss-steps", "mri", "neda",
        "deaths", "missing")  # fmt: skip


def test_every_number_in_a_table_says_whose_rows_are_behind_it(report):
    """A cell with a figure in it carries its number; words and row headings carry none."""
    found = 0
    for section_id in _OWN:
        for part in report.section(section_id).parts:
            for row in part.table.rows:
                for cell in row[1:]:
                    if (section_id, row[0]) in _OF_NO_ROW or not re.search(r"\d", cell):
                        continue
                    assert isinstance(cell, Cell), (section_id, part.table.caption, row[0], cell)
                    assert cell.number.behind is not None, (section_id, row[0], cell)
                    found += 1
        for one in report.section(section_id).estimates:
            assert one.behind is not None, one.label
    assert found > 300


def test_a_count_of_people_is_of_the_people_behind_it(report):
    """Wherever a cell is a plain number of people, as many are counted behind it."""
    found = 0
    for section_id in _OWN:
        for part in report.section(section_id).parts:
            for cell in (one for row in part.table.rows for one in row[1:]):
                if isinstance(cell, Cell) and cell.number.unit == "people" and cell.number.behind:
                    assert len(cell.number.behind.counted) == cell.number.value, part.table.caption
                    found += 1
    assert found > 200


def test_the_data_day_decides_what_has_happened(tables):
    """Asked about the end of 2012, nobody has been retreated in year 4 and P4 is alive."""
    found = build_report(cohort_of(tables), as_of=date(2012, 12, 31))
    assert estimate(found, "deaths", "Deaths under observation").numerator == 0
    assert estimate(found, "b", "Retreated in year 4").numerator == 0


_NEED_FOLLOW_UP = {
    "a", "b", "courses", "c", "relapse-free", "d", "edss-steps", "mri", "neda", "e",
    "volume-since", "f", "safety", "deaths", "earlier", "strata",
}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "silenced"),
    [
        ("relapses", {"c", "relapse-free", "neda"}),
        ("mri", {"mri", "neda", "e", "volume-since", "ageing", "later"}),
        ("assessments", {"d", "edss-steps", "neda", "later"}),
        ("events", {"f", "safety", "earlier"}),
        ("people", {"f", "deaths", "earlier", "later", "strata"}),
        ("follow_up", _NEED_FOLLOW_UP),
        ("treatments", _NEED_FOLLOW_UP | {"flow", "ageing", "later"}),
    ],
)
def test_a_missing_table_silences_only_its_own_statements(tables, table, silenced):
    """The others stand, and the silenced ones name the table."""
    del tables[table]
    found = build_report(cohort_of(tables), as_of=AS_OF)
    missing = {section.id: section.missing for section in found.sections if section.missing}
    assert set(missing) - {"monitoring"} == silenced
    for section_id in silenced:
        assert table in missing[section_id]
        assert missing[section_id].startswith("Not assessable.")


def test_nobody_treated_is_a_report_too(tables):
    """No number is made up where there is nobody to count."""
    tables["treatments"] = []
    found = build_report(cohort_of(tables), as_of=AS_OF)
    assert found.treated == 0
    assert estimate(found, "a", "Retreated in year 3").denominator == 0
    json.dumps(report_as_dict(found), allow_nan=False)


def test_completeness_of_monitoring(tables):
    """One line a check, with its denominator; without it the section says so."""
    row = CheckCompleteness("blood-count", "Blood count", 6, 200, 150, 6000, 5400, 61.0)
    found = build_report(cohort_of(tables), as_of=AS_OF, completeness=[row])
    assert row_of(found, "monitoring", 0, "Blood count")["%"] == "75.0 %"
    assert "150 of 200 tests, 75.0 %" in found.section("monitoring").headline
    without = build_report(cohort_of(tables), as_of=AS_OF).section("monitoring")
    assert "not measured" in without.missing


def test_summary_has_one_line_a_statement(report):
    """Simulated data say so before any number; each number has its published figure."""
    head, *lines = summary_lines(report)
    assert head.startswith("SIMULATED")
    assert [line[:3] for line in lines] == ["(a)", "(b)", "(c)", "(d)", "(e)", "(f)"]
    assert all("published" in line or "Not assessable" in line for line in lines)
    assert sum("published" in line for line in lines) == 5
    assert "1 of 6" in lines[0]


def test_a_real_record_is_not_called_simulated(tables):
    found = build_report(cohort_of(tables, simulated=False), as_of=AS_OF)
    assert not any("SIMULATED" in line for line in summary_lines(found))


def test_the_numbers_can_be_had_as_plain_values(report):
    """Ready for JSON: no value that JSON cannot hold, and nobody's identifier."""
    text = json.dumps(report_as_dict(report), allow_nan=False)
    assert '"numerator": 1' in text
    assert "P1" not in text
