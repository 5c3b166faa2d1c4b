"""Rates by models, subgroups, mean change and bands: on the six people, and on many like them."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats as scipy_stats
from tests.study.conftest import AS_OF, cohort_of, six_people

from afterdose.engines.extension import AGAINST, BANDS, NO_YEAR, PHENOTYPES, Edss
from afterdose.outcomes.definitions import FEW_PEOPLE
from afterdose.outcomes.disability import Against
from afterdose.outcomes.edss_steps import EDSS_STEPS
from afterdose.outcomes.strata import EdssBand, Phenotype
from afterdose.stats import count_rows, negative_binomial_regression, poisson_regression
from afterdose.study.people import collect
from afterdose.study.sections import edss_steps, relapse_free, relapses

DAYS_PER_YEAR = 365.25


@pytest.fixture(scope="module")
def six():
    return collect(cohort_of(six_people()), "alemtuzumab", as_of=AS_OF)


def many_of(study, copies):
    """As many of each of its people, as if each were somebody else."""
    chosen = np.tile(np.arange(len(study.columns)), copies)
    return replace(study, columns=study.columns.take(chosen))


@pytest.fixture(scope="module")
def many(six):
    return many_of(six, 10)


def named(section, label):
    (found,) = [one for one in section.estimates if one.label == label]
    return found


def cell(section, caption, row, column):
    """What a table shows, found by the beginning of its caption."""
    (table,) = [part.table for part in section.parts if part.table.caption.startswith(caption)]
    (found,) = [one for one in table.rows if one[0] == row]
    return found[table.header.index(column)]


def person_years(study):
    """A row a person and year: whose, which year, relapses, years at risk."""
    days = study.columns.followed.days
    whose, year = np.nonzero(days)
    return (
        whose,
        year,
        study.columns.relapses.counted[whose, year],
        days[whose, year] / DAYS_PER_YEAR,
    )


def test_the_rate_of_all_years_allows_for_several_years_of_one_person(many):
    """The regression on person-years with people as clusters, and one count a person."""
    section = relapses.build(many)
    whose, _, counts, years = person_years(many)
    ones = np.ones((whose.size, 1))
    theirs = poisson_regression([count_rows(ones, counts, years, names=["r"], clusters=whose)])
    ours = named(section, "Relapse rate, all years, robust")
    wanted = theirs.rate([1])
    assert (ours.numerator, ours.method) == (20, "robust-poisson")
    assert [ours.value, ours.low, ours.high] == pytest.approx(
        [wanted.value, wanted.low, wanted.high], rel=1e-8
    )
    own = np.bincount(whose, weights=counts), np.bincount(whose, weights=years)
    wanted = negative_binomial_regression([count_rows(ones[: own[0].size], *own, names=["r"])])
    ours = named(section, "Relapse rate, all years, negative binomial")
    assert [ours.value, ours.low, ours.high] == pytest.approx(
        [wanted.rate([1]).value, wanted.rate([1]).low, wanted.rate([1]).high], rel=1e-6
    )
    assert wanted.theta is None  # one relapse at most: no more scatter than by chance
    assert "by chance" in cell(section, "Relapses a year", "All years", "Theta")


def test_scatter_between_people_is_shown(six):
    """Where some relapse over and over and others never, theta is small."""
    many = many_of(six, 10)
    counted = many.columns.relapses.counted.copy()
    counted[:20] = np.where(many.columns.followed.days[:20] > 0, 2, 0)
    columns = many.columns
    relapsing = replace(columns, relapses=columns.relapses._replace(counted=counted))
    section = relapses.build(replace(many, columns=relapsing))
    theta = cell(section, "Relapses a year", "All years", "Theta")
    assert 0 < theta.number.value < 1
    exact = cell(section, "Relapses by year", "1", "95 % interval").number
    robust = named(section, "Relapse rate, years 1 and 2, robust")
    assert robust.high - robust.low > exact.high - exact.low


def test_ratios_against_year_1(six):
    """A relapse each of some in year 1, so that there is something to compare with."""
    many = many_of(six, 10)
    counted = many.columns.relapses.counted.copy()
    counted[:15, 0] = 1
    columns = replace(many.columns, relapses=many.columns.relapses._replace(counted=counted))
    study = replace(many, columns=columns)
    section = relapses.build(study)
    whose, year, counts, years = person_years(study)
    kept = np.isin(year, [0, 2])
    later = (year[kept] == 2).astype(float)
    design = np.column_stack([np.ones(later.size), later])
    theirs = poisson_regression(
        [
            count_rows(
                design, counts[kept], years[kept], names=["one", "later"], clusters=whose[kept]
            )
        ]
    ).ratio("later")
    ours = named(section, "Relapse rate ratio, year 3 against year 1")
    assert [ours.value, ours.low, ours.high] == pytest.approx(
        [theirs.value, theirs.low, theirs.high], rel=1e-8
    )
    assert len(ours.behind.asked) == 60
    # Nobody relapsed in year 2, and no ratio of zero is made of it.
    assert cell(section, "The relapse rate", "Year 2 against year 1",
                "Rate ratio (robust 95 % interval)") == "not estimable"  # fmt: skip
    assert any("year 2 against year 1" in note and "No event" in note for note in section.notes)


def test_few_people_get_no_robust_interval(six):
    """Six people do not show how people differ; the words say so, and no number stands there."""
    section = relapses.build(six)
    assert not any("robust" in one.label or "ratio" in one.label for one in section.estimates)
    shown = cell(section, "Relapses a year", "All years", "Poisson (robust 95 % interval)")
    assert shown == "not estimable"
    assert any(f"Fewer than {FEW_PEOPLE} people" in note for note in section.notes)


def test_years_within_strata(many):
    """P1 and P2 relapsed in year 3; P5 had thyroid disease before, P6 was never asked."""
    section = relapses.build(many)
    title = "Autoimmune disease before treatment"
    none = cell(section, title, "3", "none")
    assert none.number.numerator == 20
    assert none.number.method == "robust-poisson"
    assert len(none.number.behind.asked) == 40
    yes = cell(section, title, "3", "yes")
    assert "exact" in yes
    assert (yes.number.numerator, yes.number.method) == (0, "exact-rate")
    assert cell(section, title, "6", "yes").number.denominator == 10.0
    assert cell(section, title, "All", "none").number.numerator == 20
    strata = many.columns.strata
    split = np.where(np.arange(60) < 6, PHENOTYPES.index(Phenotype.SPMS), strata.phenotype)
    columns = replace(many.columns, strata=strata._replace(phenotype=split))
    own = relapses.build(replace(many, columns=columns))
    total = sum(
        cell(own, "Phenotype", "3", str(one)).number.numerator
        for one in (Phenotype.SPMS, Phenotype.UNKNOWN)
    )
    assert total == 20


def test_a_stratum_without_anybody_left_says_nobody(many):
    """In year 4 P4 is there, and later not; a stratum of such people alone is empty then."""
    gone = many.columns.followed.years_seen == 4
    band = np.where(gone, BANDS.index(EdssBand.HIGH), many.columns.strata.band)
    columns = replace(many.columns, strata=many.columns.strata._replace(band=band))
    section = relapses.build(replace(many, columns=columns))
    assert cell(section, "EDSS before treatment", "6", EdssBand.HIGH) == "nobody"


@pytest.mark.parametrize(
    ("table", "silent"),
    [("assessments", {"EDSS before"}), ("people", {"Autoimmune", "Phenotype"})],
)
def test_strata_of_a_table_that_is_missing_are_left_out(table, silent):
    tables = six_people()
    del tables[table]
    section = relapses.build(collect(cohort_of(tables), "alemtuzumab", as_of=AS_OF))
    captions = " ".join(part.table.caption for part in section.parts)
    for title in ("EDSS before", "Autoimmune", "Phenotype"):
        assert (title in captions) == (title not in silent)


def test_mean_change_of_edss(six):
    """At the end of year 3 one of six is a point up."""
    section = edss_steps.build(six)
    found = named(section, "Mean change of EDSS, end of year 3")
    low, high = scipy_stats.t.interval(0.95, 5, 1 / 6, scipy_stats.sem([1, 0, 0, 0, 0, 0]))
    assert (found.value, found.low, found.high) == pytest.approx((1 / 6, low, high))
    assert (found.denominator, len(found.behind.asked)) == (6, 6)
    assert cell(section, "Mean change", "3", "Mean change") == "0.17"
    assert cell(section, "Mean change", "6", "95 % interval") == "–"  # nobody has a score then
    assert {figure.year for figure in section.published} >= {2, 8}


@pytest.mark.parametrize("steps", EDSS_STEPS, ids=lambda one: one.id)
def test_steps_by_columns_are_those_of_the_definition(six, steps):
    """Every pair of scores, and a score or a baseline that is missing."""
    scores = [place / 2 for place in range(21)]
    score = np.array([[*scores, np.nan]] * 22)
    edss = Edss(np.array([*scores, np.nan]), score, np.zeros(score.shape, np.int8))
    edss.against[:, 0] = NO_YEAR
    study = replace(six, columns=replace(six.columns, edss=edss))
    found = edss_steps.against_by_steps(study, steps)
    assert (found[:, 0] == NO_YEAR).all()
    for row, baseline in enumerate(scores):
        wanted = [AGAINST.index(steps.against(baseline, one)) for one in scores[1:]]
        assert found[row, 1:21].tolist() == wanted
    unknown = AGAINST.index(Against.NOT_ASSESSABLE)
    assert (found[21, 1:] == unknown).all()
    assert (found[1:, 21] == unknown).all()


def test_free_of_relapses_by_band(many):
    """Everybody's EDSS was 2.0, so there is one band and nothing to test."""
    section = relapse_free.build(many)
    caption = "Free of relapses by EDSS"
    assert cell(section, caption, "2.0 to 3.5", "Relapsed by then") == "20"
    assert any("not estimable" in note for note in section.notes)
    assert not any(one.unit == "p" for one in section.estimates)


