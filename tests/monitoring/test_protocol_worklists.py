"""What shipped protocols put on the worklist of one person, where a limit is easily misread."""

from datetime import date

import pytest

from afterdose.monitoring import load_protocol
from afterdose.monitoring.items import alert_items
from afterdose.monitoring.known import known_on
from afterdose.record.history import History
from afterdose.record.tables import Lab, Person, Treatment


def listed(name: str, drug: str, counts: dict[date, float], *, as_of: date) -> dict[str, str]:
    """The alerts listed for somebody with these lymphocytes, who began on 4 January 2021."""
    history = History(
        Person("p1"),
        treatments=(Treatment("p1", drug, date(2021, 1, 4)),),
        labs=tuple(
            Lab("p1", day, day, "lymphocytes", value, unit="10*9/L")
            for day, value in counts.items()
        ),
    )
    protocol = load_protocol(name)
    known = known_on(history, protocol, as_of=as_of)
    return {item.rule: str(item.urgency) for item in alert_items(known, protocol)}


@pytest.mark.parametrize("name", ["siponimod-eu", "siponimod-us"])
def test_a_refuted_low_count_steps_down_and_waits_for_0_6(name: str) -> None:
    counts = {date(2021, 4, 5): 0.15}
    first = listed(name, "siponimod", counts, as_of=date(2021, 4, 6))
    assert first == {"lymphocytes-below-0.2": "act within 3 days"}
    counts[date(2021, 4, 8)] = 0.35
    refuted = listed(name, "siponimod", counts, as_of=date(2021, 5, 20))
    assert refuted == {"lymphocytes-not-yet-0.6": "review within 2 weeks"}
    counts[date(2021, 6, 1)] = 0.6
    assert listed(name, "siponimod", counts, as_of=date(2021, 6, 2)) == {}


def test_a_count_below_0_5_shows_after_months_below_0_8() -> None:
    """The clock to stopping is never hidden by the rule on a count that crosses 0.5."""
    counts = {
        date(2021, 4, 5): 0.7,
        date(2021, 7, 5): 0.6,
        date(2021, 10, 5): 0.6,
        date(2022, 1, 4): 0.45,
    }
    found = listed("dimethyl-fumarate-eu", "dimethyl fumarate", counts, as_of=date(2022, 1, 5))
    assert set(found) == {"lymphocytes-below-0.8-for-6-months", "lymphocytes-below-0.5"}


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        (0.49, "lymphocytes-below-0.5-for-6-months"),
        (0.5, "lymphocytes-0.5-to-0.8-for-6-months"),
        (0.79, "lymphocytes-0.5-to-0.8-for-6-months"),
    ],
)
def test_more_than_six_months_and_no_day_less(value: float, rule: str) -> None:
    """Six months to the day are not more than six months."""
    counts = dict.fromkeys((date(2021, 4, 5), date(2021, 7, 5), date(2021, 10, 5)), value)
    on_the_day = listed(
        "dimethyl-fumarate-eu", "dimethyl fumarate", counts, as_of=date(2021, 10, 6)
    )
    assert rule not in on_the_day
    counts[date(2021, 10, 6)] = value
    a_day_later = listed(
        "dimethyl-fumarate-eu", "dimethyl fumarate", counts, as_of=date(2021, 10, 7)
    )
    assert rule in a_day_later
