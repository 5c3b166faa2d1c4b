"""Checks that nobody has accepted. Each is itself something to do, be its test due or not.

People who are monitored have an owner for every check that comes round again: accepted for it, or
for all. Where the protocol only says who it should be, nobody has said yes.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from afterdose.monitoring import Protocol
from afterdose.monitoring import Standing as Place
from afterdose.monitoring.model import Check, CheckKind, Evidence
from afterdose.monitoring.ownership import latest_word
from afterdose.record.tables import Owner as Word
from afterdose.web.accounts.models import Team
from afterdose.web.clinic.models import Standing
from afterdose.web.record.models import Owner, Person, Treatment

_FEW = 500
"""Fewer people than this are asked for by name."""
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
    monitored = Standing.objects.filter(team=team, standing__in=_MONITORED)
    if people is not None:
        monitored = monitored.filter(person__in=people)
    said = _words(team)
    asked = [
        person
        for person in monitored.values_list("person", flat=True)
        if not _is_accepted_for_all(said.get(person, ()))
    ]
    checks = {
        drug: [check for check in protocol.checks if _comes_round(check)]
        for protocol in protocols
        for drug in protocol.drugs
    }
    drugs = _drugs(team, checks, asked)
    found = {}
    for person in asked:
        titles = {check.id: check.title for drug in drugs.get(person, ()) for check in checks[drug]}
        missing = _unaccepted(titles, said.get(person, ()))
        if missing:
            found[person] = missing
    return found


def _words(team: Team) -> dict[int, list[Word]]:
    rows = Owner.objects.filter(person__team=team, since__lte=team.today).order_by("since", "pk")
    found: dict[int, list[Word]] = {}
    for person, *word in rows.values_list("person", "check_id", "owner", "state", "since"):
        found.setdefault(person, []).append(Word("", *word))
    return found


def _drugs(team: Team, known: Collection[str], people: Sequence[int]) -> dict[int, list[str]]:
    """The drugs with a protocol that each has had, by name."""
    rows = Treatment.objects.filter(
        person__team=team, drug__in=known, start_date__lte=team.today
    ).order_by()
    if len(people) < _FEW:
        rows = rows.filter(person__in=people)
    found: dict[int, list[str]] = {}
    for person, drug in sorted(set(rows.values_list("person", "drug"))):
        found.setdefault(person, []).append(drug)
    return found


def _is_accepted_for_all(words: Sequence[Word]) -> bool:
    """The common case, told at a glance: nobody spoke of a single check, and the last said yes."""
    return bool(words) and words[-1].state == "accepted" and {w.check for w in words} == {"all"}


def _comes_round(check: Check) -> bool:
    return check.kind is CheckKind.REPEATED and check.grounds.evidence is not Evidence.UNVERIFIED


def _unaccepted(checks: dict[str, str], words: Sequence[Word]) -> list[str]:
    if not words:
        return list(checks.values())
    found = []
    for check, title in checks.items():
        word = latest_word(check, words)
        if word is None or word.state != "accepted":
            found.append(title)
    return found
