"""A site sets its own windows, owners, response times and limits, and answers for each."""

from datetime import date

import pytest

from afterdose.monitoring import Protocol, evaluate_alerts, evaluate_checks, load_protocol
from afterdose.monitoring.model import Band, Limit
from afterdose.monitoring.site import apply_site
from afterdose.monitoring.words import render_protocol
from afterdose.record.dates import Period
from afterdose.record.errors import ProtocolError
from afterdose.record.history import History
from afterdose.record.tables import Lab, Person, Treatment

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
        "the tolerance after the due date: 10 days instead of 7 days, approved by Dr Example on "
        "2026-11-02. Our laboratory "
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
