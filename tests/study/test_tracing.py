"""From a number back to the people and rows: the plain code answers, and the trace adds up."""

from collections import Counter
from datetime import date
from statistics import mean, median

import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people

from afterdose.cohort import Cohort
from afterdose.engines.reference import build_completeness
from afterdose.monitoring import evaluate_coverage, load_protocol
from afterdose.outcomes.brain_volume import FROM_BASELINE, FROM_MONTH_12, volume_start
from afterdose.outcomes.person import evaluate_person
from afterdose.record.tables import Event, FollowUp, Lab, Mri, Person
from afterdose.simulate import simulate_cohort
from afterdose.study import build_report
from afterdose.study.identifiers import number_ids, numbers_in
from afterdose.study.questions import OUTCOMES, Asked
from afterdose.study.row_words import show_row
from afterdose.study.sections import monitoring
from afterdose.study.tracing import trace_number
from afterdose.study.tracing_monitoring import check_of, trace_check

PROTOCOL = load_protocol("alemtuzumab-eu")
LATE = date(2023, 6, 30)


def six(**changes):
    return cohort_of({**six_people(), **changes})


@pytest.fixture(scope="module")
def sixty():
    return Cohort.of(simulate_cohort(people=60, seed=2))


@pytest.fixture(scope="module")
def six_report():
    return build_report(six(), as_of=AS_OF)


@pytest.fixture(scope="module")
def everything(sixty):
    """A report of simulated people, and what the plain code knows of each, by position."""
    report = build_report(sixty, as_of=LATE)
    return report, knowledge_of(sixty, LATE, FROM_MONTH_12)


def knowledge_of(cohort, as_of, start):
    found = {}
    for place, history in enumerate(cohort.histories()):
        outcomes = evaluate_person(history, "alemtuzumab", as_of=as_of, volume_start=start)
        if outcomes is not None:
            found[place] = Asked(history, outcomes, start)
    return found


def trace(cohort, report, name, **options):
    return trace_number(cohort, report, number_ids(report)[name], **options)


def told(known, behind, people):
    """What the plain code says of some people, each year once."""
    ask = OUTCOMES[behind.outcome]
    return [
        one
        for place in people
        for one in dict.fromkeys(
            answer for year in behind.years_of(place) for answer in ask(known[place], year)
        )
    ]


def test_the_relapse_rate_of_year_3(six_report):
    """P1 and P2 relapsed; P3's relapse came after withdrawal, when nobody was counting."""
    found = trace(six(), six_report, "c1.E3")
    assert (found.asked, found.counted) == (6, 2)
    people = {one.person_id: one for one in found.people}
    assert list(people) == ["P1", "P2"]
    (answer,) = people["P1"].told
    assert answer.words == "year 3: 1 relapse"
    assert answer.because.definition == "relapse-rate"
    (row,) = answer.because.rows
    assert (row.onset_date, row.confirmed) == (date(2012, 3, 1), True)


def test_those_asked_who_did_not_count_can_be_shown(six_report):
    found = trace(six(), six_report, "a.retreated-in-year-3", not_counted=True)
    assert {one.person_id: (one.is_counted, one.told[0].words) for one in found.people} == {
        "P1": (True, "retreated on 2012-06-01, year 3"),
        "P2": (False, "retreated on 2013-06-01, year 4"),
        "P3": (False, "not assessable"),
        "P4": (False, "not retreated"),
        "P5": (False, "not retreated"),
        "P6": (False, "not retreated"),
    }


def test_only_so_many_people(six_report):
    found = trace(six(), six_report, "c1.E3", not_counted=True, limit=2)
    assert (found.asked, len(list(found.people))) == (6, 2)
    none = trace(six(), six_report, "c1.E3", limit=0)
    assert (none.counted, list(none.people)) == (2, [])


def test_who_was_never_treated_is_behind_the_whole_record_alone(six_report):
    found = trace(six(), six_report, "flow1.B1")
    people = {one.person_id: one.told[0].words for one in found.people}
    assert people["N1"] == "no course of the drug by the data day"
    assert people["P1"] == "first course on 2010-01-01"


def test_a_first_course_that_the_record_does_not_hold():
    """N1 began elsewhere, with a second course as the first one recorded."""
    tables = six_people()
    tables["treatments"].append(
        {"person_id": "N1", "drug": "alemtuzumab", "start_date": "2010-01-01", "course_number": 2}
    )
    cohort = cohort_of(tables)
    found = trace(cohort, build_report(cohort, as_of=AS_OF), "flow1.B1", limit=1)
    (person,) = found.people
    assert person.told[0].words == "the record does not hold the first course"
    assert len(person.told[0].because.rows) == 2


