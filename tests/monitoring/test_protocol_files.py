"""The shipped protocols: every rule graded and cited, the jurisdictions differ where labels do."""

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from afterdose.monitoring import Protocol, load_protocol
from afterdose.monitoring.differences import differences, render_differences
from afterdose.monitoring.load import parse_protocol, shipped_protocols
from afterdose.monitoring.model import Evidence, Limit, analytes_of
from afterdose.monitoring.words import render_protocol
from afterdose.record.drugs import known_drugs

GRADES = {
    "alemtuzumab-eu": {
        "blood-count": "verified",
        "creatinine": "verified",
        "urine": "verified",
        "thyroid": "secondary",
        "liver": "secondary",
        "skin": "unverified",
        "cervical-screening": "unverified",
        "ecg-before": "unverified",
        "tuberculosis-before": "unverified",
        "vzv-before": "unverified",
        "pregnancy-before": "unverified",
        "mri-before": "unverified",
        "hiv-before": "verified",
        "liver-before": "verified",
        "platelets-during-1": "unverified",
        "platelets-during-later": "unverified",
        "platelets-halved": "secondary",
        "platelets-below-150": "verified",
        "creatinine-up-30": "unverified",
        "creatinine-high-with-blood": "verified",
        "liver-with-jaundice": "policy",
        "listeria": "verified",
        "hlh": "secondary",
        "pml": "unverified",
        "thyroid-antibodies": "verified",
        "alt-above-5": "policy",
        "alt-3-bilirubin-2": "unverified",
        "aciclovir": "verified",
        "prior-autoimmunity": "verified",
        "contraindications": "unverified",
        "contraception": "secondary",
        "lymphocytes": "secondary",
    },
    "alemtuzumab-us": {
        "blood-count": "verified",
        "thyroid": "verified",
        "liver": "verified",
        "skin": "verified",
        "cervical-screening": "verified",
        "protein-ratio-before": "verified",
        "vzv-before": "secondary",
        "pregnancy-before": "secondary",
        "mri-before": "verified",
        "protein-ratio-high": "unverified",
        "urine-protein": "policy",
        "creatinine-up-30": "unverified",
        "liver-with-jaundice": "policy",
        "hepatitis-before": "verified",
        "contraception": "secondary",
        "contraindications": "verified",
    },
}
"""The grade of each fact, transcribed from our notes and not from the files."""


def rules(protocol: Protocol) -> dict[str, object]:
    return {rule.id: rule for rule in (*protocol.checks, *protocol.alerts, *protocol.advice)}


@pytest.fixture(params=sorted(shipped_protocols()))
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return load_protocol(request.param)


DRUGS = {
    "alemtuzumab", "cladribine", "dimethyl fumarate", "diroximel fumarate", "fingolimod",
    "glatiramer acetate", "interferon beta-1a", "interferon beta-1b", "mitoxantrone",
    "natalizumab", "ocrelizumab", "ofatumumab", "ozanimod", "peginterferon beta-1a", "ponesimod",
    "siponimod", "teriflunomide", "ublituximab",
}  # fmt: skip


def test_every_therapy_has_one() -> None:
    drugs = {drug for name in shipped_protocols() for drug in load_protocol(name).drugs}
    assert drugs == DRUGS
    assert {"natalizumab-eu", "natalizumab-eu-extended"} <= set(shipped_protocols())


def test_the_id_is_the_files(protocol: Protocol) -> None:
    assert protocol.id in shipped_protocols()


@pytest.mark.parametrize("name", GRADES)
def test_grades(name: str) -> None:
    found = rules(load_protocol(name))
    grades = GRADES[name]
    assert {rule: str(found[rule].grounds.evidence) for rule in grades} == grades


def test_every_rule_is_cited_or_policy(protocol: Protocol) -> None:
    for rule in rules(protocol).values():
        grounds = rule.grounds
        assert grounds.says
        assert grounds.sources or grounds.evidence is Evidence.POLICY


def test_windows_owners_and_urgencies_are_policy(protocol: Protocol) -> None:
    """No label states a grace period, a GP or team split, or a response time."""
    for check in protocol.checks:
        assert {"window", "owner"} <= set(check.grounds.policy)
    for alert in protocol.alerts:
        assert "band" in alert.grounds.policy


