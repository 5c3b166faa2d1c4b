"""The places of the clinic, for those who may go there."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse


class Place(NamedTuple):
    """One entry of the navigation.

    Attributes
    ----------
    label : str
    name : str
        Of its address, such as ``worklist``.
    ability : str
        What one has to be allowed in the team, as `afterdose.web.accounts.rules` names it.
    """

    label: str
    name: str
    ability: str


PLACES = (
    Place("Worklist", "worklist", "worklist.view"),
    Place("Inbox", "inbox", "inbox.view"),
    Place("People", "people", "people.view"),
    Place("Protocols", "protocols", "protocols.view"),
    Place("Study", "study", "study.view"),
    Place("Monitoring", "coverage", "coverage.view"),
    Place("Import", "import", "import.view"),
    Place("Team", "team", "users.view"),
)


class Link(NamedTuple):
    """A place with its address; ``is_here`` where the page is one of it."""

    label: str
    address: str
    is_here: bool


def links_for(may: Callable[[str], bool], path: str) -> Iterator[Link]:
    """The places somebody may go to, in order.

    Parameters
    ----------
    may : callable
        Whether they have an ability.
    path : str
        Where they are.
    """
    for place in PLACES:
        if may(place.ability):
            try:
                address = reverse(place.name)
            except NoReverseMatch:  # its page is not installed
                continue
            is_here = path == address or (address != "/" and path.startswith(address))
            yield Link(place.label, address, is_here)
