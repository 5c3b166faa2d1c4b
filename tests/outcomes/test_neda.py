"""No evidence of disease activity: one component decides, a missing one is kept apart."""

from itertools import product

import pytest
from tests.outcomes.conftest import Someone

from afterdose.outcomes.answers import Because
from afterdose.outcomes.brain_volume import Volume, VolumeChange
from afterdose.outcomes.disability import CARE_MS_CDW, edss_visits, evaluate_first_change
from afterdose.outcomes.neda import (
    NEDA_3,
    NEDA_4_BPF,
    NEDA_4_PBVC,
    NEDAS,
    Component,
    Finding,
    NedaInYear,
    atrophy_finding,
    evaluate_neda,
    evaluate_neda_through,
    relapse_finding,
    worsening_finding,
)
from afterdose.record.answers import Answer

MET, NOT_MET, UNKNOWN = Answer.MET, Answer.NOT_MET, Answer.NOT_ASSESSABLE
NOTHING = Because("x", missing="something")


def findings(**activity):
    return [
        Finding(Component[name.upper()], answer, NOTHING if answer is UNKNOWN else Because("x"))
        for name, answer in activity.items()
    ]


@pytest.mark.parametrize(
    ("relapse", "worsening", "mri", "expected"),
    [
        (NOT_MET, NOT_MET, NOT_MET, MET),
        (MET, NOT_MET, NOT_MET, NOT_MET),
        (MET, UNKNOWN, UNKNOWN, NOT_MET),
        (NOT_MET, NOT_MET, UNKNOWN, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
        (UNKNOWN, MET, MET, NOT_MET),
    ],
)
def test_one_component_decides(relapse, worsening, mri, expected):
    """Activity in one decides even where another is missing; without activity nothing may be."""
    found = evaluate_neda(NEDA_3, 1, findings(relapse=relapse, worsening=worsening, mri=mri))
    assert found.answer is expected


def test_all_combinations_keep_the_three_answers_apart():
    """Of 81 combinations of four components each gives the answer its own words give."""
    for answers in product(Answer, repeat=4):
        names = ("relapse", "worsening", "mri", "atrophy")
        found = evaluate_neda(NEDA_4_BPF, 1, findings(**dict(zip(names, answers, strict=True))))
        if MET in answers:
            assert found.answer is NOT_MET
        else:
            assert found.answer is (UNKNOWN if UNKNOWN in answers else MET)
        assert len(found.active) == answers.count(MET)
        assert len(found.missing) == answers.count(UNKNOWN)
        assert bool(found.because.missing) == (found.answer is UNKNOWN)


def test_neda_3_does_not_ask_about_volume():
    given = findings(relapse=NOT_MET, worsening=NOT_MET, mri=NOT_MET, atrophy=MET)
    assert evaluate_neda(NEDA_3, 1, given).answer is MET
    assert evaluate_neda(NEDA_4_PBVC, 1, given).answer is NOT_MET


def test_since_the_first_course():
    """Once there was activity the answer stays; an unknown year leaves later quiet ones unknown."""

    def through(*answers):
        years = [
            NedaInYear(
                number,
                answer,
                (Component.MRI,) if answer is NOT_MET else (),
                (Component.MRI,) if answer is UNKNOWN else (),
                Because("x"),
            )
            for number, answer in enumerate(answers, 1)
        ]
        return [one.answer for one in evaluate_neda_through(NEDA_3, years)]

    assert through(MET, MET) == [MET, MET]
    assert through(MET, NOT_MET, MET) == [MET, NOT_MET, NOT_MET]
    assert through(MET, UNKNOWN, MET) == [MET, UNKNOWN, UNKNOWN]
    assert through(UNKNOWN, NOT_MET) == [UNKNOWN, NOT_MET]


def test_free_of_relapses_is_no_activity():
    assert relapse_finding(MET, Because("x")).activity is NOT_MET
    assert relapse_finding(NOT_MET, Because("x")).activity is MET
    assert relapse_finding(UNKNOWN, NOTHING).activity is UNKNOWN


def worsening(scores, year):
    person = Someone().course("2010-01-01", 1).followed("2010-01-01", "2015-12-31")
    for when, value in scores:
        person.edss(when, value)
    line = person.timeline()
    visits = edss_visits(line, person.history.assessments)
    found = evaluate_first_change(line, visits, CARE_MS_CDW)
    return worsening_finding(line, visits, found, year).activity


WORSE = [("2010-01-01", 2.0), ("2011-06-01", 3.0), ("2011-12-01", 3.0), ("2013-01-01", 3.0)]
AT_THE_END = [("2010-01-01", 2.0), ("2011-01-10", 3.0), ("2011-07-20", 3.0)]
STEADY = [("2010-01-01", 2.0), ("2010-12-01", 2.0), ("2011-06-01", 2.0), ("2011-12-01", 2.0)]


@pytest.mark.parametrize(
    ("scores", "year", "expected"),
    [
        (WORSE, 1, UNKNOWN),
        ([*WORSE, ("2010-12-20", 2.0)], 1, NOT_MET),
        (WORSE, 2, MET),
        (WORSE, 3, NOT_MET),
        (AT_THE_END, 1, MET),
        (AT_THE_END, 2, NOT_MET),
        (STEADY, 1, NOT_MET),
        (STEADY, 2, UNKNOWN),
        (STEADY[1:], 1, UNKNOWN),
        (STEADY[:2], 1, UNKNOWN),
        (STEADY[:2], 2, UNKNOWN),
    ],
)
def test_worsening_counts_in_the_year_it_began(scores, year, expected):
    """Without a visit at a year's end, or one to confirm what it might have shown, nobody knows."""
    assert worsening(scores, year) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [(-0.41, MET), (-0.40, NOT_MET), (0.2, NOT_MET), (None, UNKNOWN)],
)
def test_loss_beyond_the_limit_is_activity(change, expected):
    """The limit itself is still within it."""
    found = VolumeChange(Volume.BPF, 2, change, change, Because("yearly-bpf"))
    assert atrophy_finding(NEDA_4_BPF, found).activity is expected


def test_definitions_name_their_source():
    """Each says what is ours; the one by BPF says that its limit is another measure's."""
    assert all("policy" in definition.source for definition in NEDAS)
    assert "not the same measure" in NEDA_4_BPF.words
