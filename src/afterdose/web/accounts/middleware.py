"""What holds for every page: a second factor for staff, and no answer without having asked."""

import logging
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect

from afterdose.web.accounts import rules

logger = logging.getLogger("afterdose.web")
Answer = Callable[[HttpRequest], HttpResponse]

_SIGNING_IN = ("allauth.", "django.")


class SecondFactor:
    """Staff who have no second factor yet are sent to set one up, whatever they ask for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> HttpResponse | None:
        """Send them to set it up."""
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or not user.is_authenticated or _is_signing_in(view):
            return None
        if is_mfa_enabled(user) or not rules.needs_second_factor(user):
            return None
        messages.info(request, "Your role needs a second factor. Set one up to go on.")
        return redirect("mfa_activate_totp")


class EveryPageAsks:
    """A page that answered without having asked who may see it is not shown.

    The mistake is the programmer's: the page is answered 404, and the log names the view.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the answer."""
        response = self.get_response(request)
        is_answer = response.status_code < 400
        if is_answer and _must_ask(request) and not getattr(request, "was_authorised", False):
            view = request.resolver_match.view_name
            logger.error("The view %s answered without having asked who may see it.", view)
            return HttpResponseNotFound()
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object
    ) -> None:
        """Remember which view it is."""
        request.view_called = view


def _must_ask(request: HttpRequest) -> bool:
    view = getattr(request, "view_called", None)
    # Without a view another layer has answered: a static file, a redirect to sign in or to HTTPS.
    return view is not None and not _is_signing_in(view) and request.user.is_authenticated


def _is_signing_in(view: Callable[..., HttpResponse]) -> bool:
    view = getattr(view, "view_class", view)
    return view.__module__.startswith(_SIGNING_IN)
