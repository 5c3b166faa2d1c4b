"""The clinic's settings as tests use them: a home of their own that ends with them."""

import os
from tempfile import mkdtemp

os.environ.setdefault("AFTERDOSE_HOME", mkdtemp(prefix="afterdose-tests-"))

from afterdose.web.settings import *  # noqa: F403

# Hashing passwords is slow on purpose; tests sign in a thousand times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECURE_SSL_REDIRECT = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Tests read the files as they are built, without a digest in the name.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
# Signing in needs one step; the second factor has tests of its own.
SECOND_FACTOR_REQUIRED = False
# WhiteNoise warns where nothing was collected yet.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
AUDIT_MAY_BE_EMPTIED = True
