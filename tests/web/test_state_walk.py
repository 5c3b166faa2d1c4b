"""Whatever is written, and in whatever order: what is shown stays what the record says."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import obx, oru

from afterdose.record.analytes import catalogue
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.arrivals import take_message
from afterdose.web.clinic.state import recompute, recompute_team
from afterdose.web.demo.clinic import make_demo
from afterdose.web.record.models import Identity, Person, SetAside
from support.simulated_team import approve, assert_shown_as_asked

STEPS = 24
_WATCHED = ("platelets", "creatinine", "tsh", "urine_rbc", "alt", "lymphocytes", "neutrophils")
Write = Callable[[random.Random, Person], None]


def day_near(rng: random.Random, person: Person, back: int = 90) -> str:
    """A day of the last months; now and then one that has not come."""
    return (person.team.today - timedelta(days=rng.randint(-5, back))).isoformat()


def add_result(rng: random.Random, person: Person) -> None:
    analyte = rng.choice(_WATCHED)
    taken = day_near(rng, person)
    person.labs.create(
        specimen_date=taken,
        received_date=max(taken, day_near(rng, person, 5)),
        analyte=analyte,
        value=round(rng.choice((0.3, 4, 40, 90, 220)) * rng.uniform(0.8, 1.2), 1),
        unit=catalogue()[analyte].unit,
        ref_high=rng.choice((None, 45.0)),
        provider=rng.choice(("City Laboratory", "Harbour Diagnostics")),
        result_id=rng.choice((None, "r1", "r2")),
        status=rng.choice(("final", "final", "preliminary", "corrected", "cancelled")),
    )


def correct_result(rng: random.Random, person: Person) -> None:
    lab = rng.choice(list(person.labs.order_by("-specimen_date", "pk")[:10]))
    lab.value = None if rng.random() < 0.2 else rng.uniform(0.1, 300)
    lab.save()


def remove_result(rng: random.Random, person: Person) -> None:
    rng.choice(list(person.labs.order_by("-specimen_date", "pk")[:10])).delete()


def treat(rng: random.Random, person: Person) -> None:
    start = person.team.today - timedelta(days=rng.randint(-20, 200))
    drug = rng.choice(("alemtuzumab", "natalizumab", "rituximab", "fingolimod"))
    end = start + timedelta(days=4) if drug == "alemtuzumab" else None
    person.treatments.create(drug=drug, start_date=start, end_date=end)


def stop(rng: random.Random, person: Person) -> None:
    last = person.treatments.latest("start_date", "pk")
    last.end_date = last.start_date + timedelta(days=rng.randint(0, 60))
    last.save()


def hand_over(rng: random.Random, person: Person) -> None:
    person.owners.create(
        check_id=rng.choice(("all", "blood-count", "thyroid")),
        owner=rng.choice(("gp", "person", "ms_team")),
        state=rng.choice(("proposed", "accepted", "declined")),
        since=day_near(rng, person, 10),
    )


def diagnose(rng: random.Random, person: Person) -> None:
    category = rng.choice(("thyroid", "itp", "nephropathy"))
    person.events.create(onset_date=day_near(rng, person), category=category)


def examine(rng: random.Random, person: Person) -> None:
    person.examinations.create(date=day_near(rng, person), examination="ecg")
    person.mri.create(date=day_near(rng, person), new_t2_lesions=1)


def leave(rng: random.Random, person: Person) -> None:
    day = person.team.today - timedelta(days=rng.randint(-3, 30))
    if rng.random() < 0.3:
        person.death_date = day
        person.save()
    else:
        person.follow_up.update(end_date=day, end_reason=rng.choice(("moved", "data_cut")))


def send(rng: random.Random, person: Person) -> None:
    whose = f"99-{person.pk}"
    Identity.objects.get_or_create(
        team=person.team, assigner="North Lab/PATNO", value=whose, defaults={"person": person}
    )
    day = (person.team.today - timedelta(days=rng.randint(1, 9))).strftime("%Y%m%d")
    body = oru(obx(f5=str(rng.randint(20, 300)), f6=rng.choice(("K/uL", "K/uL", "furlong"))))
    body = body.replace("88-2301", whose).replace("20240304", day).replace("20240305", day)
    body = body.replace("M1", f"M{rng.random()}").replace("G240304", f"G{rng.random()}")
    take_message(person.team, body.encode(), feed="North Lab")


def settle(rng: random.Random, person: Person) -> None:
    for row in SetAside.objects.filter(person=person):
        row.settled_on, row.settled_name = person.team.today, "Dr Example"
        row.save()


WRITES: tuple[Write, ...] = (
    add_result,
    add_result,
    correct_result,
    remove_result,
    treat,
    stop,
    hand_over,
    diagnose,
    examine,
    leave,
    send,
    send,
    settle,
)


def next_morning(rng: random.Random, team: Team) -> None:
    assert team.stands_on is not None
    team.stands_on += timedelta(days=rng.randint(1, 40))
    team.save()
    recompute_team(team)


def approve_another(rng: random.Random, team: Team) -> None:
    approve(team, rng.choice(("alemtuzumab-us", "alemtuzumab-eu", "natalizumab-eu-extended")))
    recompute_team(team)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_writes_it_is_what_the_record_says(
    seed: int, tmp_path: Path, settings: Any
) -> None:
    settings.HOME, settings.DEMO = tmp_path / "home", True
    rng = random.Random(seed)
    team = make_demo(60, seed)
    for step in range(STEPS):
        person = rng.choice(list(team.people.select_related("team").order_by("pk")[:8]))
        person.team = team
        rng.choice(WRITES)(rng, person)
        recompute(person)
        if step % 6 == 5:
            rng.choice((next_morning, approve_another))(rng, team)
        if step % 4 == 3:
            assert_shown_as_asked(team, tmp_path / f"after-{step}")
