"""Pages about the clinic itself, the same for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from afterdose.web.accounts import access


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the pages can be used, and which keys they answer."""
    access.open_to_all(request)
    return render(request, "accessibility.html")
