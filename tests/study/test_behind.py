"""Numbers of the report know whose rows are behind them."""

import re
from datetime import date

import pytest

from afterdose.cohort import Cohort, Record
from afterdose.outcomes.person import evaluate_person
from afterdose.outcomes.timeline import timeline_of
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report
from afterdose.study.methods import numbers_of
from afterdose.study.model import Cell

_AS_OF = date(2023, 6, 30)
_OF_RESULTS = ("monitoring",)
"""Sections whose numbers are of results, not of people."""
_OF_TOTALS = ("flow", "missing")
"""Sections with people whom no outcome was asked of, and with years and bounds."""


@pytest.fixture(scope="module")
def cohort():
    return Cohort.of(simulate_cohort(people=60, seed=2))


@pytest.fixture(scope="module")
def report(cohort):
    return build_report(cohort, as_of=_AS_OF)


def _cells(report):
    for section in report.sections:
        for part in section.parts:
            for row in part.table.rows:
                if row[0] in ("None", "Nothing", "Nobody", "No death"):  # a table of nothing
                    continue
                for column, text in zip(part.table.header[1:], row[1:], strict=True):
                    yield section, part.table, column, text


def test_every_cell_with_a_number_knows_whose_rows_are_behind_it(report):
    seen = 0
    for section, table, column, text in _cells(report):
        if section.id in (*_OF_RESULTS, *_OF_TOTALS) or not re.search(r"\d", text):
            continue
        where = section.id, table.caption, column, text
        assert isinstance(text, Cell), where
        assert text.number.behind is not None, where
        seen += 1
    assert seen > 1000


def test_every_named_number_knows_whose_rows_are_behind_it(report):
    for section in report.sections:
        for number in section.estimates if section.id not in _OF_RESULTS else ():
            assert number.behind is not None, (section.id, number.label)


def test_counts_of_people_are_of_those_counted(report):
    """And shares of people have them as numerator and denominator."""
    counts = shares = 0
    for section in report.sections:
        for number in numbers_of(section) if section.id not in _OF_TOTALS else ():
            behind = number.behind
            if behind is None or id(number) in _of_years(section):
                continue
            where = section.id, number.label, behind.outcome, behind.year
            if number.unit == "people":
                assert number.value == len(behind.counted), where
                counts += 1
            elif number.unit == "%" and number.numerator is not None:
                assert number.numerator == len(behind.counted), where
                assert number.denominator == len(behind.asked), where
                shares += 1
    assert counts > 300
    assert shares > 300


def _of_years(section):
    """The numbers that count years, of which a person has several."""
    named = [one for one in section.estimates if "courses received" in one.label]
    tables = [part.table for part in section.parts if "courses received" in part.table.caption]
    cells = [cell.number for table in tables for row in table.rows[1:] for cell in row[1:]]
    return {id(number) for number in (*named, *cells)}


def test_a_median_is_of_those_behind_it(report):
    for name in ("e", "ageing", "later", "volume-since"):
        medians = [one for one in numbers_of(report.section(name)) if one.method == "rank-median"]
        assert medians
        for number in medians:
            assert number.denominator == len(number.behind.asked) == len(number.behind.counted)


def test_the_people_behind_a_number_are_those_the_plain_code_finds(cohort, report):
    """Positions are of the record, also where the number is of a part of its people."""
    people = [
        evaluate_person(history, "alemtuzumab", as_of=_AS_OF) for history in cohort.histories()
    ]
    assert all(person is not None for person in people)
    number = next(
        one for one in report.section("f").estimates if one.label == "Thyroid disease, crude"
    )
    without = {place for place, one in enumerate(people) if one.earlier.value != "yes"}
    had = {
        place for place in without
        if (people[place].first_events["thyroid"].ending or "") == "event"
    }  # fmt: skip
    assert set(number.behind.counted.tolist()) == had
    assert set(number.behind.asked.tolist()) <= without
    later = next(row for row in report.section("later").parts[0].table.rows
                 if row[0] == "Stage: later stage")  # fmt: skip
    assert later[1].number.behind.counted.tolist() == [
        place for place, one in enumerate(people) if one.extension.stage == "later stage"
    ]


def test_people_who_are_not_in_the_study_shift_nobody():
    """Positions count everybody in the record, treated or not."""
    record = simulate_cohort(people=30, seed=3)
    treatments = record.frames["treatments"]
    first = record.frames["people"]["person_id"].min()
    others = treatments.filter(treatments["person_id"] != first)
    cohort = Cohort.of(Record({**record.frames, "treatments": others}, record.about))
    lines = [timeline_of(history, "alemtuzumab", as_of=_AS_OF) for history in cohort.histories()]
    number = build_report(cohort, as_of=_AS_OF).section("strata").parts[0].table.rows[0][1].number
    assert 0 not in number.behind.asked
    assert {lines[place].start is not None for place in number.behind.asked} == {True}
