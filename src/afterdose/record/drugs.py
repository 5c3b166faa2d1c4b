"""The drugs a record may name, and the nearest name to one it may not.

A treatment is followed by the protocol of exactly its drug's name, so a slip in the name would
leave a person unfollowed. The list stands in ``drugs.toml``.
"""

import tomllib
from functools import cache
from importlib import resources


@cache
def known_drugs() -> tuple[str, ...]:
    """Every known drug: generic names in lower case, in alphabetical order.

    Examples
    --------
    >>> "rituximab" in known_drugs(), "Rituximab" in known_drugs()
    (True, False)
    """
    text = resources.files("afterdose.record").joinpath("drugs.toml").read_text("utf-8")
    return tuple(sorted(name for names in tomllib.loads(text).values() for name in names))
