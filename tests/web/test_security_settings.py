"""The settings as a clinic runs them: Django finds no fault, and only the demo is plain."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.decorators import login_not_required
from django.test import Client, override_settings
from django.urls import include, path

from afterdose.web.logs import LOGGING, WithoutValues

LOGGERS = ("", "django", "django.request", "django.server", "django.security", "axes", "allauth")


def _manage(*command: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "afterdose.web.manage", *command],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("AFTERDOSE_", "DJANGO_"))},
            "AFTERDOSE_HOME": str(home),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_clean(tmp_path: Path) -> None:
    checked = _manage(
        "check", "--deploy", "--fail-level", "WARNING", home=tmp_path, AFTERDOSE_HOSTS="ms.example"
    )
    assert checked.returncode == 0, checked.stderr
    assert "no issues" in checked.stdout


def test_the_signing_key_is_the_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "clinic"
    _manage("check", home=home)
    assert (home / "secret").stat().st_mode & 0o077 == 0
    assert home.stat().st_mode & 0o077 == 0
    before = (home / "secret").read_text()
    _manage("check", home=home)
    assert (home / "secret").read_text() == before
    assert len(before) > 60


@pytest.mark.parametrize(
    ("demo", "expected"), [("", "True True True 31536000"), ("1", "False False False 0")]
)
def test_only_the_demo_is_plain(tmp_path: Path, demo: str, expected: str) -> None:
    asked = (
        "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE,"
        " s.SECURE_SSL_REDIRECT, s.SECOND_FACTOR_REQUIRED, s.SECURE_HSTS_SECONDS)"
    )
    told = _manage("shell", "-v0", "-c", asked, home=tmp_path, AFTERDOSE_DEMO=demo)
    assert told.stdout.strip() == expected, told.stderr


def test_a_log_that_may_be_emptied_is_found(tmp_path: Path) -> None:
    checked = _manage(
        "check",
        "--deploy",
        home=tmp_path,
        DJANGO_SETTINGS_MODULE="support.web_settings",
        PYTHONPATH=str(Path(__file__).parents[1]),
    )
    assert "audit.E002" in checked.stderr


def _breaks(request, who):
    raise ValueError(f"platelets {request.GET['value']} of {who}")


urlpatterns = [
    path("people/<str:who>", login_not_required(_breaks), name="breaks"),
    path("", include("afterdose.web.urls")),
]


@override_settings(ROOT_URLCONF=__name__)
def test_the_log_says_where_and_never_of_whom(db: None, caplog: pytest.LogCaptureFixture) -> None:
    browser = Client(raise_request_exception=False)
    assert browser.get("/people/anna-example?value=84").status_code == 500
    assert browser.get("/invited/a-secret").status_code == 404
    text = "\n".join(WithoutValues("%(message)s").format(record) for record in caplog.records)
    for told in ("anna", "84", "a-secret", "/people/"):
        assert told not in text.replace(__file__, "")
    assert "500 breaks" in text
    assert "404 sharing:invited" in text
    assert "builtins.ValueError" in text
    assert "in _breaks" in text


def test_every_handler_of_the_log_leaves_values_out() -> None:
    handlers = {id(h): h for name in LOGGERS for h in logging.getLogger(name).handlers}
    written = [h for h in handlers.values() if type(h) is logging.StreamHandler]
    assert all(isinstance(handler.formatter, WithoutValues) for handler in written)
    assert LOGGING["handlers"]["console"]["formatter"] == "without_values"