def test_a_number_made_of_other_numbers_has_no_rows(six_report):
    """How many were never treated: no row of a treated person says so."""
    assert trace(six(), six_report, "flow1.B2") is None


REPORTS = ("six", "late", "early", "baseline", *(f"without {name}" for name in six_people()))


@pytest.mark.parametrize("which", REPORTS)
def test_every_outcome_a_number_names_can_be_asked(which, sixty):
    """And each answer is in words, with rows of the record and nothing that is not a number."""
    cohort, as_of, start = six(), AS_OF, FROM_MONTH_12
    if which in ("late", "early", "baseline"):
        cohort, as_of = sixty, LATE if which == "late" else date(2016, 1, 1)
    if which == "baseline":
        start = FROM_BASELINE
    if which.startswith("without "):
        tables = six_people()
        del tables[which.removeprefix("without ")]
        cohort = cohort_of(tables)
    report = build_report(cohort, as_of=as_of, volume_start=start)
    known = knowledge_of(cohort, as_of, start)
    asked = set()
    for place in number_ids(report).values():
        behind = place.number.behind
        if behind is None:
            continue
        people = behind.asked.tolist()
        people = [one for one in people if one in known]
        assert people or behind.outcome == "person" or not len(behind.asked)
        for one in people[:2] if (behind.outcome, behind.year) in asked else people:
            for year in behind.years_of(one):
                answers = OUTCOMES[behind.outcome](known[one], year)
                assert answers
                for answer in answers:
                    assert answer.words
                    assert "None" not in answer.words
                    assert "nan" not in answer.words
                    assert all(show_row(row).table for row in answer.because.rows)
        asked.add((behind.outcome, behind.year))


def test_every_outcome_is_told_of_everybody_and_of_any_year(everything):
    """Also of years that a person was not seen in: then it says so."""
    _, known = everything
    for name, ask in OUTCOMES.items():
        for one in list(known.values())[:5]:
            for year in (None, 1, 3, 12):
                answers = ask(one, year)
                assert all(answer.words for answer in answers), name
    (late,) = OUTCOMES["mri"](known[0], 40)
    assert (late.words, late.because.missing) == ("year 40: not seen", "observation in that year")


def people_of_a_share(number, asked, counted, values, times):
    return (len(counted), len(asked)) == (number.numerator, number.denominator)


def people_counted(number, asked, counted, values, times):
    return len(counted) == number.value


def rows_of_a_rate(number, asked, counted, values, times):
    return sum(values) == number.numerator


def people_of_a_rate(number, asked, counted, values, times):
    return len(counted) == number.numerator


def median_of_values(number, asked, counted, values, times):
    agrees = not values or median(values) == pytest.approx(number.value, abs=1e-9)
    return len(values) == number.denominator and agrees


def mean_of_values(number, asked, counted, values, times):
    return mean(values) == pytest.approx(number.value, abs=1e-9)


def time_of_all(number, asked, counted, values, times):
    return sum(times) == pytest.approx(number.value)


def people_of_a_curve(number, asked, counted, values, times):
    return len(asked) == number.denominator


def how_it_adds_up(number):
    """The comparison that fits a number; None where none does, as for a bound or a model."""
    behind = number.behind
    rows = behind.outcome.split(".")[0] in ("relapses", "relapses-before", "events")
    if number.method == "exact-proportion":
        return people_of_a_share if behind.years_bits is None else None
    if number.unit in ("people", "patient-years"):
        return people_counted if number.unit == "people" else time_of_all
    return {
        "exact-rate": rows_of_a_rate if rows else people_of_a_rate,
        "rank-median": median_of_values,
        "student-mean": mean_of_values,
        "aalen-johansen": people_of_a_curve,
        "kaplan-meier": people_of_a_curve,
    }.get(number.method)


def test_a_trace_adds_up_to_its_number(everything):
    """People are those of numerator and denominator; values make the median and the mean."""
    report, known = everything
    checked = Counter()
    for place in number_ids(report).values():
        number, behind = place.number, place.number.behind
        adds_up = how_it_adds_up(number) if behind is not None else None
        if adds_up is None:
            continue
        asked, counted = behind.asked.tolist(), behind.counted.tolist()
        if behind.outcome == "person" and len(asked) == report.people:
            asked = counted = [one for one in asked if one in known]
        values, times = (
            [one.value for one in told(known, behind, people) if one.value is not None]
            for people in (counted, asked)
        )
        assert adds_up(number, asked, counted, values, times), place.id
        checked[adds_up] += 1
    assert len(checked) == 8
    assert min(checked.values()) >= 5


