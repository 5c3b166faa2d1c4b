"""A definition is a value: it goes to a file and back, and refuses what contradicts itself."""

from dataclasses import replace
from datetime import date, timedelta
from math import inf
from random import Random

import pytest

from afterdose.outcomes.disability import (
    DisabilityDefinition,
    evaluate_disability,
    load_definition,
    parse_definition,
    preset_paths,
    render_definition,
    render_toml,
)
from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Direction,
    MovesTo,
    Preceding,
    RelapseDay,
    Strategy,
)
from afterdose.outcomes.disability.msprog import parse_msprog, translate_msprog
from afterdose.outcomes.disability.parts import (
    Attribution,
    Confirmation,
    Intercurrent,
    Interval,
    Reference,
    RelapseWindows,
)
from afterdose.outcomes.disability.steps import Band, StepRule
from afterdose.record.answers import Answer
from afterdose.record.errors import DefinitionError, UsageError
from afterdose.record.history import History
from afterdose.record.tables import Assessment, Person
from support.beside_pymsprog import draw_options

HEAD = 'id = "x"\ntitle = "X"\nsource = "policy"\n'


@pytest.mark.parametrize("name", preset_paths())
def test_presets_round_trip_and_can_be_said(name):
    definition = load_definition(name)
    assert definition.id == name
    assert parse_definition(render_toml(definition), where=name) == definition
    assert render_definition(definition).endswith(".")


def test_whatever_msprog_can_say_round_trips():
    random = Random(1)
    for measure in ("edss", "nhpt", "sdmt") * 100:
        options = {key: _spelt(value) for key, value in draw_options(random, measure).items()}
        definition = translate_msprog(options)
        assert parse_definition(render_toml(definition), where="drawn") == definition
        assert render_definition(definition)


def _spelt(value):
    if isinstance(value, list):
        return [_spelt(one) for one in value]
    return inf if value == "inf" else value


def test_every_problem_is_told_at_once():
    text = (
        HEAD
        + """
        colour = "red"
        measure = 3
        step = [{ up_to = 5, points = 1 }]
        [reference]
        roves = "up"
        [confirmation]
        windows = [{ after = "12 weeks" }]
        intermediate = 1
        [attribution]
        relapse_free = [{ start = "onset" }]
    """
    )
    with pytest.raises(DefinitionError) as raised:
        parse_definition(text, where="mine.toml")
    told = str(raised.value).splitlines()
    assert all(line.startswith("mine.toml: ") for line in told)
    for part in (
        "there is no key 'colour'. Permitted here: id, title",
        "measure is '3'. Permitted: a text",
        "the steps end at 5. Permitted: rising ends",
        "reference.roves is 'up'. Permitted: 'neither', 'improvement', 'worsening', 'both'",
        "confirmation.windows[1].after is '12 weeks'. Permitted: a period",
        "confirmation.intermediate is '1'. Permitted: true or false",
        "attribution.relapse_free[1].end is missing",
    ):
        assert any(part in line for line in told), part


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('evidence = "sure"', "evidence is 'sure'"),
        ('[events]\nof_class = "pira"', r"without \[attribution\]"),
        ('[events]\nkinds = "neither"', "events.kinds is 'neither'"),
        ('[events]\nof_class = "undefined"', "events.of_class is 'undefined'"),
        ('[events]\nof_class = "raw"\nkinds = "both"', "events.kinds for improvements too"),
        ('[reference]\nstart = "first course"', "names no drug"),
        ("[reference]\nsettled_days = -1", "settled_days is -1"),
        ('[intercurrent]\nswitch = "composite"', "names no drug"),
        ('[intercurrent]\ndeath = "treatment policy"', "nothing can be observed after death"),
        ("[confirmation]\nwindows = []", "windows is empty"),
        ("[confirmation]\nsustained_days = -1", "below 0"),
        ("[confirmation]\nlast_visit_share = 2", "Permitted: 0 to 1"),
        ("[confirmation]\nlast_visit_share = 0.5", "a draw without a seed"),
        ('[confirmation]\nwindows = [{ after = "P1D", early_days = -1 }]', "tolerance is below 0"),
        ("[relapses]\nonset = { since_last = -1 }", "distance to a relapse is below 0"),
        ("step = [{ up_to = 1 }, { points = 1 }]", "neither points nor percent"),
        ("step = [{ points = -1 }]", "not above 0"),
        ("step = []", "end at nothing"),
        (
            '[attribution]\nmri_free = [{ start = "confirmation", before_days = 0, end = "onset", '
            "after_days = 0 }]",
            "runs from confirmation to onset",
        ),
        ("id = ", "not TOML"),
    ],
)
def test_what_contradicts_itself_is_refused(text, told):
    with pytest.raises(DefinitionError, match=told):
        parse_definition(HEAD + text, where="mine.toml")


