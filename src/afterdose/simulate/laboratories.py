"""The laboratories that report: each with its own units and reference ranges."""

from dataclasses import dataclass
from fractions import Fraction

from afterdose.record.analytes import analyte_named
from afterdose.record.units import factor

ANALYTES = (
    "platelets",
    "haemoglobin",
    "leukocytes",
    "neutrophils",
    "lymphocytes",
    "creatinine",
    "alt",
    "bilirubin",
    "urine_rbc",
    "urine_blood_dipstick",
    "urine_protein_dipstick",
    "tsh",
    "free_t4",
)
_ORDINAL_WORDS = {0.0: "negative", 0.5: "trace", 1.0: "1+", 2.0: "2+", 3.0: "3+", 4.0: "4+"}


@dataclass(frozen=True)
class Laboratory:
    """A laboratory: unit as written, lower and upper limit (in that unit), digits, per analyte."""

    name: str
    reports: dict[str, tuple[str, float | None, float | None, int]]

    def factor_to_canonical(self, analyte: str) -> Fraction:
        """Exact factor from the laboratory's unit to the canonical one."""
        return factor(self.reports[analyte][0], analyte_named(analyte))


def _si(name: str, *, platelets: str, **changes: tuple[str, float | None, float | None, int]):  # type: ignore[no-untyped-def]
    cells = platelets
    reports: dict[str, tuple[str, float | None, float | None, int]] = {
        "platelets": (cells, 150, 400, 0),
        "haemoglobin": ("g/L", 120, 165, 0),
        "leukocytes": (cells, 4, 11, 1),
        "neutrophils": (cells, 1.8, 7.5, 2),
        "lymphocytes": (cells, 1.0, 4.0, 2),
        "creatinine": ("umol/L", 45, 104, 0),
        "alt": ("U/L", None, 45, 0),
        "bilirubin": ("umol/L", None, 21, 0),
        "urine_rbc": ("/[HPF]", None, 5, 0),
        "urine_protein_dipstick": ("1", None, None, 0),
        "tsh": ("mIU/L", 0.4, 4.0, 2),
        "free_t4": ("pmol/L", 10, 22, 1),
    }
    return Laboratory(name, reports | changes)


LABORATORIES = (
    _si("University Hospital Laboratory", platelets="10*9/L"),
    _si(
        "Harbour Diagnostics", platelets="G/L", tsh=("mIU/L", 0.3, 4.2, 2), alt=("U/L", None, 50, 0)
    ),
    _si(
        "City Laboratory",
        platelets="K/uL",
        haemoglobin=("g/dL", 11.8, 16.4, 1),
        creatinine=("mg/dL", 0.5, 1.2, 2),
        bilirubin=("mg/dL", None, 1.2, 1),
        tsh=("uIU/mL", 0.45, 4.5, 2),
        free_t4=("ng/dL", 0.8, 1.7, 2),
    ),
    _si("GP Laboratory North", platelets="10^9/L", urine_blood_dipstick=("1", None, None, 0)),
)
"""The last one reports blood in the urine by dipstick, the others count cells."""

ORDINAL_WORDS = _ORDINAL_WORDS
