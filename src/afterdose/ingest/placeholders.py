"""Values that stand in the place of an identifier and name nobody: ``UNKNOWN``, ``999-99-9999``.

Which they are, and why, is said in ``placeholders.toml``.
"""

import re
import tomllib
from functools import cache
from importlib import resources

from afterdose.ingest.identity import RECORD
from afterdose.ingest.rows import Identifier
from afterdose.ingest.senders import is_reference
from afterdose.record.units import clean_text

SEEN = "a placeholder stands for the identifier"
_BETWEEN = str.maketrans("", "", " .-/")
_SURROGATE = "OMOP CDM "
"""The assigner of a database's own row numbers: 111111 comes after 111110 there."""


def is_placeholder(identifier: Identifier) -> bool:
    """Whether an identifier names nobody. A record's own numbers and references always may.

    Examples
    --------
    >>> is_placeholder(Identifier("hospital", "UNKNOWN")), is_placeholder(Identifier("SSA", "000"))
    (True, True)
    >>> is_placeholder(Identifier("hospital", "1000")), is_placeholder(Identifier("record", "0"))
    (False, False)
    """
    if identifier.assigner == RECORD or identifier.assigner.startswith(_SURROGATE):
        return False
    if is_reference(identifier):
        return False
    value = identifier.value if identifier.value.isascii() else clean_text(identifier.value)
    value = value.upper().translate(_BETWEEN)
    return _pattern().fullmatch(value) is not None


@cache
def _pattern() -> re.Pattern[str]:
    text = resources.files("afterdose.ingest").joinpath("placeholders.toml").read_text("utf-8")
    return re.compile("|".join(one["pattern"] for one in tomllib.loads(text)["placeholders"]))
