"""Results that reached us and could not be read: a data problem of the person they belong to.

Such a result is in no table of the record. It satisfies no check and closes no alert: a test that
is due stays due. But somebody has to look at it, since it may say what nobody expects.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from afterdose.monitoring.answers import Reason
from afterdose.monitoring.items import Item, Urgency
from afterdose.monitoring.model import Evidence, Protocol, analytes_of
from afterdose.monitoring.ownership import Ownership
from afterdose.monitoring.words import need_title

RULE = "set-aside"
WITHDRAWS_UNKNOWN = "withdraws-unknown"
"""Why a row is set aside that takes something back and does not say what."""
CODES_RULE = "codes-not-mapped"
_CODES = {
    "code-not-loinc": ("with a code nobody mapped", "with codes nobody mapped"),
    "codes-disagree": ("whose codes name different tests", "whose codes name different tests"),
}
"""Reasons why nobody knows which test a result is of; of one result, and of several."""

_WHAT = ("Result set aside", "Results set aside")
_NAMELESS = ("Result of an unknown test", "Results of unknown tests")
"""What an item is called: of one result, and of several."""


class SetAsideResult(NamedTuple):
    """A row that was set aside when it was read.

    Attributes
    ----------
    person_id : str
    analyte : str
        Empty where its code was not understood.
    reason : str
        The reason code: ``unit-not-permitted``.
    received_date : date
        The day it reached us.
    source : str
        Hash of the file and position inside it.
    specimen_date : date or None
        Where it could be read.
    seen : str
        The code or unit that was seen; never a value.
    do : str
        What somebody can do about it.
    settled_on : date or None
        From this day on nothing is asked any more: somebody looked at it.
    settled : str
        Who did, and what they found.
    """

    person_id: str
    analyte: str
    reason: str
    received_date: date
    source: str
    specimen_date: date | None = None
    seen: str = ""
    do: str = ""
    settled_on: date | None = None
    settled: str = ""

    def is_settled(self, as_of: date) -> bool:
        """Whether somebody had looked at it by that morning."""
        return self.settled_on is not None and self.settled_on <= as_of

    @property
    def is_of_unknown_test(self) -> bool:
        """Whether it is a result whose code says nothing to us: it may be of any test."""
        return not self.analyte and self.reason in _CODES

    @property
    def title(self) -> str:
        """What was set aside and why: ``Platelets of 2024-03-04, unit not permitted``."""
        nameless = "A result" if self.is_of_unknown_test else "A row"
        what = need_title(self.analyte) if self.analyte else nameless
        day = f" of {self.specimen_date}" if self.specimen_date else ""
        return f"{what}{day}, {self.reason.replace('-', ' ')}"

    @property
    def because(self) -> Reason:
        """The row as a statement with its source and its next step."""
        seen = f" (seen: {self.seen})" if self.seen else ""
        return Reason(
            f"{self.title}{seen}. It reached us on {self.received_date} and was set aside: it "
            f"counts neither as done nor as normal. {self.do}".rstrip(),
            rule=RULE,
            evidence=Evidence.POLICY,
            rows=(f"[{self.source}]",),
        )


def set_aside_items(
    rows: Iterable[SetAsideResult], protocols: Iterable[Protocol], *, as_of: date
) -> list[Item]:
    """One item for everything of one person that was set aside, if any of it is monitored.

    Another for results under a laboratory's own codes, which nobody has mapped: any of them may be
    of a test that is monitored.

    Parameters
    ----------
    rows : iterable of SetAsideResult
        Of one person.
    protocols : iterable of Protocol
        Those that follow the person.
    as_of : date
        Only what had reached us by this day counts.

    Returns
    -------
    list of Item
        Empty, one or two.
    """
    monitored = {name for protocol in protocols for name in _monitored(protocol)}
    if not monitored:
        return []
    standing = [row for row in known_by(rows, as_of) if not row.is_settled(as_of)]
    found = [row for row in standing if _concerns(row, monitored)]
    nameless = [row for row in standing if row.is_of_unknown_test]
    items = []
    if found:
        items.append(_item(RULE, found, _WHAT, _together(found), as_of))
    if nameless:
        items.append(_item(CODES_RULE, nameless, _NAMELESS, _nameless(nameless), as_of))
    return items


def _item(
    rule: str, rows: Sequence[SetAsideResult], what: tuple[str, str], why: str, as_of: date
) -> Item:
    since = min(row.received_date for row in rows)
    return Item(
        urgency=Urgency.DATA_PROBLEM,
        rule=rule,
        protocol="",
        drug="",
        what=what[len(rows) > 1],
        why=why,
        since=since,
        days=(as_of - since).days,
        owner=Ownership("ms_team", "default"),
        because=tuple(row.because for row in rows),
        then=" ".join(dict.fromkeys(row.do for row in rows if row.do)),
    )


def _concerns(row: SetAsideResult, monitored: set[str]) -> bool:
    """Whether a rule looks at it; what is taken back without a word of what it was may be any."""
    return row.analyte in monitored or (not row.analyte and row.reason == WITHDRAWS_UNKNOWN)


def known_by(rows: Iterable[SetAsideResult], as_of: date) -> list[SetAsideResult]:
    """What had reached us by that day, oldest first."""
    known = [row for row in rows if row.received_date <= as_of]
    return sorted(known, key=lambda row: (row.specimen_date or row.received_date, row.source))


def unread_in_words(rows: Sequence[SetAsideResult]) -> list[str]:
    """Rows whose code was not understood, by reason: ``43 rows: code not in catalogue``."""
    counts = Counter(row.reason for row in rows)
    return [
        f"{count} row{'' if count == 1 else 's'}: {reason.replace('-', ' ')}"
        for reason, count in sorted(counts.items())
    ]


_FEW = 3
"""So many days are listed one by one."""


def _nameless(rows: Sequence[SetAsideResult]) -> str:
    """``3 results with codes nobody mapped: PLT Platelets``."""
    said = []
    for reason, (one, several) in _CODES.items():
        found = [row for row in rows if row.reason == reason]
        if found:
            codes = list(dict.fromkeys(row.seen for row in found if row.seen))
            more = f" and {len(codes) - _FEW} more" if len(codes) > _FEW else ""
            seen = f": {', '.join(codes[:_FEW])}{more}" if codes else ""
            count = f"{len(found)} results {several}" if len(found) > 1 else f"1 result {one}"
            said.append(count + seen)
    return "; ".join(said)


def _together(rows: Sequence[SetAsideResult]) -> str:
    """Each analyte and reason once, with its days."""
    groups: dict[tuple[str, str], list[SetAsideResult]] = {}
    for row in rows:
        groups.setdefault((row.analyte, row.reason), []).append(row)
    return "; ".join(map(_named, groups.values()))


def _named(rows: list[SetAsideResult]) -> str:
    title = need_title(rows[0].analyte) if rows[0].analyte else "A result"
    what = f"{title}, {rows[0].reason.replace('-', ' ')}"
    # The same result may have come in several files.
    days = list(dict.fromkeys(str(row.specimen_date or "without a date") for row in rows))
    if len(days) > _FEW:
        return f"{what}: {len(days)} times, {days[0]} to {days[-1]}"
    return f"{what}: {', '.join(days)}"


def _monitored(protocol: Protocol) -> set[str]:
    """Every analyte that a rule of the protocol looks at; unverified rules act on nobody."""
    found = {
        name
        for check in protocol.checks
        if check.grounds.evidence is not Evidence.UNVERIFIED
        for need in check.needs
        for name in need.any_of
    }
    for alert in protocol.alerts:
        if alert.grounds.evidence is not Evidence.UNVERIFIED:
            found |= analytes_of(alert.when)
    return found
