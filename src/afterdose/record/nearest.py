"""The known names nearest to one that is not known, for messages."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three known names that ``name`` may have been meant for, the nearest first.

    Examples
    --------
    >>> nearest_names("Creatinin", ["alt", "creatinine", "platelets"])
    ('creatinine',)
    >>> nearest_names("colour", ["alt", "creatinine", "platelets"])
    ()
    """
    return tuple(get_close_matches(name.lower(), list(known)))


def nearest_in_words(name: str, known: Iterable[str]) -> str:
    """``; nearest: creatinine, creatinine_kinase``, or nothing where no name is near."""
    found = nearest_names(name, known)
    return f"; nearest: {', '.join(found)}" if found else ""
