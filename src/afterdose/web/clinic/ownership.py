"""Who owns which check of one person, by the latest word on each."""

from dataclasses import dataclass
from datetime import date

from afterdose.monitoring.ownership import latest_word
from afterdose.record.tables import Owner as Word
from afterdose.web.clinic.in_force import protocols_in_force
from afterdose.web.record.models import Owner, Person


@dataclass(frozen=True)
class Owned:
    """A check and its owner.

    Attributes
    ----------
    check, title : str
        Its id and title; ``all`` for a word about all of them.
    owner, state : str
        As `afterdose.monitoring.ownership.Ownership` has them.
    since : date or None
    proposal : int or None
        The row that waits for an answer.
    """

    check: str
    title: str
    owner: str
    state: str
    since: date | None = None
    proposal: int | None = None


def ownership_of(person: Person) -> list[Owned]:
    """Every check of the protocols that follow a person, and what waits for an answer for all."""
    team = person.team
    drugs = set(person.treatments.filter(start_date__lte=team.today).values_list("drug", flat=True))
    rows = list(Owner.objects.filter(person=person, since__lte=team.today).order_by("since", "pk"))
    words = [Word("", row.check_id, row.owner, row.state, row.since) for row in rows]
    found: dict[str, Owned] = {}
    if general := _latest("all", rows, words):
        found["all"] = Owned(
            "all", "All checks", general.owner, general.state, general.since, _proposal(general)
        )
    for protocol in protocols_in_force(team):
        if not drugs.intersection(protocol.drugs):
            continue
        for check in protocol.checks:
            row = _latest(check.id, rows, words)
            if row is None or row.state == "declined":
                state = "default" if row is None else "declined"
                found[check.id] = Owned(check.id, check.title, check.owner, state)
            else:
                own = _proposal(row) if row.check_id == check.id else None
                found[check.id] = Owned(check.id, check.title, row.owner, row.state, row.since, own)
    return list(found.values())


def _latest(check: str, rows: list[Owner], words: list[Word]) -> Owner | None:
    word = latest_word(check, words)
    if word is None:
        return None
    # Words that are alike are one word: the last written.
    return next(row for row, one in reversed(list(zip(rows, words, strict=True))) if one == word)


def _proposal(row: Owner) -> int | None:
    return row.pk if row.state == "proposed" else None
