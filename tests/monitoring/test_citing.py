"""A reason cites every row it rests on, and each row where it came from."""

from datetime import date

import pytest

from afterdose.monitoring import evaluate_alerts, evaluate_checks, load_protocol
from afterdose.monitoring.due import CheckState
from afterdose.monitoring.story import tell_story
from afterdose.record.courses import courses_of
from afterdose.record.history import History
from afterdose.record.tables import (
    Assessment,
    Event,
    Examination,
    FollowUp,
    Lab,
    Mri,
    Owner,
    Person,
    Relapse,
    Treatment,
)

EU = load_protocol("alemtuzumab-eu")
FIRST = Treatment(
    "p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12), source="aaaaaaaaaaaa:row 1"
)
SECOND = FIRST._replace(
    start_date=date(2022, 3, 7), course_number=2, end_date=date(2022, 3, 9),
    source="aaaaaaaaaaaa:row 2",
)  # fmt: skip
PERSON = Person("p1", "female", source="bbbbbbbbbbbb:row 1; cccccccccccc:/entry/0")
LOW = Lab(
    "p1", date(2021, 9, 6), date(2021, 9, 7), "tsh", 0.01, unit="m[IU]/L", ref_low=0.4,
    source="dddddddddddd:line 4 OBX",
)  # fmt: skip


def rows_of(history: History, check: str, on: date) -> tuple[str, ...]:
    (status,) = (one for one in evaluate_checks(history, EU, as_of=on) if one.check_id == check)
    return status.because[0].rows


def test_a_due_test_cites_the_courses_its_days_count_from() -> None:
    history = History(PERSON, treatments=(FIRST, SECOND))
    assert rows_of(history, "blood-count", date(2021, 4, 9)) == (
        "Alemtuzumab course 1, 2021-03-08 to 2021-03-12 [aaaaaaaaaaaa:row 1]",
    )
    assert rows_of(history, "blood-count", date(2022, 5, 1)) == (
        "Alemtuzumab course 1, 2021-03-08 to 2021-03-12 [aaaaaaaaaaaa:row 1]",
        "Alemtuzumab course 2, 2022-03-07 to 2022-03-09 [aaaaaaaaaaaa:row 2]",
    )


def test_a_planned_course_is_cited_before_it_and_without_a_source_nothing_is_invented() -> None:
    planned = FIRST._replace(recorded_date=date(2021, 1, 4), end_date=None, source=None)
    rows = rows_of(History(PERSON, treatments=(planned,)), "blood-count", date(2021, 2, 1))
    assert rows == ("Alemtuzumab course 1, 2021-03-08 to (no last day recorded)",)


def test_examinations_and_scans_are_cited_as_results_are() -> None:
    done = Examination(
        "p1", date(2022, 3, 1), "skin_examination", "normal", source="eeeeeeeeeeee:row 7"
    )
    history = History(PERSON, treatments=(FIRST,), examinations=(done,))
    checks = [
        check.id
        for check in EU.checks
        if any("examination:skin_examination" in need.any_of for need in check.needs)
    ]
    assert checks
    rows = rows_of(history, checks[0], date(2022, 5, 1))
    assert rows[0] == "skin examination of 2022-03-01 [eeeeeeeeeeee:row 7]"


@pytest.mark.parametrize(
    ("more", "state", "cited"),
    [
        (
            {"person": PERSON._replace(death_date=date(2022, 1, 1))},
            CheckState.ENDED,
            "Died 2022-01-01 [bbbbbbbbbbbb:row 1; cccccccccccc:/entry/0]",
        ),
        (
            {
                "follow_up": (
                    FollowUp("p1", date(2021, 1, 1), date(2022, 1, 1), "moved", source="f:row 3"),
                )
            },
            CheckState.PAUSED,
            "Under observation 2021-01-01 to 2022-01-01 [f:row 3]",
        ),
        (
            {"owners": (Owner("p1", "all", "gp", "accepted", date(2021, 4, 1), source="o:row 1"),)},
            CheckState.OVERDUE,
            "Owner gp accepted since 2021-04-01 [o:row 1]",
        ),
    ],
)
def test_what_else_decides_is_cited(more: dict, state: CheckState, cited: str) -> None:
    history = History(**{"person": PERSON, "treatments": (FIRST,)} | more)
    (status,) = (
        one
        for one in evaluate_checks(history, EU, as_of=date(2022, 6, 1))
        if one.check_id == "blood-count"
    )
    assert (status.state, status.because[0].rows[-1]) == (state, cited)


