"""Settings of the clinic; everything a site decides comes from the environment.

=======================  ========================================================================
``AFTERDOSE_HOME``       Where the clinic keeps its files; else ``clinic`` in the current folder.
``AFTERDOSE_DATABASE``   ``postgresql://…``; else SQLite in the home.
``AFTERDOSE_SECRET``     The signing key; else one is made in the home, readable by its owner only.
``AFTERDOSE_HOSTS``      Names it is reached by, with blanks between; else this machine alone.
``AFTERDOSE_DEMO``       ``1``: simulated people only, plain HTTP, no second factor.
``AFTERDOSE_EMAIL``      Django's dotted path of an e-mail backend; else letters go to the console.
=======================  ========================================================================
"""

import os
import secrets
from pathlib import Path

from afterdose.web.database import database_of

HOME = Path(os.environ.get("AFTERDOSE_HOME", "clinic")).absolute()
DEMO = os.environ.get("AFTERDOSE_DEMO") == "1"
HERE = Path(__file__).parent


def _secret() -> str:
    given = os.environ.get("AFTERDOSE_SECRET")
    if given:
        return given
    HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = HOME / "secret"
    if not kept.exists():
        made = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return kept.read_text()


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("AFTERDOSE_HOSTS", "localhost 127.0.0.1 [::1]").split()
ROOT_URLCONF = "afterdose.web.urls"
WSGI_APPLICATION = "afterdose.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": database_of(os.environ.get("AFTERDOSE_DATABASE", f"sqlite:///{HOME / 'clinic.db'}"))
}
ATOMIC_REQUESTS = False

INSTALLED_APPS = [
    "afterdose.web.record",
    "afterdose.web.accounts",
    "afterdose.web.clinic",
    "afterdose.web.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["afterdose.web.pages.shapes"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "afterdose.web.pages.context.frame",
            ],
        },
    }
]

FORM_RENDERER = "afterdose.web.pages.forms.KitRenderer"

AUTH_USER_MODEL = "accounts.User"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = os.environ.get("TZ") or "Europe/London"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [HERE / "static"]
# Names that hold a digest may be kept by a browser for ever.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

EMAIL_BACKEND = os.environ.get("AFTERDOSE_EMAIL", "django.core.mail.backends.console.EmailBackend")
