"""Messages by HTTP with a token, and over MLLP."""

import asyncio
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils.timezone import now
from tests.ingest.conftest import bundle, observation, obx, oru, patient

from afterdose.web.accounts.models import Team, Token, User
from afterdose.web.accounts.tokens import make_token, token_of
from afterdose.web.clinic.models import Item
from afterdose.web.feeds.listening import TeamListener
from afterdose.web.record.models import Arrival, Identity, Lab, Person, Unmatched
from support.simulated_team import approve

ADDRESS = "/api/v1/messages"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path


def make_team() -> Team:
    """A team with the person the messages are about, treated a year before."""
    team = Team.objects.create(slug="north", name="North", stands_on=date(2024, 3, 6))
    approve(team, "alemtuzumab-eu")
    person = Person.objects.create(team=team, person_id="alex")
    person.treatments.create(drug="alemtuzumab", start_date="2023-01-09", end_date="2023-01-13")
    known = {"North Lab/PATNO": "88-2301", "https://hospital.example/mrn": "4711"}
    for assigner, value in known.items():
        Identity.objects.create(team=team, assigner=assigner, value=value, person=person)
    return team


@pytest.fixture
def team(db: None) -> Team:
    return make_team()


@pytest.fixture
def token(team: Team) -> str:
    by = User.objects.create_user("admin", "admin@clinic.example", "correct-horse-battery")
    return make_token(team, "North Lab", by=by)


def post(token: str, body: bytes | str, kind: str = "application/hl7-v2") -> Any:
    """The answer, as JSON with its status."""
    content = body.encode() if isinstance(body, str) else body
    answer = Client().post(
        ADDRESS, content, content_type=kind, headers={"Authorization": f"Bearer {token}"}
    )
    return {"status": answer.status_code, **answer.json()}


def test_a_message_is_taken_and_acknowledged(team: Team, token: str) -> None:
    said = post(token, oru(obx(f5="41")))
    assert (said["status"], said["acknowledgement"]) == (201, "AA")
    assert (said["rows"], said["accepted"]) == (2, 2)
    lab = Lab.objects.get()
    assert lab.person.person_id == "alex"
    assert Item.objects.get(position=0).rule == "platelets-below-50"
    assert Arrival.objects.get().feed == "North Lab"
    again = post(token, oru(obx(f5="41")))
    assert (again["accepted"], again["duplicates"], again["already_landed"]) == (0, 2, True)


def test_fhir_is_taken(token: str) -> None:
    said = post(token, bundle(patient(), observation()), "application/fhir+json")
    assert (said["status"], said["accepted"]) == (201, 2)
    assert Lab.objects.get().value == 210


def test_what_is_set_aside_is_said(token: str) -> None:
    said = post(token, oru(obx(f6="furlong")))
    assert said["acknowledgement"] == "AE"
    assert said["set_aside"] == {"unit-not-permitted": 1}


def test_what_is_of_nobody_is_said(token: str) -> None:
    said = post(token, '{"resourceType": "Medication"}', "application/fhir+json")
    assert (said["status"], said["acknowledgement"], said["rows"]) == (201, "AE", 0)
    assert said["passed_over"] == {"Medication": 1}


def test_somebody_unknown_waits(token: str) -> None:
    said = post(token, oru(obx()).replace("88-2301", "99-1"))
    assert said["set_aside"] == {"person-unmatched": 2}
    assert Unmatched.objects.get().value == "99-1"
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        rb"MSH|^~\&|lab||||||ADT^A01|1|P|2.5",
        b"{",
        b"\x00\xff",
    ],
)
def test_what_cannot_be_read_is_refused(token: str, body: bytes) -> None:
    said = post(token, body)
    assert (said["status"], said["acknowledgement"]) == (422, "AR")
    assert "Permitted" in said["detail"] or "permitted" in said["detail"]
    assert not Lab.objects.exists()


def test_what_is_wrong_with_the_clinic_is_not_laid_to_the_message(team: Team, token: str) -> None:
    team.approvals.update(text="no protocol")
    said = post(token, oru(obx()))
    assert said["status"] == 503
    assert not Arrival.objects.exists()


def test_only_a_token_that_was_not_revoked_opens(team: Team, token: str) -> None:
    assert post("ad_other", oru(obx()))["status"] == 401
    assert Client().post(ADDRESS, b"", content_type="text/plain").status_code == 401
    used = Token.objects.get()
    assert used.digest != token
    assert used.used_at is None
    assert token_of(token) is not None
    assert Token.objects.get().used_at is not None
    Token.objects.update(revoked_at=now())
    assert post(token, oru(obx()))["status"] == 401
    assert not Arrival.objects.exists()


def test_over_mllp_it_stands_on_the_list_within_a_second(transactional_db: None) -> None:
    team = make_team()
    told: list[object] = []

    @async_to_sync
    async def talk() -> tuple[bytes, float]:
        stop = asyncio.Event()
        heard: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        listener = TeamListener(
            team, "North Lab", now=lambda: datetime(2024, 3, 6, 8, tzinfo=UTC), told=told.append
        )
        running = asyncio.create_task(listener.run("127.0.0.1", 0, stop, ready=heard.set_result))
        reader, writer = await asyncio.open_connection("127.0.0.1", await heard)
        began = time.perf_counter()
        writer.write(b"\x0b" + oru(obx(f5="41")).encode() + b"\x1c\r")
        async with asyncio.timeout(30):
            answered = await reader.readuntil(b"\x1c\r")
            while not told:
                await asyncio.sleep(0.01)
        took = time.perf_counter() - began
        writer.close()
        stop.set()
        await running
        return answered, took

    answered, took = talk()
    assert b"MSA|AA|M1" in answered
    assert Item.objects.get(position=0).rule == "platelets-below-50"
    assert Arrival.objects.get().feed == "North Lab"
    assert took < 1
