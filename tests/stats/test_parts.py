"""A registry in parts, in any order, gives the numbers of the whole."""

import pickle
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterdose.record.errors import UsageError
from afterdose.stats import (
    CumulativeIncidence,
    MeanCumulativeFunction,
    RecurrentEvents,
    Survival,
    aalen_johansen,
    compare,
    count_rows,
    grouped_risk_sets,
    kaplan_meier,
    log_rank,
    mean_cumulative_function,
    negative_binomial_regression,
    person_time,
    poisson_regression,
    risk_sets,
)
from support.examples import examples

PEOPLE = st.lists(
    st.tuples(
        st.integers(0, 12),  # time
        st.integers(0, 3),  # ending
        st.sampled_from("abc"),  # group
        st.integers(0, 2),  # which part the person lies in
    ),
    max_size=40,
)
SHUFFLED = st.permutations(range(3))


def in_parts(people, order):
    """Columns of everybody, and of each part in the order drawn."""

    def columns(rows):
        times, endings, groups, _ = zip(*rows, strict=True) if rows else ((), (), (), ())
        return np.array(times, float), np.array(endings, int), np.array(groups, dtype="U1")

    return columns(people), [columns([row for row in people if row[3] == part]) for part in order]


def same(ours, whole):
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(getattr(ours, name), value, err_msg=name)


@examples(200)
@given(PEOPLE, SHUFFLED)
def test_risk_sets_add(people, order):
    """Counts are whole numbers, so the sum is exact and so is every estimate from it."""
    (times, endings, _), parts = in_parts(people, order)
    sets = reduce(add, (risk_sets(days, kinds, kinds=3) for days, kinds, _ in parts))
    same(sets, risk_sets(times, endings, kinds=3))
    same(Survival.of(sets), kaplan_meier(times, endings > 0))
    for kind in (1, 2, 3):
        ours = CumulativeIncidence.of(sets, kind=kind)
        same(ours, aalen_johansen(times, endings, kind=kind, kinds=3))


@examples(100)
@given(PEOPLE, SHUFFLED)
def test_groups_and_strata_add(people, order):
    """A group or stratum that one part lacks comes from the others."""
    (times, endings, groups), parts = in_parts(people, order)
    grouped = (
        grouped_risk_sets(days, kinds > 0, group, strata=days.astype(int) % 2)
        for days, kinds, group in parts
    )
    ours = compare(reduce(add, grouped))
    whole = log_rank(times, endings > 0, groups, strata=times.astype(int) % 2)
    assert type(ours) is type(whole)
    if hasattr(whole, "chi_squared"):
        same(ours, whole)
    else:
        assert ours == whole


RECURRENT = st.lists(
    st.tuples(st.integers(0, 10), st.lists(st.integers(0, 10), max_size=5), st.integers(0, 2)),
    min_size=1,
    max_size=25,
)


def recurrent_columns(people):
    pairs = [
        (time, whose) for whose, (end, times, _) in enumerate(people) for time in times
        if time <= end
    ]  # fmt: skip
    times, whose = zip(*pairs, strict=True) if pairs else ((), ())
    return times, whose, [end for end, _, _ in people]


@examples(100)
@given(RECURRENT, SHUFFLED)
def test_recurrent_events_add_in_two_passes(people, order):
    """First the counts, then the squares of each part beside the counts of all."""
    rows = [[one for one in people if one[2] == part] for part in order]
    parts = [RecurrentEvents.of(*recurrent_columns(part)) for part in rows]
    sets = reduce(add, (part.risk_sets() for part in parts))
    ours = MeanCumulativeFunction.of(sets, sum(part.squares(sets) for part in parts))
    whole = mean_cumulative_function(*recurrent_columns(people))
    np.testing.assert_array_equal(ours.value, whole.value)
    np.testing.assert_array_equal(ours.at_risk, whole.at_risk)
    assert ours.variance == pytest.approx(whole.variance, abs=1e-12)


@examples(100)
@given(RECURRENT)
def test_the_robust_variance_is_the_sum_over_people_written_out(people):
    """The running sums equal the formula of Lawless and Nadeau, person by person."""
    times, whose, ends = recurrent_columns(people)
    curve = mean_cumulative_function(times, whose, ends)
    steps = np.diff(curve.value, prepend=0.0)
    expected = np.zeros(curve.times.size)
    for person, end in enumerate(ends):
        own = [time for time, one in zip(times, whose, strict=True) if one == person]
        had = np.array([own.count(time) for time in curve.times])
        there = curve.times <= end
        expected += np.cumsum(there * (had - steps) / np.maximum(curve.at_risk, 1)) ** 2
    assert curve.variance == pytest.approx(expected, abs=1e-12)


