"""The rest of the extension, on the six people of `conftest`, counted by hand."""

import json
import re
from datetime import date

import numpy as np
import pytest
from tests.study.conftest import AS_OF, cohort_of, six_people
from tests.study.test_statements import estimate, row_of

from afterdose.engines.extension import MET, NO_YEAR, NOT_ASSESSABLE, NOT_MET
from afterdose.outcomes.brain_volume import FROM_BASELINE, volume_start
from afterdose.study import build_report, render_report, report_as_dict
from afterdose.study.people import collect
from afterdose.study.sections import strata
from afterdose.study.yearly import Answers, answers_in_year, answers_of_everybody


@pytest.fixture
def report(tables):
    return build_report(cohort_of(tables), as_of=AS_OF)


@pytest.fixture
def study(tables):
    return collect(cohort_of(tables), "alemtuzumab", as_of=AS_OF)


def test_courses_given(report):
    """P1 and P2 had three; nobody had one only."""
    found = estimate(report, "courses", "Three or more courses by the data day")
    assert (found.numerator, found.denominator) == (2, 6)
    assert row_of(report, "courses", 1, "3")["Third"] == "1"
    assert row_of(report, "courses", 2, "4") == {
        "Year": "4", "People": "5", "1": "0", "2": "4", "3": "1", "4 or more": "0",
    }  # fmt: skip


def test_time_to_the_third_course_is_of_those_who_had_one(report):
    """P1 after 882 days, P2 after 1247."""
    found = estimate(report, "courses", "Median time to the third course, of those who had one")
    assert found.denominator == 2
    assert found.value == pytest.approx((882 + 1247) / 2 / 365.25)


def test_relapse_free_in_year_3(report):
    """P1 and P2 relapsed; P3 left in mid-year without a relapse seen; three were free."""
    found = estimate(report, "relapse-free", "Relapse-free in year 3")
    assert (found.numerator, found.denominator) == (3, 5)
    assert row_of(report, "relapse-free", 1, "3")["Not assessable"] == "1"


def test_relapse_free_since_the_first_course(report):
    """Two of six relapsed before anybody left: five sixths times four fifths."""
    assert row_of(report, "relapse-free", 0, "3")["Free of relapses"] == "66.7 %"
    assert row_of(report, "relapse-free", 0, "2")["Free of relapses"] == "100.0 %"


def test_relapse_rate_by_epoch(report):
    """Nobody was watched for the year before treatment, so there is no rate; then none, then 2."""
    before = row_of(report, "relapse-free", 2, "The 12 months before treatment")
    assert (before["People"], before["Rate a year"]) == ("0", "nobody to count")
    assert row_of(report, "relapse-free", 2, "Years 1 and 2")["Relapses"] == "0"
    after = row_of(report, "relapse-free", 2, "From year 3 on")
    assert after["Relapses"] == "2"
    days = 3 * (366 + 365 * 3) + 366 + 182 + 182 + 366 + 365 * 3  # P1, P2, P5; P4; P3; P6
    assert after["Patient-years"] == f"{days / 365.25:.1f}"


def test_edss_by_two_rules(report):
    assert row_of(report, "edss-steps", 0, "3")["Worse"].startswith("1 (16.7 %")
    assert row_of(report, "edss-steps", 1, "3")["Worse"].startswith("1 (16.7 %")
    assert row_of(report, "edss-steps", 2, "3")["1.0 or 1.5 up"] == "1"
    assert row_of(report, "edss-steps", 0, "6")["Not assessable"] == "4"


def test_lesions_that_nobody_counted_are_no_quiet_year(report):
    """The scans have volumes and no counts: nobody can be assessed, and nobody is called free."""
    for year in "123":
        found = row_of(report, "mri", 0, year)
        assert found["Either: not assessable"] == "6"
        assert found["Either"] == "0 (–; –) of 0"
    assert row_of(
        report, "mri", 1, "a count of new T2 lesions at every scan of the year"
    )["Year 3"] == "6"  # fmt: skip


def test_neda_is_decided_by_what_is_known(report):
    """In year 3 a relapse decides for P1 and P2; the others lack lesion counts."""
    found = row_of(report, "neda", 0, "3")
    assert (found["Began the year"], found["Assessed"], found["Not assessable"]) == ("6", "2", "4")
    assert found["In the year"].startswith("0 (0.0 %")
    parts = row_of(report, "neda", 1, "3")
    assert (parts["Relapse"], parts["MRI activity: missing"]) == ("2", "6")
    assert parts["Relapse: missing"] == "1"


