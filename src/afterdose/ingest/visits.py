"""Numbers of a visit or an account: they say who somebody is, and each stay brings another.

Of a hospital's numbers of people, two of one person contradict each other; of these they do not.
"""

_TYPES = frozenset({"AN", "ANC", "AND", "ANT", "VN"})


def is_visit_type(code: str) -> bool:
    """Whether a type of identifier (HL7 table 0203) is the number of a visit or an account.

    Examples
    --------
    >>> is_visit_type("VN"), is_visit_type("MR")
    (True, False)
    """
    return code in _TYPES
