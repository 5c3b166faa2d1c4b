"""Confirmed worsening, equal to msclinical on generated histories."""

import json
import subprocess
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from afterdose.outcomes.disability import parse_definition
from afterdose.outcomes.disability.search import find_events
from afterdose.outcomes.disability.visits import Person, lay_out
from support.beside_pymsprog import PYTHON, draw_history

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="msclinical's environment is not there; `make test` makes it"
)

PROGRAM = Path(__file__).parents[1] / "support" / "msclinical_batch.py"
DEFINITION = """
    id = "msclinical"
    title = "Confirmed worsening, as in msclinical"
    source = "msclinical 0.1.0"
    step = [{ up_to = 0, points = 1.5 }, { up_to = 5.5, points = 1 }, { points = 0.5 }]
    [confirmation]
    windows = [{ after = "P84D" }]
    [relapses]
    reference = {}
    confirmation = {}
"""


def our_events(visits, definition):
    """Days of onset and confirmation and the reference's value, as msclinical's are given."""
    day_0 = date(2000, 1, 1)
    by_day = dict(map(tuple, visits))
    scores = [(day_0 + timedelta(day), value, None) for day, value in sorted(by_day.items())]
    person = Person(*lay_out(scores, (), definition.relapses))
    return [
        [(person.visits[found.onset].day - day_0).days, (found.confirmed_on - day_0).days,
         found.reference_value]
        for found in find_events(person, definition)
    ]  # fmt: skip


ROVING = """
    [events]
    report = "each"
    [reference]
    roves = "worsening"
"""
# A lower score becomes the reference itself, once every visit for 12 weeks was no worse.
ROVING_BOTH = """
    [events]
    report = "each"
    [reference]
    roves = "both"
    sub_threshold = "improvement"
    compared_with = "new reference"
    improvement_moves_to = "onset"
"""


@pytest.mark.parametrize(
    ("rules", "changes"),
    [
        ({"reference": "fixed"}, ""),
        ({"reference": "roving", "rove_on_improvement": False}, ROVING),
        ({"reference": "roving", "rove_on_improvement": True}, ROVING_BOTH),
    ],
)
def test_every_worsening(tmp_path, rules, changes):
    """600 histories by three references: the same onset, confirmation and reference."""
    random = Random(11)
    visits = []
    for _ in range(600):
        drawn = draw_history(random, "edss")["visits"]
        visits.append([list(one) for one in sorted(dict(map(tuple, drawn)).items())])
    asked, answered = tmp_path / "asked.json", tmp_path / "answered.json"
    asked.write_text(json.dumps({"visits": visits, "rules": rules}))
    subprocess.run([PYTHON, PROGRAM, asked, answered], check=True, capture_output=True)
    definition = parse_definition(DEFINITION + changes, where="msclinical")
    theirs = json.loads(answered.read_text())
    discordant = [
        (one, found)
        for one, found in zip(visits, theirs, strict=True)
        if our_events(one, definition) != found
    ]
    assert not discordant, discordant[0]
    assert sum(map(len, theirs)) > 100
