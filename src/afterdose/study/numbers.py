"""Numbers with what is behind them, and the cells that show them."""

from math import nan

from afterdose.stats import Mean, Median, Proportion, Rate
from afterdose.study.model import Behind, Cell, Estimate
from afterdose.study.words import count, interval, percent, signed


def count_number(
    number: int, behind: Behind | None, *, label: str = "", unit: str = "people"
) -> Estimate:
    """A plain count."""
    return Estimate(label, None, None, number, nan, nan, unit, behind)


def share_number(label: str, share: Proportion, behind: Behind | None) -> Estimate:
    """A share in percent."""
    return Estimate(
        label, share.numerator, share.denominator,
        100 * share.value, 100 * share.low, 100 * share.high, "%", behind, "exact-proportion",
    )  # fmt: skip


def rate_number(label: str, rate: Rate, behind: Behind | None) -> Estimate:
    """Events over patient-years."""
    unit = "per patient-year" if rate.per_years == 1 else f"per {rate.per_years:g} patient-years"
    return Estimate(
        label, rate.events, round(rate.patient_years, 1), rate.value, rate.low, rate.high, unit,
        behind, "exact-rate",
    )  # fmt: skip


def median_number(
    label: str, median: Median, behind: Behind | None, *, unit: str = "% a year"
) -> Estimate:
    """A median; its denominator is how many values it is of."""
    return Estimate(
        label, None, median.count, median.value, median.low, median.high, unit, behind,
        "rank-median",
    )  # fmt: skip


def years_number(patient_years: float, behind: Behind | None) -> Estimate:
    """Patient-years."""
    return Estimate("", None, None, patient_years, nan, nan, "patient-years", behind)


def mean_number(label: str, mean: Mean, behind: Behind | None, *, unit: str) -> Estimate:
    """A mean; its denominator is how many values it is of."""
    return Estimate(
        label, None, mean.count, mean.value, mean.low, mean.high, unit, behind, "student-mean"
    )  # fmt: skip


def count_cell(number: int, behind: Behind | None, *, unit: str = "people") -> Cell:
    """``1 234``."""
    return Cell(count(number), count_number(number, behind, unit=unit))


def share_cell(share: Proportion, behind: Behind | None) -> Cell:
    """``158 (20.1 %; 17.4 to 23.1)``; the denominator is the row's."""
    return Cell(share_text(share), share_number("", share, behind))


def share_text(share: Proportion) -> str:
    """``158 (20.1 %; 17.4 to 23.1)``."""
    return (
        f"{count(share.numerator)} ({percent(share.value)}; "
        f"{interval(share.low, share.high, scale=100)})"
    )


def rate_cell(rate: Rate, behind: Behind | None, digits: int = 2) -> Cell:
    """``1.23 (0.98 to 1.51)``."""
    text = f"{signed(rate.value, digits)} ({interval(rate.low, rate.high, digits)})"
    return Cell(text, rate_number("", rate, behind))


def years_cell(patient_years: float, behind: Behind | None, digits: int = 1) -> Cell:
    """``1234.5``."""
    return Cell(f"{patient_years:.{digits}f}", years_number(patient_years, behind))


def cells(number: Estimate, *texts: str) -> tuple[Cell, ...]:
    """Several cells that show parts of one number, such as its value and its interval."""
    return tuple(Cell(text, number) for text in texts)
