"""Units convert once, on the way in: alias, then the analyte's own list, then the exact factor.

No general unit library decides. They read ``K/uL`` as kelvin and ``G/L`` as gauss, and a plain one
reads ``10*9/L`` as 90 per litre. A unit not known for its analyte is refused, never guessed.
"""

import tomllib
import unicodedata
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources

from afterdose.record.analytes import Analyte
from afterdose.record.errors import UnitError


def clean_text(text: str) -> str:
    """Strip what nobody sees: zero-width characters, byte-order marks, non-breaking spaces.

    Examples
    --------
    >>> clean_text("10*3/\\u200buL\\u00a0")
    '10*3/uL'
    """
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    return " ".join(visible.replace("\u00a0", " ").split())


def clean_unit(text: str) -> str:
    """The UCUM spelling of a unit as a laboratory wrote it.

    Examples
    --------
    >>> clean_unit("K/uL"), clean_unit("giga.l-1"), clean_unit("mIU/L")
    ('10*3/uL', '10*9/L', 'm[IU]/L')
    >>> clean_unit("g/l-1")  # not known: stays as it is, and will be refused
    'g/l-1'
    """
    cleaned = clean_text(text)
    return _aliases().get(cleaned, cleaned)


def factor(unit: str, analyte: Analyte) -> Fraction:
    """The exact factor from ``unit``, in any known spelling, to the analyte's canonical unit.

    Raises
    ------
    UnitError
        The unit is not permitted for this analyte.
    """
    found = analyte.units.get(clean_unit(unit))
    if found is None:
        raise UnitError(
            f"Unit '{clean_text(unit)[:24]}' is not known for {analyte.name}. "
            f"Known: {', '.join(analyte.units)}. "
            "Add its spelling to units.toml if it means one of these, or correct the file."
        )
    return found


def convert(value: Decimal, unit: str, analyte: Analyte) -> float:
    """A value in the analyte's canonical unit; exact until the last step.

    Parameters
    ----------
    value : Decimal
        As the laboratory reported it.
    unit : str
        In any known spelling.
    analyte : Analyte

    Returns
    -------
    float

    Raises
    ------
    UnitError
        The unit is not permitted for this analyte; the message lists those that are.

    Examples
    --------
    >>> from afterdose.record.analytes import analyte_named
    >>> convert(Decimal("210000"), "{cells}/uL", analyte_named("platelets"))
    210.0
    >>> round(convert(Decimal("1"), "mg/dL", analyte_named("creatinine")), 2)
    88.4
    """
    return float(Fraction(value) * factor(unit, analyte))


def is_plausible(value: float, analyte: Analyte) -> bool:
    """Whether a canonical value lies inside the range that is not taken for a slip."""
    return analyte.plausible_low <= value <= analyte.plausible_high


FAR = 20
"""How many times a limit a value must be beyond before its unit is doubted (policy)."""


def doubted_unit(
    value: float, unit: str, analyte: Analyte, *, low: float | None, high: float | None
) -> str | None:
    """The unit a value was probably reported in, where it can hardly have been in its own.

    A value more than `FAR` times above the laboratory's upper limit, which another permitted unit
    would put between the upper limit and a `FAR`-th of the lower; or less than a `FAR`-th of the
    lower limit, which another would put within the range. The analyte says on which of these sides
    no true value lies.

    Parameters
    ----------
    value : float
        In the canonical unit.
    unit : str
        The permitted unit it was reported in.
    analyte : Analyte
    low, high : float or None
        The laboratory's range in the canonical unit.

    Returns
    -------
    str or None
        None: there is no doubt.

    Examples
    --------
    >>> from afterdose.record.analytes import analyte_named
    >>> lymphocytes = analyte_named("lymphocytes")
    >>> doubted_unit(100.0, "10*9/L", lymphocytes, low=1.0, high=4.0)
    '/uL'
    >>> doubted_unit(0.1, "10*9/L", lymphocytes, low=1.0, high=4.0) is None
    True
    """
    if "high" in analyte.unit_slips and high and value > FAR * high:
        near = (low or 0.0) / FAR, high
    elif "low" in analyte.unit_slips and low and value < low / FAR:
        near = low, high if high else FAR * low
    else:
        return None
    own = factor(unit, analyte)
    others = (other for other, by in analyte.units.items() if by != own)
    return next(
        (one for one in others if near[0] <= value * float(analyte.units[one] / own) <= near[1]),
        None,
    )


@cache
def _aliases() -> dict[str, str]:
    text = resources.files("afterdose.record").joinpath("units.toml").read_text("utf-8")
    found: dict[str, str] = {}
    for ucum, spellings in tomllib.loads(text).items():
        for spelling in spellings:
            if spelling in found:
                raise ValueError(f"units.toml: '{spelling}' stands for two units")
            found[spelling] = ucum
    return found
