"""Every number has an id, which stands on the page and in the file for machines."""

from math import nan

import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people
from tests.study.test_html import CHECK, Page

from afterdose.study import build_report, render_report, report_as_dict
from afterdose.study.identifiers import number_ids, slug
from afterdose.study.model import Cell, Estimate, Part, Report, Section, Table


@pytest.fixture(scope="module")
def report():
    return build_report(cohort_of(six_people()), as_of=AS_OF, completeness=[CHECK])


def report_of(*sections):
    return Report("", True, "", "alemtuzumab", AS_OF, 12, 0, 0, "", sections)


ONE = Estimate("", None, None, 7, nan, nan, "people")


def test_a_cell_is_called_as_in_a_spreadsheet(report):
    """Section c, its first table, column E, row 3: the relapse rate of year 3."""
    place = number_ids(report)["c1.E3"]
    assert place.text == row_of(place)[4]
    assert place.table.header[4] == "Rate a year"
    assert row_of(place)[0] == "3"
    assert place.in_words().endswith("row 3, column Rate a year")


def row_of(place):
    return place.table.rows[place.row]


def test_a_number_stated_by_name_is_called_after_it(report):
    place = number_ids(report)["c.relapse-rate-year-3"]
    assert place.table is None
    assert place.number is report.section("c").estimates[2]
    assert place.in_words() == "Relapse rate, year 3"


def test_only_cells_with_a_number_have_an_id_and_all_of_them(report):
    cells = sum(
        isinstance(cell, Cell)
        for section in report.sections
        for part in section.parts
        for row in part.table.rows
        for cell in row
    )
    named = sum(len(section.estimates) for section in report.sections)
    assert len(number_ids(report)) == cells + named


def test_columns_beyond_z():
    row = ("heading", *(Cell("7", ONE) for _ in range(27)))
    table = Table("Wide", ("",) * 28, (row,))
    found = list(number_ids(report_of(Section(id="s", title="", parts=(Part(table),)))))
    assert found[0] == "s1.B1"
    assert found[24:] == ["s1.Z1", "s1.AA1", "s1.AB1"]


def test_two_numbers_of_one_name_are_refused():
    """The labels differ, but not in a letter or a digit."""
    labels = (Estimate(label, None, None, 1, nan, nan, "people") for label in ("A, b", "a b"))
    with pytest.raises(ValueError, match=r"Two numbers of the report have the id s\.a-b"):
        number_ids(report_of(Section(id="s", title="", estimates=tuple(labels))))
    with pytest.raises(ValueError, match="names no number"):
        slug("–")


def test_page_and_file_give_every_number_the_same_id(report):
    """What is read off the page is found in the file for machines."""
    page = Page(render_report(report))
    on_page = {attributes["id"] for tag, attributes in page.elements
               if tag in ("td", "tr") and "id" in attributes}  # fmt: skip
    sections = report_as_dict(report)["sections"]
    cells = {
        cell["id"]
        for section in sections
        for table in section["tables"]
        for row in table["cells"]
        for cell in row
        if "id" in cell
    }
    named = {one["id"] for section in sections for one in section["estimates"]}
    assert on_page == cells | named == set(number_ids(report))


def test_the_page_shows_tables_columns_and_rows_by_name(report):
    """In small letters that a screen reader passes over: it counts columns and rows itself."""
    html = render_report(report)
    (table,) = [
        part for part in html.split("<table")[1:]
        if '<span class="table-id">Table c1</span>' in part
    ]  # fmt: skip
    table = table.split("</table>")[0]
    at = 'class="at" aria-hidden="true">'
    header, body = table.split("<tbody>")
    assert [part[0] for part in header.split(at)[1:]] == list("ABCDEF")
    assert [part[0] for part in body.split(at)[1:]] == list("123456")
    assert '<td id="c1.E3">' in body
    assert '<details class="numbers">' in html
    assert 'id="tracing"' in html
