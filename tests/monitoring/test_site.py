"""A site sets its own windows, owners, response times and limits, and answers for each."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from afterdose.monitoring import Protocol, evaluate_alerts, evaluate_checks, load_protocol
from afterdose.monitoring.model import AllOf, AnyOf, Band, Lasting, Limit, RangeMultiple
from afterdose.monitoring.site import apply_site
from afterdose.monitoring.words import render_protocol
from afterdose.record.dates import Period
from afterdose.record.errors import ProtocolError
from afterdose.record.history import History
from afterdose.record.tables import Lab, Person, Treatment

CONTINUOUS = Path(__file__).parents[1] / "spec" / "continuous.toml"
HEAD = """
[[overrides]]
protocol = "alemtuzumab-eu"
rule = "{rule}"
set = {{ {set} }}
approved_by = "Dr Example"
approved_on = "2026-11-02"
why = "Our laboratory is closed on Fridays."
"""
HISTORY = History(
    Person("p1", sex="female"),
    treatments=(Treatment("p1", "alemtuzumab", date(2021, 3, 8), 1, date(2021, 3, 12)),),
    labs=(Lab("p1", date(2021, 9, 6), date(2021, 9, 6), "platelets", 110.0, unit="10*9/L"),),
)


def site(rule: str, settings: str) -> Protocol:
    text = HEAD.format(rule=rule, set=settings)
    (found,) = apply_site([load_protocol("alemtuzumab-eu")], text)
    return found


def alert(protocol: Protocol, rule: str):
    return next(one for one in protocol.alerts if one.id == rule)


def test_a_window_and_an_owner() -> None:
    changed = site("blood-count", 'window = "P10D", owner = "gp"')
    check = changed.check("blood-count")
    assert (check.window, check.owner) == (Period(days=10), "gp")
    assert [(one.field, one.shipped, one.own) for one in changed.overrides] == [
        ("window", "7 days", "10 days"),
        ("owner", "ms_team", "gp"),
    ]
    assert load_protocol("alemtuzumab-eu").check("blood-count").window == Period(days=7)


def test_a_response_time_an_urgency_and_a_silence() -> None:
    changed = site(
        "platelets-below-100",
        'respond_within = "P2D", band = "act within 3 days", expected_for = "P1M"',
    )
    found = alert(changed, "platelets-below-100")
    assert (found.respond_within, found.band) == (Period(days=2), Band.ACT_SOON)
    assert found.expected_for == Period(months=1)


def test_how_old_a_baseline_may_be() -> None:
    changed = site("hiv-before", 'within = "P180D"')
    assert changed.check("hiv-before").within == Period(days=180)


def test_a_limit_says_so_in_the_title() -> None:
    changed = site("platelets-below-100", 'limit = 120, unit = "10*9/L"')
    found = alert(changed, "platelets-below-100")
    assert found.when == Limit("platelets", "below", 120)
    assert found.title == "Platelets below 100 (this site: Platelets below 120 × 10⁹/L)"


def test_it_shows_wherever_it_acts() -> None:
    words = (
        "window: 10 days instead of 7 days, approved by Dr Example on 2026-11-02. Our laboratory "
        "is closed on Fridays."
    )
    changed = site("blood-count", 'window = "P10D"')
    assert f"**Changed by this site.** {words}" in render_protocol(changed)
    statuses = evaluate_checks(HISTORY, changed, as_of=date(2021, 10, 1))
    (status,) = (one for one in statuses if one.check_id == "blood-count")
    assert status.because[0].text.endswith(f"Changed by this site: {words}")


def test_it_acts() -> None:
    changed = site("platelets-below-100", 'limit = 120, unit = "10*9/L"')
    answers = {
        name: next(
            one.answer.value
            for one in evaluate_alerts(HISTORY, protocol, as_of=date(2021, 9, 6))
            if one.alert_id == "platelets-below-100"
        )
        for name, protocol in (("shipped", load_protocol("alemtuzumab-eu")), ("own", changed))
    }
    assert answers == {"shipped": "not met", "own": "met"}


# fmt: off
REFUSED = [
    ("blood-count", 'every = "P3M"', "line 5, override 1: a key is 'set.every'. Permitted: owner"),
    ("blood-count", 'window = "soon"', "set.window is 'soon'. Permitted: a period is written"),
    ("blood-counts", 'window = "P3D"', "line 4, override 1: rule is 'blood-counts'"),
    ("platelets-below-100", "limit = 120", "set.unit is 'missing'. Permitted: 10*9/L"),
    ("two-cell-lines-low", "limit = 2", "a key is 'set.limit'. Permitted: band, respond_within"),
    ("platelets-below-50", 'band = "soon"', "set.band is 'soon'. Permitted: act today"),
    ("platelets-below-50", 'limit = nan, unit = "10*9/L"', "set.limit is 'nan'. Permitted: a numb"),
    ("platelets-below-50", 'limit = -5, unit = "10*9/L"', "set.limit is '-5'. Permitted: above"),
    ("platelets-halved", "limit = 150", "set.limit is '150'. Permitted: above 0 and up to 100"),
    ("platelets-below-50", 'respond_within = "P0D"', "set.respond_within is 'P0D'. Permitted: a"),
    ("blood-count", 'window = "P3Y"', "set.window is 'P36M'. Permitted: a period up to P1M"),
    ("blood-count", 'owner = "ward"', "set.owner is 'ward'. Permitted: ms_team, gp, person, a"),
    ("blood-count", "", "set is 'empty'. Permitted: a field of the rule and what it is set to"),
    ("platelets-below-50", 'unit = "10*9/L"', "set is 'empty'"),
    ("alt-above-5", "limit = 4", "a key is 'set.limit'. Permitted: band, limits, respond"),
    ("alt-above-5", "limits = {}", "set.limits is 'empty'. Permitted: alt, ast"),
    ("alt-above-5", "limits = { ggt = 4 }", "a key is 'set.limits.ggt'. Permitted: alt, ast"),
    ("alt-above-5", "limits = { alt = 0 }", "set.limits.alt is '0'. Permitted: a number above 0"),
]
# fmt: on


@pytest.mark.parametrize(
    ("rule", "settings", "message"), REFUSED, ids=[r[2][-40:] for r in REFUSED]
)
def test_refused(rule: str, settings: str, message: str) -> None:
    with pytest.raises(ProtocolError) as error:
        site(rule, settings)
    assert message in str(error.value)
    assert str(error.value).startswith("site.toml line ")


def test_a_team_of_the_sites_own() -> None:
    text = 'teams = ["ward_5"]\n' + HEAD.format(rule="blood-count", set='owner = "ward_5"')
    (changed,) = apply_site([load_protocol("alemtuzumab-eu")], text)
    assert changed.check("blood-count").owner == "ward_5"


def continuous(rule: str, settings: str) -> Protocol:
    text = HEAD.format(rule=rule, set=settings).replace("alemtuzumab-eu", "continuous")
    (found,) = apply_site([load_protocol(CONTINUOUS)], text)
    return found


def test_the_limit_of_a_lasting_state() -> None:
    changed = continuous("below-0.5-lasting", 'limit = 0.6, unit = "10*9/L"')
    when = alert(changed, "below-0.5-lasting").when
    assert isinstance(when, Lasting)
    assert (when.below, when.lasting) == (0.6, Period(months=6))
    with pytest.raises(ProtocolError, match="at_least is '0.5'. Permitted: a number below 0.4"):
        continuous("below-0.8-lasting", 'limit = 0.4, unit = "10*9/L"')


def test_a_limit_that_overlaps_what_closes_is_refused() -> None:
    """The rule as it was set is held to what every rule is held to."""
    assert continuous("below-0.2", 'limit = 0.3, unit = "10*9/L"')
    message = "line 5, override 1: set.closes_when is 'met by results that still meet when'"
    with pytest.raises(ProtocolError, match=message):
        continuous("below-0.2", 'limit = 0.7, unit = "10*9/L"')


def test_several_limits_are_set_by_analyte() -> None:
    """Of an analyte that occurs twice a number alone would not say which is meant."""
    changed = alert(site("alt-above-5", "limits = { ast = 4 }"), "alt-above-5")
    assert changed.when == AnyOf(
        (RangeMultiple("alt", "above", 5), RangeMultiple("ast", "above", 4))
    )
    parts = [Limit("platelets", "below", 90), RangeMultiple("ldh", "above", 1)]
    rule = replace(changed, id="both", when=AllOf(tuple(parts), Period(days=7)))
    protocol = replace(load_protocol("alemtuzumab-eu"), alerts=(rule,))

    def limits(settings: str) -> list[Protocol]:
        return apply_site([protocol], HEAD.format(rule="both", set=settings))

    (own,) = limits('limits = { platelets = 80, ldh = 2 }, units = { platelets = "10*9/L" }')
    assert alert(own, "both").when.parts == (
        Limit("platelets", "below", 80),
        RangeMultiple("ldh", "above", 2),
    )
    with pytest.raises(ProtocolError, match="set.units is 'missing'. Permitted: a table"):
        limits("limits = { platelets = 80 }")
    with pytest.raises(ProtocolError, match=r"units.platelets is 'K/uL'. Permitted: 10\*9/L"):
        limits('limits = { platelets = 80 }, units = { platelets = "K/uL" }')


def test_a_protocol_nobody_knows_is_refused() -> None:
    text = HEAD.format(rule="blood-count", set='window = "P10D"')
    unknown = text.replace("alemtuzumab-eu", "alemtuzumab-eau")
    protocols = [load_protocol("alemtuzumab-eu")]
    with pytest.raises(ProtocolError, match="'alemtuzumab-eau'. Permitted: .*; nearest: alemtuzum"):
        apply_site(protocols, unknown)
    assert apply_site(protocols, unknown, known=["alemtuzumab-eau"]) == protocols


def test_an_approval_of_a_day_that_has_not_come_is_refused() -> None:
    text = HEAD.format(rule="blood-count", set='window = "P10D"')
    protocols = [load_protocol("alemtuzumab-eu")]
    assert apply_site(protocols, text, today=date(2026, 11, 2))[0].overrides
    with pytest.raises(ProtocolError, match="approved_on is '2026-11-02'. Permitted: a day up to"):
        apply_site(protocols, text, today=date(2026, 11, 1))
    with pytest.raises(ProtocolError, match="approved_on is '2026-02-30'. Permitted: a day"):
        apply_site(protocols, text.replace("2026-11-02", "2026-02-30"))


def test_a_field_is_set_once() -> None:
    text = HEAD.format(rule="blood-count", set='window = "P10D"')
    message = "line 13, override 2: set.window is 'set twice'. Permitted: one override of a field"
    with pytest.raises(ProtocolError, match=message):
        apply_site([load_protocol("alemtuzumab-eu")], text + text)
    other = HEAD.format(rule="blood-count", set='owner = "gp"')
    assert len(apply_site([load_protocol("alemtuzumab-eu")], text + other)[0].overrides) == 2


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[overrides]]", "[overrides]", "line 2, the file: overrides is 'a table'"),
        ("set = {", "set = [{", "line 5, override 1: set is "),
        ("[[overrides]]", "overrides = 3\n[x]", "line 2, the file: overrides is '3'"),
    ],
)
def test_a_table_that_is_none(old: str, new: str, message: str) -> None:
    text = HEAD.format(rule="blood-count", set='window = "P10D"').replace(old, new)
    text = text.replace('"P10D" }', '"P10D" }]') if "[{" in new else text
    with pytest.raises(ProtocolError) as error:
        apply_site([load_protocol("alemtuzumab-eu")], text)
    assert message in str(error.value)


def test_every_problem_at_once() -> None:
    text = """
[[overrides]]
protocol = "alemtuzumab-eu"
rule = "blood-count"
set = { every = "P3M" }
approved_on = "yesterday"
colour = "red"

[other]
"""
    with pytest.raises(ProtocolError) as error:
        apply_site([load_protocol("alemtuzumab-eu")], text)
    found = str(error.value).splitlines()
    assert len(found) == 6
    for words in ("other", "set.every", "colour", "approved_by", "approved_on", "why"):
        assert any(words in line for line in found)


def test_another_protocols_overrides_are_left_alone() -> None:
    text = HEAD.format(rule="blood-count", set='window = "P10D"')
    protocol = load_protocol("alemtuzumab-us")
    assert apply_site([protocol], text) == [protocol]


def test_not_toml() -> None:
    with pytest.raises(ProtocolError, match=r"site.toml is not TOML"):
        apply_site([], "[")
