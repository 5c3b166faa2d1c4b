"""The methods section speaks of what the report holds, and of nothing else."""

import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people

from afterdose.study import build_report, render_report
from afterdose.study.methods import METHODS, methods_in_words, methods_used, numbers_of


@pytest.fixture(scope="module")
def report():
    return build_report(cohort_of(six_people()), as_of=AS_OF)


def test_every_number_names_a_method_or_is_a_count(report):
    for section in report.sections:
        for number in numbers_of(section):
            assert number.method in METHODS or (number.method == "" and number.low != number.low)


def test_only_methods_used_are_told(report):
    used = {method.id for method in methods_used(report)}
    assert "kaplan-meier" in used
    tables = {name: rows for name, rows in six_people().items() if name != "relapses"}
    without = build_report(cohort_of(tables), as_of=AS_OF)
    told = render_report(without)
    assert "kaplan-meier" not in {method.id for method in methods_used(without)}
    assert METHODS["kaplan-meier"].source not in told
    assert METHODS["kaplan-meier"].source in render_report(report)


def test_who_and_when_in_words(report):
    first, second, *_ = methods_in_words(report)
    assert "first course of alemtuzumab had begun by 30 June 2016" in first
    assert "6 of 7 people" in first
    assert "questions were asked under" in second


def test_what_could_not_be_asked_is_named(report):
    tables = {name: rows for name, rows in six_people().items() if name != "mri"}
    text = " ".join(methods_in_words(build_report(cohort_of(tables), as_of=AS_OF)))
    assert "Not assessable in this record: MRI activity by year" in text
