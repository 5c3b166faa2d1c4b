"""Settings of the clinic; everything a site decides comes from the environment.

=======================  ========================================================================
``AFTERDOSE_HOME``       Where the clinic keeps its files; else ``clinic`` in the current folder.
``AFTERDOSE_DATABASE``   ``postgresql://…``; else SQLite in the home.
``AFTERDOSE_SECRET``     The signing key; else one is made in the home, readable by its owner only.
``AFTERDOSE_HOSTS``      Names it is reached by, with blanks between; else this machine alone.
``AFTERDOSE_DEMO``       ``1``: simulated people only, plain HTTP, no second factor.
``AFTERDOSE_EMAIL``      Django's dotted path of an e-mail backend; else letters go to the console.
``AFTERDOSE_PROXIES``    How many proxies of the clinic's own stand before it; else none.
``AFTERDOSE_OIDC_URL``   A provider of identities that knows the clinic's staff (OpenID Connect).
``AFTERDOSE_OIDC_ID``    How the clinic is called there.
``AFTERDOSE_OIDC_KEY``   What it shows there to prove itself.
``AFTERDOSE_OIDC_NAME``  What the button on the sign-in page says.
=======================  ========================================================================
"""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from afterdose.web.database import database_of
from afterdose.web.logs import LOGGING as LOGGING

HOME = Path(os.environ.get("AFTERDOSE_HOME", "clinic")).absolute()
DEMO = os.environ.get("AFTERDOSE_DEMO") == "1"
PROXIES = int(os.environ.get("AFTERDOSE_PROXIES") or 0)
HERE = Path(__file__).parent


def _secret() -> str:
    given = os.environ.get("AFTERDOSE_SECRET")
    if given:
        return given
    kept = HOME / "secret"
    if not kept.exists():
        made = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return kept.read_text()


HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
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
AUDIT_MAY_BE_EMPTIED = False
"""Tests empty every table between two of them; nothing else may empty the log."""

INSTALLED_APPS = [
    "afterdose.web.record",
    "afterdose.web.accounts",
    "afterdose.web.sharing",
    "afterdose.web.clinic",
    "afterdose.web.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "csp",
    "rules",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A list of a hundred people is ten times smaller packed; Django adds random bytes to each.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "afterdose.web.audit.middleware.Acting",
    "afterdose.web.accounts.middleware.SecondFactor",
    "afterdose.web.accounts.middleware.EveryPageAsks",
    "axes.middleware.AxesMiddleware",
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
                "afterdose.web.accounts.context.who_and_where",
                "afterdose.web.pages.context.frame",
            ],
        },
    }
]

FORM_RENDERER = "afterdose.web.pages.forms.KitRenderer"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "afterdose.web.accounts.adapter.ByInvitation"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Afterdose: "
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody is written to whom the clinic does not know
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Afterdose"
MFA_TOTP_TOLERANCE = 1  # clocks of telephones differ by a few seconds
MFA_ADAPTER = "afterdose.web.accounts.adapter.Sealed"
SECOND_FACTOR_REQUIRED = not DEMO
"""Of every role but that of a person; simulated people need none."""
USERSESSIONS_TRACK_ACTIVITY = True

SOCIALACCOUNT_ADAPTER = "afterdose.web.accounts.adapter.KnownUsersOnly"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "clinic",
                "name": os.environ.get("AFTERDOSE_OIDC_NAME", "our organisation"),
                "client_id": os.environ.get("AFTERDOSE_OIDC_ID", ""),
                "secret": os.environ.get("AFTERDOSE_OIDC_KEY", ""),
                "settings": {"server_url": os.environ["AFTERDOSE_OIDC_URL"]},
            }
        ]
        if os.environ.get("AFTERDOSE_OIDC_URL")
        else []
    }
}

# By user and address together: by address alone, one user's mistakes lock out all others there.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "afterdose.web.accounts.adapter.name_tried"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
# Axes would log user names and addresses; the table it keeps holds them for administrators.
AXES_VERBOSE = False

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

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "afterdose.web.accounts.views.form_refused"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SECURE_SSL_REDIRECT = not DEMO
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
# What a proxy says of a request is believed only where there is one: anybody else could say it too.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
AXES_CLIENT_IP_CALLABLE = "afterdose.web.accounts.adapter.address_of"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
# A form holds few fields and no file; files come through their own page, which sets its own limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
FILE_UPLOAD_PERMISSIONS = 0o600

EMAIL_BACKEND = os.environ.get("AFTERDOSE_EMAIL", "django.core.mail.backends.console.EmailBackend")
