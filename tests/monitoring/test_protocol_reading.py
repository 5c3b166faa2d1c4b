"""The second reading of the protocols: grades, limits and what one alert may hide.

Grades and limits are transcribed from our notes on the sources and not from the files.
"""

import re
from pathlib import Path

import pytest

from afterdose.monitoring import Protocol, load_protocol
from afterdose.monitoring.load import shipped_protocols
from afterdose.monitoring.model import (
    Advice,
    Alert,
    AllOf,
    AnyOf,
    Band,
    Check,
    Evidence,
    Lasting,
    Limit,
    RangeMultiple,
)
from afterdose.monitoring.words import render_protocol
from afterdose.record.dates import Period

OTHERS = [name for name in shipped_protocols() if not name.startswith("alemtuzumab")]
GAPS = Path(__file__).parents[2] / "docs" / "protocols" / "gaps.md"

GRADES = {
    "cladribine-eu": {
        "verified": "lymphocytes-before liver-before hiv-before hepatitis-before year-1 year-2",
        "secondary": "lymphocytes lymphocytes-below-0.2 lymphocytes-below-0.5 below-0.5 malignancy",
        "unverified": "alt-3-bilirubin-2",
    },
    "dimethyl-fumarate-eu": {
        "verified": "lymphocytes lymphocytes-before mri-before lymphocytes-mildly-low pml "
        "lymphocytes-below-0.5-for-6-months lymphocytes-0.5-to-0.8-for-6-months",
        "secondary": "pml-signs",
        "unverified": "kidney urine liver kidney-before urine-before liver-before after-stopping",
        "policy": "lymphocytes-below-0.5 lymphocytes-below-0.8 lymphocytes-below-0.8-for-6-months",
    },
    "dimethyl-fumarate-us": {
        "unverified": "lymphocytes after-stopping",
        "policy": "lymphocytes-below-0.5-for-6-months lymphocytes-0.5-to-0.8-for-6-months",
    },
    "fingolimod-eu": {
        "verified": "liver liver-before eye liver-above-3 liver-above-5 liver-3-with-bilirubin "
        "infection eye-risk liver-after-stopping",
        "secondary": "lymphocytes lymphocytes-below-0.2",
        "unverified": "lymphocytes-label ecg-before vzv-before skin pregnancy-before first-dose",
    },
    "glatiramer-ch": {"verified": "liver liver-before liver-raised"},
    "glatiramer-eu": {"verified": "no-tests anaphylaxis"},
    "interferon-beta-eu": {
        "verified": "blood-count liver creatinine thyroid blood-count-before liver-before tma",
        "unverified": "dose-reduction",
        "policy": "tma-pattern creatinine-high tsh-abnormal liver-above-5 neutrophils-below-1",
    },
    "mitoxantrone-eu": {
        "secondary": "heart heart-before neutrophils-below-1.5 liver-abnormal lifetime-dose",
        "unverified": "infection",
    },
    "mitoxantrone-us": {
        "verified": "heart heart-before lifetime-dose",
        "secondary": "neutrophils-below-1.5 liver-abnormal pregnancy leukaemia",
    },
    "natalizumab-eu": {
        "verified": "mri mri-higher-risk higher-risk extended-interval routine-bloods",
        "secondary": "jcv blood-count liver-and-kidney pml-risk pml-signs",
        "unverified": "jcv-above-1.5 jcv-above-0.9 after-stopping",
    },
    "ocrelizumab-eu": {
        "secondary": "immunoglobulins blood-count b-cells hepatitis-b-before igg-low",
        "unverified": "neutrophils",
    },
    "ofatumumab-eu": {"secondary": "immunoglobulins hepatitis-b-before", "unverified": "label"},
    "ozanimod-eu": {
        "secondary": "ecg-before first-dose",
        "unverified": "liver lymphocytes blood-pressure lymphocytes-below-0.2 contraception",
    },
    "ponesimod-us": {
        "verified": "blood-count-before liver-before ecg-before eye-before skin-before first-dose",
        "unverified": "lymphocytes-below-0.2 counts-during-treatment",
    },
    "siponimod-eu": {
        "verified": "liver-before eye-before ecg-before genotype contraception",
        "secondary": "blood-count blood-count-before lymphocytes-below-0.2 lymphocytes-not-yet-0.6",
    },
    "siponimod-us": {
        "verified": "blood-count-before genotype",
        "policy": "lymphocytes-below-0.2 lymphocytes-not-yet-0.6",
    },
    "teriflunomide-eu": {
        "verified": "alt blood-pressure alt-above-2 alt-above-3 count-on-symptoms washout",
        "unverified": "alt-current alt-3-bilirubin-2",
    },
    "teriflunomide-us": {
        "verified": "alt alt-above-3 tuberculosis-before",
        "policy": "alt-above-2 blood-pressure",
    },
    "ublituximab-us": {
        "verified": "hepatitis-b-before immunoglobulins-before liver-before infection",
        "secondary": "immunoglobulins blood-count dissent",
    },
}


def _either(relation: str, times: float) -> AnyOf:
    return AnyOf((RangeMultiple("alt", relation, times), RangeMultiple("ast", relation, times)))