@examples(100)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(1, 2000), st.integers(0, 2)),
        min_size=1,
        max_size=30,
    ),
    SHUFFLED,
)
def test_events_and_time_at_risk_add(people, order):
    """Whole days add exactly, the robust interval's sums of products included."""
    parts = [[(e, d) for e, d, part in people if part == one] for one in order]
    ours = reduce(add, (person_time([e for e, _ in part], [d for _, d in part]) for part in parts))
    whole = person_time([e for e, _, _ in people], [d for _, d, _ in people])
    assert ours == whole
    assert ours.rate() == whole.rate()
    assert ours.robust_rate() == whole.robust_rate()


def sent_away(compute, parts):
    """What is computed of a part, and what comes back, can travel to another machine."""
    found = [pickle.dumps(pickle.loads(pickle.dumps(compute))(part)) for part in parts]
    return reduce(add, map(pickle.loads, found))


@pytest.mark.parametrize("regression", [poisson_regression, negative_binomial_regression])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_regressions_reduce_over_parts(regression, order):
    """Scores and information add; the fit differs by rounding only."""
    random = np.random.default_rng(3)
    design = np.column_stack([np.ones(300), random.integers(0, 2, 300), random.normal(size=300)])
    years = random.uniform(0.5, 6, 300)
    rate = np.exp(design @ [-0.5, -0.6, 0.3]) * random.gamma(1.5, 1 / 1.5, 300)
    events = random.poisson(years * rate)
    part = random.integers(0, 3, 300)

    def rows(chosen):
        names = ["rate", "treated", "age"]
        return count_rows(design[chosen], events[chosen], years[chosen], names=names)

    whole = regression([rows(slice(None))])
    ours = regression([rows(part == one) for one in order])
    assert ours.coefficients == pytest.approx(whole.coefficients, rel=1e-12)
    assert ours.covariance == pytest.approx(whole.covariance, rel=1e-12)
    assert ours.theta == (pytest.approx(whole.theta, rel=1e-12) if whole.theta else None)
    assert (ours.people, ours.events) == (whole.people, whole.events)
    gathered = regression(
        [rows(part == one) for one in order],
        total=sent_away,
    )
    assert gathered.log_likelihood == ours.log_likelihood


def test_rows_of_people_who_are_alike_stand_for_all_of_them():
    """A table of counts gives what one row a person gives, robust variance included."""
    design, events, years = [[1, 0], [1, 0], [1, 1], [1, 1]], [0, 3, 1, 4], [1.0, 2.0, 1.0, 2.0]
    people = np.array([5, 2, 3, 4])
    names = ["rate", "treated"]
    single = count_rows(
        np.repeat(design, people, axis=0), np.repeat(events, people), np.repeat(years, people),
        names=names,
    )  # fmt: skip
    table = count_rows(design, events, years, names=names, people=people)
    for regression in (poisson_regression, negative_binomial_regression):
        ours, whole = regression([table]), regression([single])
        assert ours.coefficients == pytest.approx(whole.coefficients, rel=1e-12)
        assert ours.covariance == pytest.approx(whole.covariance, rel=1e-12)
        assert (ours.people, ours.events, ours.time) == (whole.people, whole.events, whole.time)


def test_parts_that_do_not_fit_are_refused():
    """Parts count the same kinds, hold the same covariates, and the second pass has all times."""
    with pytest.raises(UsageError, match="same number of kinds"):
        risk_sets([1], [1]) + risk_sets([1], [1], kinds=2)
    one, other = (count_rows([[1]], [1], [1.0], names=[name]) for name in ("rate", "age"))
    with pytest.raises(UsageError, match="the same, in the same order"):
        poisson_regression([one, other])
    with pytest.raises(UsageError, match="Give a list of parts"):
        poisson_regression([])
    part = RecurrentEvents.of([1], [0], [2])
    with pytest.raises(UsageError, match="risk sets of all parts first"):
        part.squares(risk_sets([3], [0]))