def test_a_slope_begins_where_the_report_says(sixty):
    """Traced with the re-baseline of the report, not with that of every other report."""
    months = {}
    for month in (0, 24):
        report = build_report(sixty, as_of=LATE, volume_start=volume_start(month))
        name = next(
            name for name, place in number_ids(report).items()
            if place.number.behind and place.number.behind.outcome == "volume-slope.bpf"
            and place.number.value < 0
        )  # fmt: skip
        person = next(trace(sixty, report, name, limit=1).people)
        months[month] = person.told[0].because.rows[0].date
    assert months[0] < months[24]


@pytest.mark.parametrize(
    ("row", "table", "day", "values", "provider", "source"),
    [
        (Person("P1", sex="female"), "people", "", "sex=female", "", ""),
        (
            Person("P1", death_date=date(2013, 7, 1), death_cause="fall"),
            "people", "2013-07-01", "death_cause=fall", "", "",
        ),
        (
            Event("P1", "2012-09", "thyroid", serious=False),
            "events", "2012-09", "category=thyroid, serious=no", "", "",
        ),
        (
            FollowUp("P1", date(2010, 1, 1), date(2012, 1, 1)),
            "follow_up", "2010-01-01", "end_date=2012-01-01", "", "",
        ),
        (Mri("P1", date(2010, 1, 1), gd_lesions=0), "mri", "2010-01-01", "gd_lesions=0", "", ""),
        (
            Lab("P1", date(2010, 1, 1), date(2010, 1, 2), "tsh", 2.0, provider="North",
                source="ab12:row 3"),
            "labs", "2010-01-01",
            "received_date=2010-01-02, analyte=tsh, value=2.0, status=final", "North",
            "ab12:row 3",
        ),
    ],
)  # fmt: skip
def test_a_row_is_shown_with_its_origin(row, table, day, values, provider, source):
    shown = show_row(row)
    assert (shown.table, shown.day, shown.values) == (table, day, values)
    assert (shown.provider, shown.source) == (provider, source)


@pytest.fixture(scope="module")
def audit(sixty):
    rows = build_completeness(sixty.histories(), PROTOCOL, as_of=LATE)
    return {place.id: place for place in numbers_in(monitoring.build(rows))}


def test_completeness_is_traced_to_the_results_that_satisfied_the_tests(sixty, audit):
    """Tests done and due add up over people; each row is a result the check asks for."""
    place = audit["monitoring1.D1"]
    check = check_of(place, PROTOCOL)
    found = trace_check(sixty, PROTOCOL, place, check, as_of=LATE, not_counted=True)
    people = list(found.people)
    assert len(people) == found.asked == audit["monitoring1.B1"].number.value
    assert sum(one.value for person in people for one in person.told) == place.number.numerator
    assert found.counted == sum(
        any(span.tests_in_window for span in spans_of(history, check))
        for history in sixty.histories()
    )
    needed = {name for need in check.needs for name in need.any_of}
    rows = [row for person in people for one in person.told for row in one.because.rows]
    assert {row.analyte for row in rows} <= needed
    assert len(rows) >= place.number.numerator


def spans_of(history, check):
    coverage = evaluate_coverage(history, PROTOCOL, as_of=LATE)
    return [span for span in coverage if span.check_id == check.id]


def test_only_those_with_a_test_in_its_window_are_counted(sixty, audit):
    """Unless the number is of everybody, or of days."""
    check = check_of(audit["monitoring1.D1"], PROTOCOL)
    tests = trace_check(sixty, PROTOCOL, audit["monitoring1.D1"], check, as_of=LATE, limit=1)
    everybody = trace_check(sixty, PROTOCOL, audit["monitoring1.B1"], check, as_of=LATE)
    days = trace_check(sixty, PROTOCOL, audit["monitoring1.F1"], check, as_of=LATE)
    assert len(list(tests.people)) == 1
    assert everybody.counted == everybody.asked == len(list(everybody.people))
    assert tests.counted <= days.counted <= days.asked


def test_a_check_is_found_by_its_name(audit):
    named = next(place for place in audit.values() if place.table is None)
    assert check_of(named, PROTOCOL) == check_of(audit["monitoring1.B1"], PROTOCOL)
    assert check_of(named, load_protocol("natalizumab-eu")) != check_of(named, PROTOCOL)
    urine = audit["monitoring1.B2"]
    assert check_of(urine, load_protocol("natalizumab-eu")) is None


def test_every_check_can_be_traced(sixty, audit):
    """Examinations and scans have rows of their own tables."""
    tables = set()
    for name, place in audit.items():
        if ".B" not in name:
            continue
        check = check_of(place, PROTOCOL)
        for person in trace_check(sixty, PROTOCOL, place, check, as_of=LATE, limit=5).people:
            tables |= {show_row(row).table for one in person.told for row in one.because.rows}
    assert {"labs", "examinations"} <= tables
