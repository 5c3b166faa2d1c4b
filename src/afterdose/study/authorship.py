"""Who wrote a report, what each author declares, who paid and whom to ask: one short file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from afterdose.monitoring.reading import Block, read_text, read_toml
from afterdose.record.errors import ProtocolError, UsageError

NO_CONFLICTS = "none"
"""What an author writes to declare that there are no conflicts of interest."""
_ABOUT_KEYS = ("title", "funding", "contact", "authors")
_AUTHOR_KEYS = ("name", "affiliation", "orcid", "conflicts_of_interest")
_ORCID = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]")
_ORCID_IN_WORDS = "an ORCID iD with its right check digit (0000-0002-1825-0097)"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
"""Neither HTML nor the description inside a PDF may hold these."""


@dataclass(frozen=True, slots=True)
class Author:
    """One author.

    Attributes
    ----------
    name, affiliation : str
    orcid : str
        Four groups of four; empty where none was given.
    conflicts_of_interest : str or None
        In the author's own words, or `NO_CONFLICTS`. None where nothing was declared, which is not
        the same as declaring that there are none.
    """

    name: str
    affiliation: str
    orcid: str = ""
    conflicts_of_interest: str | None = None

    @property
    def declaration(self) -> str:
        """What a reader is told of this author's conflicts of interest.

        Examples
        --------
        >>> Author("A. Example", "Example Hospital").declaration
        'not declared'
        >>> Author("A. Example", "Example Hospital", conflicts_of_interest="none").declaration
        'the author declares that there are none'
        """
        if self.conflicts_of_interest is None:
            return "not declared"
        if self.conflicts_of_interest == NO_CONFLICTS:
            return "the author declares that there are none"
        return self.conflicts_of_interest


@dataclass(frozen=True, slots=True)
class Authorship:
    """Who stands behind a report; what was left out is empty.

    Attributes
    ----------
    title : str
        Of the report; without it the report names itself.
    authors : tuple of Author
        In the order of the file.
    funding, contact : str
    """

    title: str = ""
    authors: tuple[Author, ...] = ()
    funding: str = ""
    contact: str = ""


UNNAMED = Authorship()
"""Nobody is named and nothing is declared."""


def read_authorship(path: Path) -> Authorship:
    """Read the file of ``afterdose report --about``; see `parse_authorship`."""
    return _retold(lambda: _parse(read_text(path), path.name))


def parse_authorship(text: str, *, where: str) -> Authorship:
    """Read who wrote a report.

    Parameters
    ----------
    text : str
        TOML. Keys of the file: ``title``, ``funding`` and ``contact``, each a text, and a table
        ``[[authors]]`` for every author. Keys of an author: ``name`` and ``affiliation``, and if
        wanted ``orcid`` and ``conflicts_of_interest``, the latter ``none`` or the author's words.
    where : str
        What the text is called in messages.

    Raises
    ------
    UsageError
        Every problem at once: line, key, what was seen, what is permitted.

    Examples
    --------
    >>> text = 'funding = "Nobody."\\n[[authors]]\\nname = "A. Example"\\naffiliation = "Nowhere"'
    >>> parse_authorship(text, where="about.toml").authors[0].declaration
    'not declared'
    """
    return _retold(lambda: _parse(text, where))


def _retold(read: Callable[[], Authorship]) -> Authorship:
    """The reader of rule files speaks of protocols; this file is none."""
    try:
        return read()
    except ProtocolError as error:
        raise UsageError(str(error)) from None


def _parse(text: str, where: str) -> Authorship:
    block = read_toml(text, where=where)
    block.only(_ABOUT_KEYS)
    found = Authorship(
        title=_text(block, "title"),
        authors=tuple(_author(one) for one in block.tables("authors")),
        funding=_text(block, "funding"),
        contact=_text(block, "contact"),
    )
    block.problems.refuse_any()
    return found


def _author(block: Block) -> Author:
    block.only(_AUTHOR_KEYS)
    return Author(
        name=_text(block, "name", needed=True),
        affiliation=_text(block, "affiliation", needed=True),
        orcid=_orcid(block),
        conflicts_of_interest=_declaration(block),
    )


def _text(block: Block, key: str, *permitted: str, needed: bool = False) -> str:
    """A text on one line; empty where the key may be left out and is."""
    value = block.body.get(key)
    if value is None and not needed:
        return ""
    line = " ".join(value.split()) if isinstance(value, str) else ""
    if line and not _CONTROL.search(line):
        return line
    if isinstance(value, str):
        value = "a text with control characters" if line else "empty"
    elif isinstance(value, Mapping):
        value = "a table"
    choice = permitted or (("a text",) if needed else ("a text", "no such key"))
    block.refuse(key, "missing" if value is None else value, choice)
    return ""


def _orcid(block: Block) -> str:
    value = _text(block, "orcid", _ORCID_IN_WORDS, "no such key")
    if value and not (_ORCID.fullmatch(value) and value[-1] == _check_digit(value)):
        block.refuse("orcid", value, (_ORCID_IN_WORDS, "no such key"))
    return value


def _check_digit(orcid: str) -> str:
    """The last character that the others ask for (ISO 7064, MOD 11-2)."""
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = 2 * (total + int(digit))
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def _declaration(block: Block) -> str | None:
    """Nothing is read into a missing key, and ``None.`` is what its writer meant it to be."""
    if not block.has("conflicts_of_interest"):
        return None
    value = _text(
        block, "conflicts_of_interest", "the author's own words", f"'{NO_CONFLICTS}'",
        "no such key while nothing is declared",
    )  # fmt: skip
    return NO_CONFLICTS if value.rstrip(".").lower() == NO_CONFLICTS else value
