"""Accepting an invitation; who may see a person's record, and who has."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from afterdose.record.errors import UsageError
from afterdose.web.accounts import access, rules
from afterdose.web.accounts.models import Role, User
from afterdose.web.audit.models import Read
from afterdose.web.audit.selectors import looks
from afterdose.web.record.models import Person
from afterdose.web.sharing.actions import end_sharing, share_with_gp
from afterdose.web.sharing.forms import AcceptForm, ShareForm
from afterdose.web.sharing.invitations import (
    accept_as_known,
    accept_as_new,
    invite,
    open_invitation,
    send,
    user_invited,
)
from afterdose.web.sharing.models import Invitation, Sharing
from afterdose.web.sharing.selectors import invitations_for, sharings_of

_A_PAGE = 50


@login_not_required
@require_http_methods(["GET", "POST"])
def invited(request: HttpRequest, secret: str) -> HttpResponse:
    """Accept an invitation: choose a password, or take it on as who one is already."""
    access.open_to_all(request)
    invitation = open_invitation(secret)
    if invitation is None:
        answer = render(request, "sharing/no_invitation.html", status=404)
    elif request.user.is_authenticated:
        answer = _accept_as_known(request, invitation)
    elif (known := user_invited(invitation)) and known.is_active:
        here = reverse("sharing:invited", args=[secret])
        messages.info(request, "Sign in to accept the invitation.")
        answer = redirect(f"{reverse('account_login')}?next={here}")
    else:
        answer = _accept_as_new(request, invitation)
    # The address is a secret: no cache keeps it. No other site reads it either: the policy of
    # every page is same-origin (stricter, and browsers send a form from it without its origin).
    answer["Cache-Control"] = "no-store"
    return answer


def _accept_as_known(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    error = ""
    if request.method == "POST":
        try:
            accept_as_known(invitation, by=request.user)
        except UsageError as refused:
            error = str(refused)
        else:
            access.choose_team(request, invitation.team_id)
            return redirect("home")
    shown = {"invitation": invitation, "error": error}
    return render(request, "sharing/accept_known.html", shown, status=422 if error else 200)


def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        name = (given["given_name"], given["family_name"])
        accept_as_new(invitation, name=name, password=given["password"])
        messages.success(request, "Your password is set. Sign in with it.")
        return redirect("account_login")
    shown = {"invitation": invitation, "form": form}
    return render(request, "sharing/accept_new.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may see a person's record besides the team, and who looked at it; sharing it."""
    may = "sharing.manage" if request.method == "POST" else "reads.view"
    found = access.person_or_404(request, pk, may=may)
    roles = _roles_to_invite(request, found)
    form = ShareForm(request.POST if request.method == "POST" else None, roles=roles)
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        _share(request, found, email, role)
        return redirect("sharing:person", pk)
    reads = Read.objects.filter(team_id=found.team_id, person_id=found.pk).order_by("-pk")
    slice_ = Paginator(reads, _A_PAGE).get_page(request.GET.get("page"))
    shown = {
        "person": found,
        "sharings": sharings_of(found),
        "invitations": invitations_for(found),
        "slice": slice_,
        "looks": looks(slice_),
        "form": form,
        "may_share": bool(roles),
    }
    return render(request, "sharing/person.html", shown, status=422 if form.errors else 200)


@require_POST
def end(request: HttpRequest, pk: int, sharing: int) -> HttpResponse:
    """A record is no longer open to somebody."""
    found = access.person_or_404(request, pk, may="sharing.manage")
    shared = found.sharings.filter(pk=sharing).select_related("user").first()
    if shared is None or (shared.kind == Sharing.Kind.SELF and shared.user_id == request.user.pk):
        raise Http404
    end_sharing(shared)
    messages.success(request, f"The record is no longer open to {shared.user}.")
    return redirect("sharing:person", pk)


def _roles_to_invite(request: HttpRequest, person: Person) -> list[Role]:
    if not rules.may(request.user, "sharing.manage", person):
        return []
    is_own = Role.PERSON in rules.roles_with(request.user, "sharing.manage", person.team)
    return [Role.GP] if is_own else [Role.GP, Role.PERSON]


@transaction.atomic
def _share(request: HttpRequest, person: Person, email: str, role: Role) -> None:
    known = User.objects.filter(email__iexact=email, is_active=True).first()
    is_gp_here = (
        role == Role.GP
        and known is not None
        and person.team.memberships.filter(user=known, role=Role.GP).exists()
    )
    if is_gp_here:
        share_with_gp(person, known, by=request.user)
        messages.success(request, f"The record is open to {known}.")
        return
    invitation, secret = invite(person.team, email, role, by=request.user, person=person)
    send(invitation, request.build_absolute_uri(reverse("sharing:invited", args=[secret])))
    messages.success(request, f"{email} is invited. The address opens for seven days.")
