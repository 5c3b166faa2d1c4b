"""Signing in: who, how, and what happens when it fails."""

import base64
import hashlib
import hmac
import logging
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from afterdose.web.accounts import access
from afterdose.web.accounts.models import Role, User
from support.clinic import World, signed_in

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _no_attempts_before() -> None:
    cache.clear()


def _sign_in(client: Client, user: User, password: str = PASSWORD, **extra: str):
    return client.post("/sign/login/", {"login": user.email, "password": password}, **extra)


def test_with_a_password_the_session_is_a_new_one(world: World) -> None:
    client = Client()
    client.get("/sign/login/")
    session = client.session
    session["left"] = "by somebody before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    answer = _sign_in(client, world.own.users[Role.NURSE])
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session.session_key != before


def test_cookies_are_not_for_scripts_and_not_for_other_sites(world: World) -> None:
    client = Client()
    client.get("/sign/login/")
    _sign_in(client, world.own.users[Role.NURSE])
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert cookie["httponly"], name
        assert cookie["secure"], name
        assert cookie["samesite"] == "Lax", name


def test_a_wrong_password_and_an_unknown_user_look_alike(world: World) -> None:
    wrong = _sign_in(Client(), world.own.users[Role.NURSE], "wrong-horse-battery")
    nobody = Client().post("/sign/login/", {"login": "no@one.example", "password": PASSWORD})
    text = "The email address and/or password you specified are not correct."
    assert text in wrong.text
    assert text in nobody.text


@override_settings(ACCOUNT_RATE_LIMITS=False)
def test_failed_attempts_lock_a_user_at_an_address_and_nobody_else(world: World) -> None:
    nurse, neurologist = world.own.users[Role.NURSE], world.own.users[Role.NEUROLOGIST]
    for _ in range(5):
        last = _sign_in(Client(), nurse, "wrong-horse-battery")
    assert last.status_code == 429
    assert "Locked for a while" in last.text
    assert _sign_in(Client(), nurse).status_code == 429
    assert _sign_in(Client(), neurologist).status_code == 302
    assert _sign_in(Client(), nurse, REMOTE_ADDR="192.0.2.7").status_code == 302


@override_settings(ACCOUNT_RATE_LIMITS=False)
@pytest.mark.parametrize(("proxies", "others_get_in"), [(0, False), (1, True)])
def test_an_address_is_believed_only_from_a_proxy_of_ones_own(
    world: World, proxies: int, others_get_in: bool
) -> None:
    nurse = world.own.users[Role.NURSE]
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        for _ in range(5):
            _sign_in(Client(), nurse, "wrong-horse-battery", HTTP_X_FORWARDED_FOR="192.0.2.1")
        elsewhere = _sign_in(Client(), nurse, HTTP_X_FORWARDED_FOR="192.0.2.2")
    assert (elsewhere.status_code == 302) is others_get_in


def test_nobody_signs_up_by_themselves(db: None) -> None:
    answer = Client().post("/sign/signup/", {"email": "me@x.example", "password1": PASSWORD})
    assert "closed" in answer.text.lower()
    assert not User.objects.exists()


def test_a_deactivated_user_does_not_get_in(world: World) -> None:
    nurse = world.own.users[Role.NURSE]
    User.objects.filter(pk=nurse.pk).update(is_active=False)
    answer = _sign_in(Client(), nurse)
    assert answer.url != "/"


@override_settings(SECOND_FACTOR_REQUIRED=True)
@pytest.mark.parametrize("role", Role)
def test_staff_set_up_a_second_factor_before_anything_else(world: World, role: Role) -> None:
    client = signed_in(world.own.users[role])
    answer = client.get("/")
    is_sent = answer.status_code == 302 and answer.url == "/sign/2fa/totp/activate/"
    assert is_sent is (role != Role.PERSON)


@override_settings(SECOND_FACTOR_REQUIRED=True)
def test_setting_it_up_and_signing_in_with_it(world: World) -> None:
    nurse, client = world.own.users[Role.NURSE], Client()
    _sign_in(client, nurse)
    assert client.get("/sign/2fa/totp/activate/").url.startswith("/sign/reauthenticate/")
    client.post("/sign/reauthenticate/", {"password": PASSWORD})
    page = client.get("/sign/2fa/totp/activate/")
    assert "<svg" in page.text, "the code to scan stands in the page: its policy loads no data:"
    secret = client.session["mfa.totp.secret"]
    client.post("/sign/2fa/totp/activate/", {"code": _code(secret)})
    kept = Authenticator.objects.get(user=nurse, type="totp")
    assert secret not in str(kept.data), "a copy of the database must not hold second factors"
    assert client.get("/").url == "/worklist"

    cache.clear()
    again = Client()
    answer = _sign_in(again, nurse)
    assert answer.url == "/sign/2fa/authenticate/"
    assert again.get("/").url.startswith("/sign/login/")
    assert "Incorrect code" in again.post("/sign/2fa/authenticate/", {"code": "000000"}).text
    assert again.post("/sign/2fa/authenticate/", {"code": _code(secret)}).url == "/"
    assert again.get("/").url == "/worklist"


def test_a_forgotten_password_says_the_same_to_everybody(world: World) -> None:
    for address in (world.own.users[Role.NURSE].email, "no@one.example"):
        answer = Client().post("/sign/password/reset/", {"email": address})
        assert (answer.status_code, answer.url) == (302, "/sign/password/reset/done/")
    assert [message.to for message in mail.outbox] == [[world.own.users[Role.NURSE].email]]


@pytest.mark.parametrize("address", ["/sign/login/", "/"])
def test_every_page_says_what_a_browser_may_load(world: World, address: str) -> None:
    answer = signed_in(world.stranger).get(address, follow=True)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_a_form_from_elsewhere_changes_nothing(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = _sign_in(browser, world.own.users[Role.NURSE])
    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def _forgets(request):
    return HttpResponse("Everybody's results")


def _asks(request):
    access.team_of(request, may="worklist.view")
    return HttpResponse("The team's results")


urlpatterns = [
    path("forgets", _forgets, name="forgets"),
    path("asks", _asks, name="asks"),
    path("sign/", include("allauth.urls")),
]


@override_settings(ROOT_URLCONF=__name__)
def test_a_view_that_forgot_to_ask_is_not_shown(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(world.own.users[Role.NURSE])
    assert client.get("/asks").status_code == 200
    with caplog.at_level(logging.ERROR):
        answer = client.get("/forgets")
    assert (answer.status_code, answer.content) == (404, b"")
    assert "The view forgets answered without having asked" in caplog.text


def _code(secret: str) -> str:
    """What an authenticator shows now, by RFC 6238."""
    counter = int(time.time() // 30).to_bytes(8)
    digest = hmac.digest(base64.b32decode(secret), counter, hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