def test_bands_are_compared_by_the_log_rank_test(many):
    """Those who relapsed are put into a band of their own."""
    relapsed = many.columns.relapses.counted.sum(axis=1) > 0
    band = np.where(relapsed, BANDS.index(EdssBand.HIGH), many.columns.strata.band)
    columns = replace(many.columns, strata=many.columns.strata._replace(band=band))
    section = relapse_free.build(replace(many, columns=columns))
    (found,) = [one for one in section.estimates if one.unit == "p"]
    assert 0 < found.value < 1e-6
    assert len(found.behind.asked) == found.denominator == 60
    (note,) = [note for note in section.notes if "Log-rank" in note]
    assert "p below 0.001" in note
    assert "not randomised" in note
    caption = "Free of relapses by EDSS"
    (table,) = [part.table for part in section.parts if part.table.caption.startswith(caption)]
    high, mild = (
        next(row for row in table.rows if row[0] == one) for one in (EdssBand.HIGH, EdssBand.MILD)
    )
    year = int(re.search(r"year (\d+)$", table.caption)[1])
    # Half after 790 days and half after 821; both ends as days from the first course.
    days = ((790 + 821) / 2) / DAYS_PER_YEAR
    assert high[4].number.value == pytest.approx(days, abs=0.01)
    assert mild[4].number.value == pytest.approx(int(year * DAYS_PER_YEAR - 1) / DAYS_PER_YEAR)
    assert "–" in mild[4]  # nobody relapsed, which makes no mean certain


