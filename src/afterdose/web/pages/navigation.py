"""The places of the clinic, for those who may go there."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse


class Place(NamedTuple):
    """One entry of the navigation.

    Attributes
    ----------
    label : str
    name : str
        Of its address, such as ``clinic:worklist``.
    ability : str
        What one has to be allowed in the team, as `afterdose.web.accounts.rules` names it.
    """

    label: str
    name: str
    ability: str


PLACES = (
    Place("Worklist", "clinic:worklist", "worklist.view"),
    Place("Inbox", "inbox:inbox", "inbox.view"),
    Place("People", "chart:people", "people.view"),
    Place("My page", "chart:own", "chart.own"),
    Place("Letters", "clinic:letters", "letters.view"),
    Place("Protocols", "protocols:protocols", "protocols.view"),
    Place("Study", "study:study", "study.view"),
    Place("Monitoring", "study:coverage", "coverage.view"),
    Place("Team", "accounts:users", "team.manage"),
    Place("Log", "audit:changes", "audit.view"),
)
"""In the order they stand. One whose page is not there is left out."""


class Link(NamedTuple):
    """A place with its address; ``is_here`` where the page is one of it."""

    label: str
    address: str
    is_here: bool


def links_for(held: Collection[str], path: str) -> Iterator[Link]:
    """The places somebody may go to, in order.

    Parameters
    ----------
    held : collection of str
        The abilities they have.
    path : str
        Where they are.
    """
    for place in PLACES:
        if place.ability in held:
            try:
                address = reverse(place.name)
            except NoReverseMatch:  # its page is not installed
                continue
            is_here = path == address or (address != "/" and path.startswith(address))
            yield Link(place.label, address, is_here)
