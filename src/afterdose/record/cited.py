"""Sources as rows cite them: ``2f2ebf3bfb17:/entry/138/resource``, file hash and position.

What is known of a person may come from several files; their row cites every one.
"""

import re

_BETWEEN = "; "
_NEXT = re.compile(r"; (?=[0-9a-f]{12}:)")
"""A position may hold anything, a semicolon too; what begins like a hash of a file is a new one."""


def each_source(source: str | None) -> tuple[str, ...]:
    """Every source that a row cites, in order.

    Parameters
    ----------
    source : str or None
        As it stands in a row.

    Examples
    --------
    >>> each_source("2f2ebf3bfb17:row 3; 07a1bd1c4f0e:a; b.hl7!line 4 PID")
    ('2f2ebf3bfb17:row 3', '07a1bd1c4f0e:a; b.hl7!line 4 PID')
    >>> each_source(None)
    ()
    """
    return tuple(_NEXT.split(source)) if source else ()


def joined_sources(*sources: str | None) -> str | None:
    """Sources as one row cites them: each once, in order; None where there is none.

    Examples
    --------
    >>> joined_sources("2f2ebf3bfb17:row 3", None, "07a1bd1c4f0e:/entry/0; 2f2ebf3bfb17:row 3")
    '2f2ebf3bfb17:row 3; 07a1bd1c4f0e:/entry/0'
    """
    every = dict.fromkeys(one for each in sources for one in each_source(each))
    return _BETWEEN.join(every) or None