def test_a_band_that_was_not_seen_to_the_end_has_no_mean(many):
    """P3 left in year 3 without a relapse: the years after are not known, and are not guessed."""
    band = np.where(many.columns.person == 3, BANDS.index(EdssBand.LOW), many.columns.strata.band)
    columns = replace(many.columns, strata=many.columns.strata._replace(band=band))
    section = relapse_free.build(replace(many, columns=columns))
    caption, low = "Free of relapses by EDSS", EdssBand.LOW
    (table,) = [part.table for part in section.parts if part.table.caption.startswith(caption)]
    (row,) = [row for row in table.rows if row[0] == low]
    assert row[3].startswith("–")
    assert row[4] == "not estimable: observation ended before"
    (note,) = [note for note in section.notes if "Log-rank" in note]
    (found,) = [one for one in section.estimates if one.unit == "p"]
    assert f"p = {found.value:.3f}" in note
    assert "1 degree of freedom" in note


def test_nobody_assessed_is_a_table_too():
    tables = six_people()
    tables["follow_up"] = []
    section = relapse_free.build(collect(cohort_of(tables), "alemtuzumab", as_of=AS_OF))
    caption = "Free of relapses by EDSS"
    assert cell(section, caption, "Nobody can be assessed", "People") == "0"


def test_without_any_edss_there_are_no_bands():
    tables = six_people()
    del tables["assessments"]
    section = relapse_free.build(collect(cohort_of(tables), "alemtuzumab", as_of=AS_OF))
    assert not any("by EDSS" in part.table.caption for part in section.parts)
    assert not any("og-rank" in note for note in section.notes)


def test_an_epochs_relapses_are_those_of_its_years(six):
    """The years behind a number are its own: in years 1 and 2 nobody relapsed, from 3 on two."""
    section = relapses.build(six)
    columns = six.columns
    for name, wanted, first in (("Years 1 and 2", 0, 1), ("From year 3 on", 2, 3)):
        number = cell(section, "Relapses a year", name, "Relapses").number
        found = 0
        for position in number.behind.asked:
            (person,) = np.flatnonzero(columns.person == position)
            years = number.behind.years_of(position)
            assert min(years) == first
            found += sum(columns.relapses.counted[person, year - 1] for year in years)
        assert (number.numerator, found) == (wanted, wanted)
        assert len(number.behind.counted) == wanted
