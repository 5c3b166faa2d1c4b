"""Confirmed worsening, equal to msclinical on generated histories."""

import json
import subprocess
import tomllib
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from afterdose.outcomes.disability import load_definition, render_toml
from afterdose.outcomes.disability.search import find_events
from afterdose.outcomes.disability.toml import build_definition, merge_tables
from afterdose.outcomes.disability.visits import Person, lay_out
from support.beside_pymsprog import PYTHON, draw_history

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="msclinical's environment is not there; `make test` makes it"
)

PROGRAM = Path(__file__).parents[1] / "support" / "msclinical_batch.py"
FIXED = """
    [events]
    report = "first"
    [reference]
    roves = "neither"
"""
ROVING = """
    [reference]
    roves = "worsening"
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


@pytest.mark.parametrize(
    ("rules", "changes"),
    [
        ({"reference": "fixed"}, FIXED),
        ({"reference": "roving", "rove_on_improvement": False}, ROVING),
        ({"reference": "roving", "rove_on_improvement": True}, ""),
    ],
)
def test_every_worsening(tmp_path, rules, changes):
    """600 histories by three kinds of reference: the same onset, confirmation and reference."""
    random = Random(11)
    visits = []
    for _ in range(600):
        drawn = draw_history(random, "edss")["visits"]
        visits.append([list(one) for one in sorted(dict(map(tuple, drawn)).items())])
    asked, answered = tmp_path / "asked.json", tmp_path / "answered.json"
    asked.write_text(json.dumps({"visits": visits, "rules": rules}))
    subprocess.run([PYTHON, PROGRAM, asked, answered], check=True, capture_output=True)
    preset = tomllib.loads(render_toml(load_definition("msclinical-cdw")))
    definition = build_definition(merge_tables(preset, tomllib.loads(changes)), where="changes")
    theirs = json.loads(answered.read_text())
    discordant = [
        (one, found)
        for one, found in zip(visits, theirs, strict=True)
        if our_events(one, definition) != found
    ]
    assert not discordant, discordant[0]
    assert sum(map(len, theirs)) > 100