def test_neda_where_nothing_is_missing(tables):
    """With lesions counted, P4 to P6 show none in year 1; P1 has a new lesion."""
    for row in tables["mri"]:
        row["new_t2_lesions"] = int(row["person_id"] == "P1" and row["date"] == "2011-01-01")
        row["gd_lesions"] = 0
    found = build_report(cohort_of(tables), as_of=AS_OF)
    year_1 = estimate(found, "neda", "NEDA-3 in year 1")
    assert (year_1.numerator, year_1.denominator) == (5, 6)
    assert row_of(found, "neda", 0, "2")["Since the start"].startswith("5 (83.3 %")
    assert estimate(found, "mri", "Either in year 1").numerator == 1


def test_neda_4_holds_volume_to_its_limit(tables):
    """0.002 of 0.800 a year is 0.25 %; five times as much is beyond 0.40 %."""
    for row in tables["mri"]:
        row["new_t2_lesions"] = row["gd_lesions"] = 0
        if row["person_id"] == "P2":
            row["bpf"] = 0.8 - 5 * (0.8 - row["bpf"])
    found = build_report(cohort_of(tables), as_of=AS_OF)
    assert estimate(found, "neda", "NEDA-3 in year 1").numerator == 6
    assert estimate(found, "neda", "NEDA-4, with BPF in year 1").numerator == 5
    labels = {one.label for one in found.section("neda").estimates}
    assert not any("PBVC" in label for label in labels)  # nobody has one


def test_brain_volume_since_treatment_began(report):
    found = estimate(report, "volume-since", "Median BPF change since treatment began, year 3")
    assert found.denominator == 6
    assert found.value == pytest.approx(-0.75)


def test_brain_volume_may_be_measured_from_another_month(tables):
    """From month 24 on, year 3 is the first whose end lies later."""
    found = build_report(cohort_of(tables), as_of=AS_OF, volume_start=volume_start(24))
    table = found.section("volume-since").parts[-1].table
    assert table.caption.startswith("Change of BPF from month 24 on")
    assert [row[0] for row in table.rows] == ["3", "4", "5", "6"]
    from_start = build_report(cohort_of(tables), as_of=AS_OF, volume_start=FROM_BASELINE)
    assert len(from_start.section("volume-since").parts[-1].table.rows) == 6


def test_pbvc_stands_beside_bpf_and_never_in_it(tables):
    """PBVC by SIENA of everybody: tables and NEDA-4 of its own, BPF as before."""
    for person in ("P1", "P2", "P3", "P4", "P5", "P6"):
        for year, pct in enumerate((None, -0.5, -0.3, -0.3)):
            tables["mri"].append(
                {"person_id": person, "date": f"{2010 + year}-01-01", "pbvc_pct": pct,
                 "method": "SIENA 6", "scanner": "A", "new_t2_lesions": 0, "gd_lesions": 0}
            )  # fmt: skip
    found = build_report(cohort_of(tables), as_of=AS_OF)
    assert estimate(found, "e", "Median BPF change, year 1").value == pytest.approx(
        -0.25 * 365.25 / 365
    )
    captions = [part.table.caption for part in found.section("e").parts]
    assert "Yearly change of brain volume (PBVC), % a year" in captions
    assert estimate(found, "neda", "NEDA-4, with PBVC in year 1").numerator == 0
    assert estimate(found, "neda", "NEDA-4, with PBVC in year 2").numerator == 6
    assert estimate(found, "neda", "NEDA-4, with BPF in year 1").numerator == 6
    own = row_of(found, "strata", 1, "Own yearly change of PBVC, median, %")
    assert own["2.0 to 3.5"].startswith("−0.30 ")
    render_report(found)


def test_two_methods_have_a_table_each(tables):
    for row in tables["mri"]:
        if row["person_id"] in ("P1", "P2"):
            row["method"] = "M 2"
    found = build_report(cohort_of(tables), as_of=AS_OF)
    captions = [part.table.caption for part in found.section("e").parts]
    assert "Yearly change by the method M 1, % a year" in captions
    assert "Yearly change by the method M 2, % a year" in captions


