"""What the clinic's log says: where something went wrong, and never of whom.

An error's own words may hold what stood in the record, or in a form, and an address may hold a
secret. The log names the kind of error, the lines of code it came through, and the page by name.
"""

import logging
import traceback
from typing import Any


class WithoutValues(logging.Formatter):
    """Errors by their kind and place, requests by the page's name."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - named by the standard library
        """The lines it came through, and its kind."""
        kind, _, trace = ei
        frames = traceback.format_list(traceback.extract_tb(trace))
        return "".join([*frames, f"{kind.__module__}.{kind.__qualname__}"])

    def format(self, record: logging.LogRecord) -> str:
        """A request's line without its address."""
        # What a formatter before this one made of the error would be taken over as it is.
        record.exc_text = None
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            page = match.view_name if match else "an address that is no page"
            record.msg, record.args = "%s %s", (getattr(record, "status_code", ""), page)
        return super().format(record)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "without_values": {
            "()": WithoutValues,
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "without_values"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Django's own handlers would write addresses and errors as they are.
    "loggers": {
        name: {"handlers": [], "level": "INFO", "propagate": True}
        for name in ("django", "django.server", "django.request", "django.security")
    },
}
