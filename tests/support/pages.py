"""Every address of the clinic, and who may have it: each needs an entry here.

The tests in `tests/web/test_every_page.py` walk all addresses, ask each in every role, for one's
own team and another's, and hold the answer to `afterdose.web.accounts.rules`. An address without
an entry fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from afterdose.web.record.models import Person
from support.clinic import Side

Made = Callable[[Side, Person], dict[str, Any]]


@dataclass(frozen=True)
class Page:
    """What a page asks for.

    Parameters
    ----------
    may : str or None
        The ability it needs; None: everybody signed in may have it.
    of_person : bool
        Whether it is about one person: then a role's reach counts.
    address : callable or None
        From a side and a person to what the address holds, such as ``{"pk": person.pk}``.
    data : callable or None
        Likewise what is sent; a page with it is asked by POST.
    is_public : bool
        Whether it needs no signing in, such as an address that is itself a secret.
    answers : set of int
        What somebody who may gets.
    """

    may: str | None
    of_person: bool = False
    address: Made | None = None
    data: Made | None = None
    is_public: bool = False
    answers: frozenset[int] = frozenset({200, 302, 400, 422})


PAGES: dict[str, Page] = {
    "home": Page(may=None),
    "pages:accessibility": Page(may=None, is_public=True),
    # By a feed's token, not by signing in: everybody else is answered 401.
    "feeds:messages": Page(may=None, is_public=True, data=lambda *_: {}, answers=frozenset({401})),
    "accounts:switch_team": Page(may=None, data=lambda side, _: {"team": side.team.pk}),
}