def test_ageing(report):
    """Everybody loses 0.25 % a year along a line: beyond one cut-off, within the others."""
    mean = row_of(report, "ageing", 0, "Healthy at 45: mean, −0.15 %")
    assert (mean["With a line"], mean["Faster loss"][:1]) == ("6", "6")
    p95 = row_of(report, "ageing", 0, "Healthy at 45: 95th percentile of loss, −0.52 %")
    assert p95["Slower loss"].startswith("6 (100.0 %")


def test_two_denominators(report):
    """P6's one thyroid disease over the days of five people at risk, and over all their days."""
    days = 2 * 2191 + 912 + 1278
    at_risk = estimate(report, "f", "Thyroid disease, first events over time at risk")
    exposure = estimate(report, "f", "Thyroid disease, first events over all exposure")
    assert at_risk.value == pytest.approx(100 / ((days + 975) / 365.25))
    assert exposure.value == pytest.approx(100 / ((days + 2191) / 365.25))
    assert estimate(report, "f", "Thyroid disease, crude").value == pytest.approx(20)


def test_infections_and_malignancies(tables):
    """Two infections of P1, one serious; none before the first course; no malignancy is 0 of 6."""
    tables["events"] += [
        {"person_id": "P1", "onset_date": "2011-03", "category": "infection", "serious": True},
        {"person_id": "P1", "onset_date": "2012-03-04", "category": "infection"},
        {"person_id": "P2", "onset_date": "2009-12-20", "category": "infection"},
        {"person_id": "P3", "onset_date": "2010", "category": "infection"},
    ]
    found = build_report(cohort_of(tables), as_of=AS_OF)
    people = estimate(found, "safety", "Infections: people")
    assert (people.numerator, people.denominator) == (2, 6)
    assert estimate(found, "safety", "Infections: people, serious").numerator == 1
    assert estimate(found, "safety", "Infections: all events").numerator == 3
    none = estimate(found, "safety", "Malignancies: people")
    assert (none.numerator, none.low) == (0, 0)
    assert none.high == pytest.approx(100 * (1 - 0.025 ** (1 / 6)))
    assert row_of(found, "safety", 1, "4")["Deaths"].startswith("1 (")


def test_strata_hold_everybody_once(study):
    """Whatever people are divided by, the parts add up to everybody."""
    for kind in strata._KINDS:
        codes = getattr(study.columns.strata, kind.column)
        parts = strata.divide(study, codes, kind.values)
        inside = [place for part in parts.values() for place in part.columns.person]
        assert sorted(inside) == study.columns.person.tolist()


def test_side_by_side(report):
    """Four said none, one had thyroid disease, one was never asked."""
    people = row_of(report, "strata", 0, "People")
    assert {name: people[name] for name in ("none", "yes", "never asked")} == {
        "none": "4", "yes": "1", "never asked": "1",
    }  # fmt: skip
    assert row_of(report, "strata", 1, "People")["2.0 to 3.5"] == "6"
    assert row_of(report, "strata", 2, "People")["not recorded"] == "6"
    relapses = row_of(report, "strata", 0, "Relapses a year")
    assert "; 2 in " in relapses["none"]
    assert "; 0 in " in relapses["yes"]


def test_years_are_divided_by_the_courses_received_before_them(report):
    """Retreated people's years before retreatment stand with those who had two courses."""
    further = row_of(report, "strata", 3, "A further course in the year")
    # Two courses: year 3 of all six, years 4 of P2, P4, P5, P6, years 5 and 6 of P5 and P6.
    assert further["2"].endswith("of 14")
    assert further["2"].startswith("2 (")
    # Three courses: years 4 to 6 of P1, 5 and 6 of P2.
    assert further["3"].startswith("0 (")
    assert further["3"].endswith("of 5")
    assert "1" not in further


def test_later_stage(tables):
    """P1 and P2 progressive, P3 with an EDSS of 4.0; the phenotype of the others is RRMS."""
    for row in tables["people"]:
        row["ms_phenotype"] = {"P1": "spms", "P2": "ppms"}.get(row["person_id"], "rrms")
    for row in tables["assessments"]:
        if row["person_id"] == "P3":
            row["value"] = 4.0
    found = build_report(cohort_of(tables), as_of=AS_OF)
    assert row_of(found, "later", 0, "Stage: later stage")["People"] == "3"
    assert row_of(found, "later", 0, "Stage: earlier stage")["With a line"] == "3"
    assert "at a later stage and" in found.section("later").headline


