"""One question by every definition of a grid."""

from datetime import date

import pytest

from afterdose.cohort import Cohort
from afterdose.engines.reference import build_disability
from afterdose.record.answers import Answer
from afterdose.record.errors import DefinitionError, UsageError
from afterdose.simulate import simulate_cohort
from afterdose.study.multiverse import influences, read_grid, run_multiverse, table_rows
from afterdose.study.multiverse_plot import specification_curve
from afterdose.study.plots import render_svg

SMALL = """
    base = "msprog-first-cdw"
    [[axis]]
    title = "Confirmation"
    choice = [
        { title = "12 weeks", set = { confirmation = { windows = [{ after = "P12W" }] } } },
        { title = "24 weeks", set = { confirmation = { windows = [{ after = "P24W" }] } } },
    ]
    [[axis]]
    title = "Kinds"
    choice = [
        { title = "worsening", set = { events = { kinds = "worsening" } } },
        { title = "both", set = { events = { kinds = "both" } } },
    ]
"""


@pytest.fixture(scope="module")
def histories():
    return list(Cohort.of(simulate_cohort(people=40, seed=3)).histories())


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "grid.toml"
    path.write_text(SMALL)
    return read_grid(str(path))


def counts(definitions, histories):
    for one in definitions:
        yield build_disability(histories, one, as_of=date(2023, 1, 1)).counts()


def test_every_combination_is_asked_and_everybody_is_counted(grid, histories):
    asked = []

    def evaluate(definitions):
        asked.extend(one.title for one in definitions)
        return counts(definitions, histories)

    found = run_multiverse(grid, evaluate)
    assert asked[0] == "Confirmation: 12 weeks; Kinds: worsening"
    assert len(set(asked)) == 4
    for row, outcome in zip(table_rows(grid, found), found, strict=True):
        assert row["people"] == row["assessed"] + row["not_assessable"] == 40
        assert row["Confirmation"] == outcome.universe.choices[0]
        assert row["share_low"] <= row["share"] <= row["share_high"]


def test_the_furthest_moving_axis_comes_first(grid, histories):
    found = run_multiverse(grid, lambda definitions: counts(definitions, histories))
    moved = influences(grid, found)
    assert [one.axis for one in moved] == ["Kinds", "Confirmation"]
    shares = [one.with_event.value for one in found]
    assert moved[0].greatest_difference == max(shares[1] - shares[0], shares[3] - shares[2])


def test_the_curve_names_every_choice(grid, histories):
    found = run_multiverse(grid, lambda definitions: counts(definitions, histories))
    svg = render_svg(specification_curve(grid, found))
    for words in ("Confirmation: 12 weeks", "Kinds: both", "With an event, %"):
        assert words in svg


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = ", "not TOML"),
        ('base = "msprog-first-cdw"', "an axis is not as expected"),
        ('[[axis]]\ntitle = "A"\nchoice = [{ title = "a", set = {} }]', "base is missing"),
        ('more = 1\nbase = "msprog-first-cdw"', "there is no key 'more'"),
        (SMALL.replace('"both"', '"all"'), "events.kinds is 'all'"),
    ],
)
def test_a_grid_that_cannot_be_read_is_refused(tmp_path, text, told):
    path = tmp_path / "grid.toml"
    path.write_text(text)
    with pytest.raises(DefinitionError, match=told):
        read_grid(str(path))


def test_no_such_grid():
    with pytest.raises(UsageError, match="no grid 'mine'"):
        read_grid("mine")


def test_counts_add_up(histories):
    definition = read_grid("default").universes[0].definition
    found = build_disability(histories, definition, as_of=date(2023, 1, 1))
    assert sum(found.count(answer) for answer in Answer) == len(histories)
    assert sum(people for _, people in found.missing()) == found.count(Answer.NOT_ASSESSABLE)
    tally = found.tally()
    assert tally.given == tally.used + tally.same_day + tally.not_yet_known + (
        tally.before_reference + tally.after_end
    )
