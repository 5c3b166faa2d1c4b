"""What holds by any definition, also by those no other tool knows."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from afterdose.outcomes.disability.choices import (
    Class,
    ComparedWith,
    Direction,
    Kind,
    Magnitude,
    MovesTo,
    RelapseDay,
    Report,
)
from afterdose.outcomes.disability.msprog import translate_msprog
from afterdose.outcomes.disability.search import find_events
from afterdose.outcomes.disability.visits import Bout, Person, Scan, lay_out
from support.beside_pymsprog import draw_history, draw_options

DAY_0 = date(2000, 1, 1)


def drawn_definition(random):
    """One of msprog's, with choices on top that msprog has not."""
    options = draw_options(random, "edss")
    if "inf" in str(options):
        options = {key: value for key, value in options.items() if "inf" not in str(value)}
    definition = translate_msprog(options)
    events = definition.events
    if events.of_class is Class.NONE:
        events = replace(
            events, report=random.choice(list(Report)), kinds=random.choice(list(Direction)[1:])
        )
    return replace(
        definition,
        events=events,
        reference=replace(
            definition.reference,
            moves_to=random.choice(list(MovesTo)),
            improvement_moves_to=random.choice([None, *MovesTo]),
            compared_with=random.choice(list(ComparedWith)),
        ),
        confirmation=replace(definition.confirmation, magnitude=random.choice(list(Magnitude))),
        relapses=replace(definition.relapses, measured_from=random.choice(list(RelapseDay))),
    )


def drawn_person(random, definition):
    history = draw_history(random, "edss")
    scores = [
        (DAY_0 + timedelta(day), value, None)
        for day, value in sorted(dict(map(tuple, history["visits"])).items())
    ]
    bouts = [
        Bout(DAY_0 + timedelta(day), DAY_0 + timedelta(day + random.randint(0, 60)))
        for day in history["relapses"]
    ]
    visits, relapses = lay_out(scores, bouts, definition.relapses)
    days = sorted(DAY_0 + timedelta(random.randint(0, 900)) for _ in range(3))
    scans = tuple(Scan(day, active=random.random() < 0.3) for day in days)
    composites = tuple(days[: random.choice((0, 0, 1))])
    return Person(visits, relapses, scans, composites, "p1")


def test_events_keep_their_order_and_their_definition():
    """Reference before onset before confirmation; a step away; no two with the same onset."""
    random = Random(6)
    found_in_all = 0
    for _ in range(3_000):
        definition = drawn_definition(random)
        person = drawn_person(random, definition)
        found = find_events(person, definition)
        found_in_all += len(found)
        onsets = [event.onset for event in found]
        assert onsets == sorted(set(onsets))
        for event in found:
            onset = person.visits[event.onset]
            assert event.reference < event.onset
            assert all(place > event.onset for place in event.confirmations)
            assert event.confirmed_on is None or event.confirmed_on >= onset.day
            assert event.holds_until >= onset.day
            assert definition.is_reached(event.reference_value, onset.value, event.kind)
            assert definition.events.kinds.has(event.kind)
            assert event.event_class is Class.NONE or event.kind is Kind.CDW
        if definition.events.report is Report.FIRST:
            assert len(found) <= 1
        if definition.events.report is Report.FIRST_OF_A_KIND:
            assert len({event.kind for event in found}) == len(found)
    assert found_in_all > 1_000