@pytest.mark.parametrize("name", GRADES)
def test_low_lymphocytes_raise_nothing_after_alemtuzumab(name: str) -> None:
    protocol = load_protocol(name)
    assert not any("lymphocytes" in analytes_of(alert.when) for alert in protocol.alerts)


def test_no_rule_rests_on_a_thirty_percent_fall_of_platelets(protocol: Protocol) -> None:
    """That rule circulates without a source."""
    for alert in protocol.alerts:
        if "platelets" in analytes_of(alert.when):
            assert getattr(alert.when, "percent", 50) == 50


@pytest.mark.parametrize("name", GRADES)
def test_what_is_never_silent(name: str) -> None:
    """The brief fall after an infusion is of platelets, and never so deep."""
    protocol = load_protocol(name)
    silent = {alert.id for alert in protocol.alerts if alert.expected_for is not None}
    assert silent == {"platelets-below-100", "platelets-halved", "platelets-below-150"}
    (alert,) = (alert for alert in protocol.alerts if alert.id == "platelets-below-50")
    assert alert.when == Limit("platelets", "below", 50)


def test_where_the_jurisdictions_differ() -> None:
    eu, us = load_protocol("alemtuzumab-eu"), load_protocol("alemtuzumab-us")
    found = {difference.rule: difference for difference in differences(eu, us)}
    assert found["liver"].old["when"].startswith("every month")
    assert found["liver"].new["when"].startswith("every 3 months")
    assert "every" in found["liver"].new["policy"]
    assert "28 days" in found["aciclovir"].old["text"]
    assert "two months" in found["aciclovir"].new["text"]
    assert "must no longer" in found["prior-autoimmunity"].old["text"]
    assert "does not exclude" in found["prior-autoimmunity"].new["text"]
    assert "review" in found["hiv-before"].old["sources"]
    assert found["ecg-before"].new == {}
    assert found["protein-ratio-before"].old == {}


def test_differences_as_text() -> None:
    eu, us = load_protocol("alemtuzumab-eu"), load_protocol("alemtuzumab-us")
    text = render_differences(eu, us, differences(eu, us))
    assert "Liver (liver)\n  when\n    alemtuzumab-eu 0.2.1: every month" in text
    assert "ECG before a course (ecg-before)\n  only in alemtuzumab-eu 0.2.1" in text
    assert "only in alemtuzumab-us 0.2.0: within 30 days before course 1" in text


def test_a_protocol_does_not_differ_from_itself(protocol: Protocol) -> None:
    assert differences(protocol, protocol) == []


def test_the_page_states_every_rule(protocol: Protocol) -> None:
    page = render_protocol(protocol)
    for rule_id, rule in rules(protocol).items():
        assert f"`{rule_id}`" in page
        assert rule.grounds.says in page
    unverified = [
        rule for rule in rules(protocol).values() if rule.grounds.evidence is Evidence.UNVERIFIED
    ]
    assert page.count("(UNVERIFIED)") == len(unverified)
    assert "it does not diagnose" in page


def test_the_page_says_when_results_are_judged() -> None:
    page = render_protocol(load_protocol("teriflunomide-eu"))
    assert "A result from before the first dose raises no alert." in page
    assert "only as long as the test it belongs to goes on" in page
    courses = render_protocol(load_protocol("cladribine-eu"))
    assert "any result can still raise one, without end" in courses
    assert "No result raises an alert here." in render_protocol(load_protocol("glatiramer-eu"))


def test_the_list_of_drugs_names_those_that_are_followed() -> None:
    listed = tomllib.loads(Path(str(files("afterdose.record") / "drugs.toml")).read_text("utf-8"))
    followed = {drug for name in shipped_protocols() for drug in load_protocol(name).drugs}
    assert set(listed["followed"]) == followed
    assert not followed & set(listed["others"])
    assert all(drug == drug.lower() for drug in known_drugs())


def test_the_benchmark_s_rules_load() -> None:
    """The rule file of the benchmark on FHIR is held to what every rule file is held to."""
    rules = Path(__file__).parents[2] / "scripts" / "peers" / "rules.toml"
    assert parse_protocol(rules.read_text(encoding="utf-8")).checks
