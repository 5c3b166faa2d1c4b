"""Landing after signing in, choosing a team, and who and what may come into it."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterdose.record.errors import UsageError
from afterdose.web.accounts import access, rules
from afterdose.web.accounts.actions import remove_second_factor, revoke_token, set_roles
from afterdose.web.accounts.forms import InviteForm, RolesForm, TokenForm
from afterdose.web.accounts.models import Role, Team, User
from afterdose.web.accounts.selectors import invitations_to, members_of, roles_of, tokens_of
from afterdose.web.accounts.tokens import make_token
from afterdose.web.sharing.invitations import invite, send, withdraw

FIRST_PAGES = (
    ("worklist.view", "clinic:worklist"),
    ("chart.own", "chart:own"),
    ("study.view", "study:study"),
    ("team.manage", "accounts:users"),
)
"""What opens after signing in: the first of these that one may see."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Go to the first page one may see."""
    access.open_to_all(request)
    team = access.current_team(request)
    held = rules.abilities_of(request.user, team) if team else frozenset()
    for ability, page in FIRST_PAGES:
        if ability in held and (address := _address(page)):
            return redirect(address)
    return render(request, "accounts/nothing_here.html")


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without the secret of this browser's session: too old, or from elsewhere."""
    return render(request, "accounts/form_refused.html", status=403)


@require_POST
def switch_team(request: HttpRequest) -> HttpResponse:
    """Work in another team from now on."""
    access.open_to_all(request)
    chosen = request.POST.get("team", "")
    access.choose_team(request, int(chosen) if chosen.isdecimal() else 0)
    return redirect("home")


@require_http_methods(["GET", "POST"])
def users(request: HttpRequest) -> HttpResponse:
    """Who is in the team, who is invited; inviting somebody."""
    team = access.team_of(request, may="team.manage")
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        with transaction.atomic():
            invitation, secret = invite(team, email, role, by=request.user)
            send(invitation, request.build_absolute_uri(reverse("sharing:invited", args=[secret])))
        messages.success(request, f"{email} is invited. The address opens for seven days.")
        return redirect("accounts:users")
    shown = {"members": members_of(team), "invitations": invitations_to(team), "form": form}
    return render(request, "accounts/users.html", shown, status=422 if form.errors else 200)


@require_POST
def withdraw_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """An invitation no longer stands."""
    team = access.team_of(request, may="team.manage")
    invitation = invitations_to(team).filter(pk=pk).first()
    if invitation is None:
        raise Http404
    withdraw(invitation)
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect("accounts:users")


@require_http_methods(["GET", "POST"])
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One user's roles in the team."""
    team = access.team_of(request, may="team.manage")
    member = _member_or_404(team, pk)
    held = roles_of(member, team)
    researcher = team.memberships.filter(user=member, may_open_people=True)
    form = RolesForm(
        request.POST if request.method == "POST" else None,
        held=held,
        initial={"roles": sorted(held), "may_open_people": researcher.exists()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_roles(
                member,
                team,
                [Role(role) for role in form.cleaned_data["roles"]],
                may_open_people=form.cleaned_data["may_open_people"],
                by=request.user,
            )
        except UsageError as error:
            form.add_error("roles", str(error))
        else:
            messages.success(request, f"{member}: the roles are as you gave them.")
            return redirect("accounts:users")
    shown = {
        "member": member,
        "form": form,
        "has_second_factor": Authenticator.objects.filter(user=member).exists(),
    }
    return render(request, "accounts/user.html", shown, status=422 if form.errors else 200)


@require_POST
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away a second factor that somebody lost."""
    team = access.team_of(request, may="team.manage")
    member = _member_or_404(team, pk)
    remove_second_factor(member)
    messages.success(request, f"{member} sets up another second factor at the next signing in.")
    return redirect("accounts:user", pk)


@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """The tokens feeds sign in with; a new one is shown this once."""
    team = access.team_of(request, may="feeds.manage")
    form, made = TokenForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        made = make_token(team, form.cleaned_data["feed"], by=request.user)
        form = TokenForm()
    shown = {"tokens": tokens_of(team), "form": form, "made": made}
    answer = render(request, "accounts/feeds.html", shown, status=422 if form.errors else 200)
    # The page that shows a token is kept by no browser and no proxy.
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A feed no longer signs in."""
    team = access.team_of(request, may="feeds.manage")
    token = team.tokens.filter(pk=pk).first()
    if token is None:
        raise Http404
    revoke_token(token)
    messages.success(request, f"{token.feed} can no longer send with this token.")
    return redirect("accounts:feeds")


def _member_or_404(team: Team, pk: int) -> User:
    member = User.objects.filter(memberships__team=team, pk=pk).distinct().first()
    if member is None:
        raise Http404
    return member


def _address(page: str) -> str | None:
    try:
        return reverse(page)
    except NoReverseMatch:
        return None
