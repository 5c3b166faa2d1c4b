"""Whoever sends a request acts for its length."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from afterdose.web.audit.actor import acting


class Acting:
    """What a request changes is changed by its user."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in their name."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        with acting(request.user):
            return self.get_response(request)