def test_of_two_words_of_one_day_the_later_one_is_cited() -> None:
    said = tuple(
        Owner("p1", "all", "gp", state, date(2021, 4, 1), source=f"o:row {number}")
        for number, state in enumerate(("proposed", "accepted"), start=1)
    )
    history = History(PERSON, treatments=(FIRST,), owners=said)
    rows = rows_of(history, "blood-count", date(2022, 6, 1))
    assert rows[-1] == "Owner gp accepted since 2021-04-01 [o:row 2]"


def test_an_open_alert_cites_the_course_before_it_and_the_event_that_explains_it() -> None:
    event = Event("p1", "2021-09", "thyroid", "Graves disease", source="e:row 2")
    other = Event("p1", "2021-08", "infection", source="e:row 1")
    history = History(PERSON, treatments=(FIRST, SECOND), labs=(LOW,), events=(other, event))
    (status,) = (
        one
        for one in evaluate_alerts(history, EU, as_of=date(2022, 6, 1))
        if one.alert_id == "tsh-low"
    )
    result, *others = status.because[0].rows
    assert result.endswith("[dddddddddddd:line 4 OBX]")
    assert others == [
        "Alemtuzumab course 1, 2021-03-08 to 2021-03-12 [aaaaaaaaaaaa:row 1]",
        "Event Graves disease, since 2021-09 [e:row 2]",
    ]


def test_a_stretch_of_a_continuous_drug_cites_its_first_and_its_last_row() -> None:
    months = [
        Treatment(
            "p1", "natalizumab", date(2021, month, 1), end_date=date(2021, month + 1, 1),
            source=f"aaaaaaaaaaaa:row {month}",
        )
        for month in range(1, 5)
    ]  # fmt: skip
    within = months[3]._replace(start_date=date(2021, 4, 9), end_date=date(2021, 4, 10))
    (course,) = courses_of(
        [*months, within], ("natalizumab",), as_of=date(2021, 6, 1), continuous=True
    )
    assert course.row.source == "aaaaaaaaaaaa:row 1; aaaaaaaaaaaa:row 4"


def test_facts_of_the_story_say_where_they_came_from() -> None:
    history = History(
        PERSON,
        treatments=(FIRST,),
        relapses=(Relapse("p1", date(2022, 1, 5), severity="mild", source="r:row 1"),),
        assessments=(Assessment("p1", date(2022, 2, 1), "edss", 2.5, source="s:row 1"),),
        mri=(
            Mri("p1", date(2022, 3, 1), brain_volume_ml=1638.7, method="M", source="m:line 9"),
            Mri("p1", date(2022, 4, 1), brain_volume_ml=1638.7),
        ),
        events=(Event("p1", "2022-05", "infection", source="e:row 1"),),
    )
    story = tell_story(history, EU, as_of=date(2022, 6, 1))
    said = {
        statement.headline for section in story.sections for statement in section.statements
    }  # fmt: skip
    assert said >= {
        "As told in [bbbbbbbbbbbb:row 1; cccccccccccc:/entry/0]",
        "alemtuzumab: 2021-03-08 to 2021-03-12 [aaaaaaaaaaaa:row 1]",
        "2022-01-05  Relapse, mild [r:row 1]",
        "2022-02-01  EDSS 2.5 [s:row 1]",
        "2022-03-01  MRI: not reported new T2, not reported enhancing lesions, brain volume "
        "1639 mL by M [m:line 9]",
        "2022-04-01  MRI: not reported new T2, not reported enhancing lesions, brain volume "
        "1639 mL by no method named",
        "2022-05  infection [e:row 1]",
    }
