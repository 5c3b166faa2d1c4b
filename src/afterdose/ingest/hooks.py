"""How a format is added: one hook, used by the readers that come with Afterdose and by others.

A package outside declares an entry point of the group ``afterdose`` that names a module with
`afterdose_readers`; a page of the documentation has a whole reader in thirty lines.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import pluggy

from afterdose.ingest.landing import Landed
from afterdose.ingest.rows import Reading

PROJECT = "afterdose"
"""The name of the hooks, and of the entry points that are looked for."""
hook = pluggy.HookimplMarker(PROJECT)
"""Marks a module's `afterdose_readers`."""
_specification = pluggy.HookspecMarker(PROJECT)

_START_BYTES = 4096
_BEFORE_CONTENT = b"\xef\xbb\xbf\x0b \t\r\n"
"""A byte-order mark, the start byte of the lower-layer protocol, and white space."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a reader is shown of a file before it is chosen.

    Attributes
    ----------
    name : str
        The file's name as the sender gave it.
    content : bytes
        Its first bytes, without a byte-order mark or white space before them.
    """

    name: str
    content: bytes

    @classmethod
    def of(cls, landed: Landed) -> "Start":
        """The start of a file that has landed."""
        return cls(landed.name, landed.content[:_START_BYTES].lstrip(_BEFORE_CONTENT))


@dataclass(frozen=True, slots=True)
class Reader:
    """A format that can be read.

    Attributes
    ----------
    form : str
        The format's short name, as the receipt shows it.
    permitted : str
        The format in words, for the message that says what can be read.
    recognises : callable
        Whether a file is of the format.
    read : callable
        People, results and other rows as the sender wrote them: a reader touches no value, unit or
        code. It raises `afterdose.record.errors.UnreadableInputError` where nothing can be read.
    ends : callable, optional
        Where a file too large to be read at once may be cut: a pattern that matches the end of a
        line or message, or None. Without it such a file is refused.
    look_ahead : callable, optional
        Called with a large file before its first part is read, to note in `Landed.shared` what
        later parts say of earlier ones. Its bytes are at `Landed.path`.
    """

    form: str
    permitted: str
    recognises: Callable[[Start], bool]
    read: Callable[[Landed], Reading]
    ends: Callable[[Start], re.Pattern[bytes] | None] | None = None
    look_ahead: Callable[[Landed], None] | None = None


class _Hooks:
    @_specification
    def afterdose_readers(self) -> Iterable[Reader]:  # type: ignore[empty-body]
        """The readers of a module, the most particular first."""


@cache
def readers() -> tuple[Reader, ...]:
    """Every reader there is: those of other packages first, then our own."""
    from afterdose.ingest.readers import ccda, cdisc, fhir, hl7v2, omop, smart_cards, volumetry

    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(_Hooks)
    # The last one registered is asked first: a card or a dataset begins like any other JSON.
    for module in (ccda, fhir, hl7v2, volumetry, smart_cards, cdisc, omop):
        manager.register(module)
    manager.load_setuptools_entrypoints(PROJECT)
    return tuple(reader for found in manager.hook.afterdose_readers() for reader in found)