LIMITS = {
    ("fingolimod-eu", "liver-above-3"): _either("above", 3),
    ("fingolimod-eu", "liver-above-5"): _either("above", 5),
    ("fingolimod-eu", "liver-3-with-bilirubin"): AllOf(
        (_either("at_least", 3), RangeMultiple("bilirubin", "above", 1)), Period(days=7)
    ),
    ("fingolimod-eu", "lymphocytes-below-0.2"): Limit("lymphocytes", "below", 0.2),
    ("siponimod-eu", "lymphocytes-below-0.2"): Limit("lymphocytes", "below", 0.2),
    ("teriflunomide-eu", "alt-above-2"): RangeMultiple("alt", "at_least", 2),
    ("teriflunomide-us", "alt-above-2"): RangeMultiple("alt", "at_least", 2),
    ("teriflunomide-eu", "alt-above-3"): RangeMultiple("alt", "above", 3),
    ("cladribine-eu", "lymphocytes-below-0.8"): Limit("lymphocytes", "below", 0.8),
    ("cladribine-eu", "lymphocytes-below-0.5"): Limit("lymphocytes", "below", 0.5),
    ("cladribine-eu", "lymphocytes-below-0.2"): Limit("lymphocytes", "below", 0.2),
    ("mitoxantrone-us", "neutrophils-below-1.5"): Limit("neutrophils", "below", 1.5),
    ("dimethyl-fumarate-eu", "lymphocytes-below-0.5-for-6-months"): Lasting(
        "lymphocytes", 0.5, None, Period(months=6), Period(months=4), 3
    ),
    ("dimethyl-fumarate-eu", "lymphocytes-0.5-to-0.8-for-6-months"): Lasting(
        "lymphocytes", 0.8, 0.5, Period(months=6), Period(months=4), 3
    ),
}


@pytest.fixture(params=OTHERS)
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return load_protocol(request.param)


def rules(protocol: Protocol) -> dict[str, Check | Alert | Advice]:
    return {rule.id: rule for rule in (*protocol.checks, *protocol.alerts, *protocol.advice)}


@pytest.mark.parametrize("name", GRADES)
def test_grades(name: str) -> None:
    found = rules(load_protocol(name))
    grades = {rule: grade for grade, ids in GRADES[name].items() for rule in ids.split()}
    assert {rule: str(found[rule].grounds.evidence) for rule in grades} == grades


def test_every_protocol_was_read_again() -> None:
    twins = {"natalizumab-eu-extended"}
    assert set(GRADES) == set(OTHERS) - twins
    extended, four_weekly = (
        load_protocol("natalizumab-eu-extended"),
        load_protocol("natalizumab-eu"),
    )
    assert rules(extended) == rules(four_weekly)


@pytest.mark.parametrize(("name", "alert"), LIMITS)
def test_limits(name: str, alert: str) -> None:
    found = rules(load_protocol(name))[alert]
    assert isinstance(found, Alert)
    assert found.when == LIMITS[name, alert]


def test_nothing_rests_on_a_text_that_was_not_read(protocol: Protocol) -> None:
    """What was not read is cited by unverified rules alone, and says so."""
    for rule in (*protocol.courses, *rules(protocol).values()):
        unread = [source for source in rule.grounds.sources if "not read" in source.cite]
        is_recalled = rule.grounds.evidence is Evidence.UNVERIFIED
        assert unread == (list(rule.grounds.sources) if is_recalled else []), rule


def test_citations_name_documents_and_not_sites(protocol: Protocol) -> None:
    for rule in rules(protocol).values():
        for source in rule.grounds.sources:
            cite = re.sub(r"doi:\S+", "", source.cite)
            assert not re.search(r"\w\.(com|cz|net|org|co\.uk)\b", cite), cite


def test_the_page_promises_no_interval_a_site_may_set(protocol: Protocol) -> None:
    """A site sets windows, owners and limits; an interval needs a file of its own."""
    assert "site may set" not in render_protocol(protocol)


@pytest.mark.parametrize("name", shipped_protocols())
def test_no_alert_hides_a_more_urgent_one(name: str) -> None:
    protocol = load_protocol(name)
    bands, found = list(Band), rules(protocol)
    for alert in protocol.alerts:
        for covering in alert.covered_by:
            other = found[covering]
            assert isinstance(other, Alert)
            assert bands.index(other.band) <= bands.index(alert.band), (alert.id, covering)


@pytest.mark.parametrize(
    ("name", "covered", "words"),
    [
        (
            "cladribine-eu",
            "lymphocytes-below-0.8",
            "No tablets of the next treatment year below 0.8",
        ),
        ("mitoxantrone-eu", "neutrophils-below-1.5", "No dose of mitoxantrone below 1.5"),
        ("mitoxantrone-us", "neutrophils-below-1.5", "No dose of mitoxantrone below 1.5"),
    ],
)
def test_what_stands_for_another_says_all_it_says(name: str, covered: str, words: str) -> None:
    found = rules(load_protocol(name))
    alert = found[covered]
    assert isinstance(alert, Alert)
    assert alert.covered_by
    for covering in alert.covered_by:
        other = found[covering]
        assert isinstance(other, Alert)
        assert words in other.then


def test_b_cells_are_counted_as_long_as_something_waits_for_them() -> None:
    protocol = load_protocol("ocrelizumab-eu")
    assert protocol.check("b-cells").until == protocol.check("immunoglobulins").until


def test_what_no_rule_can_say_is_on_the_page() -> None:
    """The last table of the gaps names, for each such fact, where the page says it."""
    table = GAPS.read_text("utf-8").split("## Read and not yet expressible")[1]
    rows = [line.split("|")[1:4] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) > 20
    for names, _, where in rows:
        for name in re.findall(r"`([^`]+)`", names):
            (rule,) = re.findall(r"`([^`]+)`", where)
            assert rule in rules(load_protocol(name)), (name, rule)
