"""Each line of the log of changes covers the one before: what was altered is found."""

import hashlib
from collections.abc import Iterator
from datetime import UTC
from typing import NamedTuple

from afterdose.web.audit.models import Change

SEPARATOR = "\x1f"
"""Between the parts of a line. JSON escapes it, and no other part can hold it."""

PARTS = (
    "at",
    "table",
    "row",
    "rows",
    "operation",
    "team_id",
    "person_id",
    "old",
    "new",
    "digest",
    "actor",
)
"""What a line's hash covers, in this order, after the hash of the line before."""


class Chain(NamedTuple):
    """What checking found: how many lines, the last hash, and what is wrong, in plain words."""

    lines: int
    head: str
    faults: list[str]


def line_hash(before: str, change: Change) -> str:
    """What a line's hash has to be, after the line with the hash ``before``."""
    at = change.at.astimezone(UTC)
    told = {"at": f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"}
    parts = [before, *(told.get(part, getattr(change, part)) for part in PARTS)]
    text = SEPARATOR.join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()


def verify(kept: dict[int, str] | None = None) -> Chain:
    """Check every line.

    Parameters
    ----------
    kept : dict of int to str, optional
        Hashes by position that were kept elsewhere, such as in the notes of an earlier check:
        without any, lines removed from the end leave nothing to be found by.

    Returns
    -------
    Chain
        With the first fault of each kind: after a broken line nothing else says anything.
    """
    faults = list(_unsealed())
    before, expected, kept = "", 1, dict(kept or {})
    for change in Change.objects.exclude(position=None).order_by("position").iterator(2000):
        if change.position != expected:
            faults.append(f"Position {expected} is missing; {change.position} follows.")
            break
        if line_hash(before, change) != change.hash:
            faults.append(f"Position {expected} is not as it was written, or what stands before.")
            break
        before, expected = change.hash, expected + 1
        if kept.pop(change.position, before) != before:
            faults.append(f"Position {change.position} has another hash than the one kept.")
            break
    else:
        faults += [f"Position {position} was kept and is gone." for position in sorted(kept)]
    return Chain(lines=expected - 1, head=before, faults=faults)


def _unsealed() -> Iterator[str]:
    count = Change.objects.filter(position=None).count()
    if count:
        yield f"{count} lines have no position: they were written past the triggers."
