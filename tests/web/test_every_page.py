"""Every address of the clinic in every role: who may not have a page gets 404."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from afterdose.web.accounts import rules
from afterdose.web.accounts.models import Role
from afterdose.web.record.models import Person
from support.clinic import Side, World, signed_in
from support.pages import PAGES, Page


def _names(
    patterns: list[URLPattern | URLResolver], *, within: str = "", is_ours: bool = True
) -> Iterator[tuple[str, bool]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            module = getattr(pattern.urlconf_module, "__name__", "")
            yield from _names(
                pattern.url_patterns,
                within=f"{within}{pattern.namespace}:" if pattern.namespace else within,
                # Signing in is django-allauth's: it shows one's own account, and no team or person.
                is_ours=is_ours and not module.startswith("allauth."),
            )
        else:
            yield f"{within}{pattern.name or pattern.pattern}", is_ours


def _address(name: str) -> str | None:
    try:
        return reverse(name)
    except NoReverseMatch:
        return None


ADDRESSES = sorted(set(_names(get_resolver().url_patterns)))
OURS = [name for name, is_ours in ADDRESSES if is_ours]
OF_SIGNING_IN = [name for name, is_ours in ADDRESSES if not is_ours and _address(name)]


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    assert sorted(PAGES) == OURS


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_every_ability_asked_for_is_known(page: Page) -> None:
    assert page.may is None or page.may in rules.ABILITIES


@pytest.mark.parametrize("name", PAGES)
def test_every_role(world: World, name: str) -> None:
    page = PAGES[name]
    shared, not_shared, others = world.own.person, world.own.people[1], world.other.person
    for role in Role:
        client = signed_in(world.own.users[role])
        _expect(client, name, world.own, shared, is_allowed=_may(page, role, is_shared=True))
        if page.of_person:
            allowed = _may(page, role, is_shared=False)
            _expect(client, name, world.own, not_shared, is_allowed=allowed)
        if page.address:
            _expect(client, name, world.other, others, is_allowed=page.is_public)
        # A team one is not in cannot be chosen by writing it into the session.
        elsewhere = signed_in(world.own.users[role], world.other.team)
        _expect(elsewhere, name, world.own, shared, is_allowed=_may(page, role, is_shared=True))


@pytest.mark.parametrize("name", PAGES)
def test_without_a_role_and_without_signing_in(world: World, name: str) -> None:
    page = PAGES[name]
    if page.may:
        _expect(signed_in(world.stranger), name, world.own, world.own.person, is_allowed=False)
    deactivated = world.own.users[Role.NURSE]
    client = signed_in(deactivated)
    deactivated.is_active = False
    deactivated.save()
    for anonymous in (Client(), client):
        answer = _ask(anonymous, name, world.own, world.own.person)
        if page.is_public:
            assert answer.status_code in page.answers
        else:
            is_sent_away = answer.status_code == 302 and answer.url.startswith("/sign/login/")
            assert is_sent_away or answer.status_code == 401


def _may(page: Page, role: Role, *, is_shared: bool) -> bool:
    if page.may is None or page.is_public:
        return True
    if role not in rules.ABILITIES[page.may].roles:
        return False
    reached = {"team": True, "shared": is_shared, "self": is_shared, "none": False}
    return not page.of_person or reached[rules.REACH[role]]


def _expect(client: Client, name: str, side: Side, person: Person, *, is_allowed: bool) -> None:
    answer = _ask(client, name, side, person)
    expected = PAGES[name].answers if is_allowed else {404}
    assert answer.status_code in expected, f"{name} answered {answer.status_code}"
    assert not answer.get("Location", "").startswith("/sign/login/")


def _ask(client: Client, name: str, side: Side, person: Person):
    page = PAGES[name]
    # What one role sends must not change what the next one finds.
    with transaction.atomic():
        address = reverse(name, kwargs=page.address(side, person) if page.address else {})
        data = page.data(side, person) if page.data else None
        answer = client.get(address) if data is None else client.post(address, data)
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("name", OF_SIGNING_IN)
def test_pages_of_signing_in_break_for_nobody(world: World, name: str) -> None:
    for client in (Client(), signed_in(world.own.users[Role.NURSE])):
        assert client.get(reverse(name)).status_code < 500
