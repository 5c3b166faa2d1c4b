"""Checks that nobody has accepted. Each is itself something to do, be its test due or not.

People who are monitored have an owner for every check that comes round again: accepted for it, or
for all. Where the protocol only says who it should be, nobody has said yes.
"""

from collections.abc import Iterable

from django.db.models import QuerySet

from afterdose.monitoring import Protocol
from afterdose.monitoring import Standing as Place
from afterdose.monitoring.model import Check, CheckKind, Evidence
from afterdose.monitoring.ownership import latest_word
from afterdose.record.tables import Owner as Word
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.models import Standing
from afterdose.web.record.models import Owner, Person, Treatment

_MONITORED = (str(Place.LISTED), str(Place.NOTHING_DUE))


def unowned_checks(
    team: Team, protocols: Iterable[Protocol], *, people: "QuerySet[Person] | None" = None
) -> dict[int, list[str]]:
    """The titles of the checks nobody has accepted, by person; those who have one for all are out.

    Parameters
    ----------
    team : Team
    protocols : iterable of Protocol
        Those in force.
    people : QuerySet of Person, optional
        Only those.
    """
    by_drug = {
        drug: [check for check in protocol.checks if _comes_round(check)]
        for protocol in protocols
        for drug in protocol.drugs
    }
    monitored = Standing.objects.filter(team=team, standing__in=_MONITORED)
    treated = Treatment.objects.filter(
        person__team=team, drug__in=by_drug, start_date__lte=team.today
    )
    words = Owner.objects.filter(person__team=team, since__lte=team.today)
    if people is not None:
        monitored = monitored.filter(person__in=people)
    drugs: dict[int, set[str]] = {}
    for person, drug in treated.values_list("person", "drug").distinct().order_by():
        drugs.setdefault(person, set()).add(drug)
    said: dict[int, list[Word]] = {}
    for person, *word in words.order_by("since", "pk").values_list(
        "person", "check_id", "owner", "state", "since"
    ):
        said.setdefault(person, []).append(Word("", *word))
    found = {}
    for person in monitored.values_list("person", flat=True):
        checks = {
            check.id: check.title
            for drug in sorted(drugs.get(person, ()))
            for check in by_drug[drug]
        }
        missing = _unaccepted(checks, said.get(person, []))
        if missing:
            found[person] = missing
    return found


def _comes_round(check: Check) -> bool:
    return check.kind is CheckKind.REPEATED and check.grounds.evidence is not Evidence.UNVERIFIED


def _unaccepted(checks: dict[str, str], words: list[Word]) -> list[str]:
    if not words:
        return list(checks.values())
    found = []
    for check, title in checks.items():
        word = latest_word(check, words)
        if word is None or word.state != "accepted":
            found.append(title)
    return found