def test_an_unknown_preset_is_named_with_those_there_are():
    with pytest.raises(UsageError, match="no definition 'mine'. Shipped: cagol-2022-pira"):
        load_definition("mine")


def test_a_function_stays_in_python():
    definition = DisabilityDefinition("f", "F", "policy", step=lambda reference: reference / 10)
    with pytest.raises(DefinitionError, match="no file can hold"):
        render_toml(definition)
    assert "a step given as a Python function" in render_definition(definition)


def test_every_choice_has_its_words():
    """What the presets do not use is said as well."""
    definition = replace(
        parse_msprog("event=multiple RAW_PIRA=T baseline=roving skip_local_extrema=strict"),
        step=StepRule((Band(points=4.0, percent=20.0),)),
        reference=Reference(
            roves=Direction.BOTH, sub_threshold=Direction.BOTH, moves_to=MovesTo.BEST,
            improvement_moves_to=MovesTo.ONSET, after_relapse=True,
        ),
        confirmation=Confirmation(
            sustained_days=90.0, intermediate=False, last_visit_within=100.0,
            last_visit_share=0.5, seed=1,
        ),
        attribution=Attribution(
            relapse_free=(), preceding=Preceding.LAST_STEP,
            mri_free=(Interval(Checkpoint.PRECEDING, 0, Checkpoint.CONFIRMATION, 0),),
        ),
        relapses=RelapseWindows(measured_from=RelapseDay.END),
        intercurrent=Intercurrent(death=Strategy.COMPOSITE),
    )  # fmt: skip
    words = render_definition(definition)
    for part in (
        "4 or 20 % of the reference, whichever is less",
        "moves to the best score from onset",
        "After an improvement it moves to the onset",
        "smaller than the step moves it too",
        "whatever lies between",
        "has to last at least 90 days",
        "in a share of 0.5, drawn with seed 1, if follow-up ended within 100 days",
        "Else it is PIRA.",
        "no active scan from the last visit a step away to the confirmation",
        "A relapse lasts to its end",
        "A relapse recorded as not confirmed is left out",
        "death confirms a worsening that held until then (composite)",
    ):
        assert part in words, part


def test_a_share_of_last_visits_is_drawn_by_the_person_alone():
    """The same seed gives the same people in any order; half of them, near enough."""
    text = HEAD + "[confirmation]\nlast_visit_within = inf\nlast_visit_share = 0.5\nseed = 7"
    definition = parse_definition(text, where="drawn")
    first = date(2020, 1, 1)

    def answer(number):
        rows = [
            Assessment(f"P{number}", first + timedelta(day), "edss", value)
            for day, value in ((0, 2.0), (100, 4.0))
        ]
        history = History(Person(f"P{number}"), assessments=tuple(rows))
        return evaluate_disability(history, definition, as_of=date(2021, 1, 1)).answer

    there = [answer(number) for number in range(400)]
    back = [answer(number) for number in reversed(range(400))]
    assert there == back[::-1]
    assert 160 < there.count(Answer.MET) < 240


def test_scores_are_accounted_for():
    """Given = used + left out, each by its reason."""
    definition = parse_definition(
        HEAD + 'drug = "a"\n[intercurrent]\ndeath = "while on treatment"', where="tally"
    )
    day = date(2020, 1, 1)
    rows = (
        Assessment("P", day, "edss", 2.0),
        Assessment("P", day, "edss", 3.0),
        Assessment("P", day + timedelta(100), "edss", 2.0),
        Assessment("P", day + timedelta(300), "edss", 2.0),
        Assessment("P", day + timedelta(9000), "edss", 2.0),
        Assessment("P", day, "sdmt", 50.0),
    )
    history = History(Person("P", death_date=day + timedelta(200)), assessments=rows)
    tally = evaluate_disability(history, definition, as_of=date(2022, 1, 1)).tally
    assert (tally.given, tally.used, tally.same_day) == (5, 2, 1)
    assert (tally.not_yet_known, tally.before_reference, tally.after_end) == (1, 0, 1)