def test_later_stage_that_nobody_is_at(report):
    """Phenotypes are not recorded and every EDSS is 2.0: the question is refused, with counts."""
    assert report.section("later").headline.startswith("Cannot be answered from this record")
    assert "the stage of 6 people is not known" in report.section("later").headline


def test_bounds(report):
    """Retreated in year 3: P1 of five known; P3 is not known."""
    found = row_of(report, "missing", 2, "Retreated in year 3")
    assert list(found.values())[1:] == ["6", "5", "1 (20.0 %)", "1 (16.7 %)", "2 (33.3 %)"]
    unseen = row_of(report, "missing", 2, "EDSS same or better, end of year 6")
    assert list(unseen.values())[1:] == ["6", "0", "0 (–)", "0 (0.0 %)", "6 (100.0 %)"]


def test_follow_up(report):
    found = {row[0]: row[1] for row in report.section("missing").parts[1].table.rows}
    days = 4 * 2191 + 912 + 1278
    assert found["Patient-years under observation"] == f"{days / 365.25:.1f}"
    assert found["Under observation for 6 years or more"] == "4"
    assert found["Under observation for 3 years or more"] == "5"


def test_answers_add_up(study):
    """Met, not met and unknown are everybody who began the year; bounds hold the share."""
    free = study.columns.relapses.free
    for year in range(1, study.years + 1):
        found = answers_in_year(study, free, year, outcome="relapse-free")
        assert found.asked == study.entered(year).sum()
        everybody = answers_of_everybody(study, free, year, outcome="relapse-free")
        assert everybody.asked == 6
        assert (everybody.met, everybody.not_met) == (found.met, found.not_met)
        low, high = everybody.bounds()
        assert low <= everybody.share.value <= high


def test_years_not_over_by_the_data_day_are_in_no_bound(tables):
    study = collect(cohort_of(tables), "alemtuzumab", as_of=date(2012, 6, 1))
    free = study.columns.relapses.free
    assert answers_of_everybody(study, free, 3, outcome="relapse-free").asked == 0
    assert answers_of_everybody(study, free, 2, outcome="relapse-free").asked == 6


def test_answers_flipped(study):
    """Met and not met change places, and so do the people counted; the unknown stay."""
    codes = np.array([MET, MET, NOT_MET, NOT_ASSESSABLE, NO_YEAR, NO_YEAR], np.int8)
    found = Answers.of(study, codes, outcome="mri", year=1)
    other = found.flipped()
    assert (other.met, other.not_met, other.unknown) == (1, 2, 1)
    assert found.share.denominator == other.share.denominator == 3
    # Positions in the record, whose first person had no course.
    assert found.behind.counted.tolist() == [1, 2]
    assert other.behind.counted.tolist() == [3]
    assert other.behind_known.counted.tolist() == [1, 2, 3]
    assert other.behind_asked.counted.tolist() == [1, 2, 3, 4]
    assert other.behind_unknown.counted.tolist() == [4]


def _nobody_treated(tables):
    tables["treatments"] = []


def _nobody_watched(tables):
    tables["follow_up"] = []


def _no_baseline(tables):
    tables["assessments"] = [row for row in tables["assessments"] if row["date"] > "2010-06-01"]


def _nothing_happened(tables):
    for table in ("relapses", "events", "mri", "assessments"):
        tables[table] = []


def _one_day(tables):
    for row in tables["follow_up"]:
        row["end_date"] = "2010-01-01"


def _no_rows(tables):
    for table in tables:
        if table != "people":
            tables[table] = []


@pytest.mark.parametrize(
    "spoil",
    [_nobody_treated, _nobody_watched, _no_baseline, _nothing_happened, _one_day, _no_rows],
)
def test_a_poor_record_gets_answers_and_never_nan(spoil):
    """Every number that cannot be had is a dash or a word, with its count; JSON holds none."""
    tables = six_people()
    spoil(tables)
    found = build_report(cohort_of(tables), as_of=AS_OF)
    json.dumps(report_as_dict(found), allow_nan=False)
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", render_report(found), flags=re.DOTALL)
    assert not re.search(r"\bnan\b", text)
