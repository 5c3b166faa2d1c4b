"""Laboratory results: who was drawn when, and the value each analyte had."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from afterdose.record.analytes import catalogue
from afterdose.simulate.autoimmunity import Onsets
from afterdose.simulate.laboratories import ANALYTES, LABORATORIES, ORDINAL_WORDS
from afterdose.simulate.parameters import NOT_CALIBRATED
from afterdose.simulate.people import YEAR, Block

_MONTH = YEAR / 12
_SCREENING = ("hiv_ag_ab", "hbsag", "anti_hcv", "vzv_igg")


@dataclass
class Draws:
    """Specimens: ``person`` is the place inside the block, ``day`` a day number."""

    person: np.ndarray
    day: np.ndarray
    received: np.ndarray
    laboratory: np.ndarray
    month: np.ndarray
    since_course: np.ndarray
    depletion: np.ndarray


def draw_specimens(block: Block) -> Draws:
    """Monthly draws with lateness and gaps, and one before every course."""
    rng, size = block.rng, len(block)
    poor = rng.random(size) < NOT_CALIBRATED["poor_attender"]
    missed = np.array(NOT_CALIBRATED["missed_draw"])[poor.astype(int)]
    months = np.arange(1, 80)
    late = rng.gamma(0.8, 3.0, (size, len(months)))
    day = np.floor(block.first[:, None] + months * _MONTH - 3 + late).astype(int)
    last_day = np.minimum(block.monitored_until, block.end)
    taken = (day <= last_day[:, None]) & (rng.random(day.shape) > missed[:, None])
    gap_from = np.where(rng.random(size) < 0.08, rng.integers(8, 60, size), 999)[:, None]
    gap_length = rng.integers(3, 9, size)[:, None]
    taken &= ~((months >= gap_from) & (months < gap_from + gap_length))
    person, slot = np.nonzero(taken)
    course_person, course = np.nonzero(~np.isnan(block.courses))
    before = block.courses[course_person, course].astype(int) - rng.integers(
        3, 20, len(course_person)
    )
    done = rng.random(len(before)) < 0.95
    person = np.concatenate([person, course_person[done]])
    day = np.concatenate([day[taken], before[done]])
    # Month 0 carries every test, like every third month.
    month = np.concatenate([months[slot], np.zeros(done.sum(), int)])
    home = rng.integers(0, len(LABORATORIES), size)
    elsewhere = rng.random(len(person)) < 0.12
    laboratory = np.where(elsewhere, rng.integers(0, len(LABORATORIES), len(person)), home[person])
    delay = rng.choice([0, 1, 2, 3, 5, 14], len(person), p=[0.3, 0.4, 0.15, 0.09, 0.04, 0.02])
    return Draws(person, day, day + delay, laboratory, month, *_since_course(block, person, day))


def _since_course(
    block: Block, person: np.ndarray, day: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Days since the last infusion, and how far lymphocytes are depleted (1 none, 0 all)."""
    since = day[:, None] - block.last_infusions[person]
    since = np.where(since >= 0, since, np.nan)
    latest = np.where(np.isnan(since).all(axis=1), np.inf, np.nanmin(_filled(since), axis=1))
    recovery = 1 - 0.92 * np.exp(-latest / 330)
    return latest, np.where(np.isinf(latest), 1.0, recovery)


def _filled(since: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(since), np.inf, since)


def laboratory_rows(block: Block, onsets: Onsets) -> pl.DataFrame:
    """Every result of the block's people, received before the data cut."""
    draws = draw_specimens(block)
    levels = _personal_levels(block)
    parts = [
        _rows_of(block, draws, analyte, kept, _values(block, draws, onsets, levels, analyte))
        for analyte in ANALYTES
        if (kept := _measured(block, draws, onsets, analyte)).any()
    ]
    parts.append(_screening(block))
    frame = pl.concat(parts)
    return frame.filter(pl.col("received_day") <= pl.col("last_day")).drop("last_day")


# Which analytes a specimen has ------------------------------------------------------------------


def _measured(block: Block, draws: Draws, onsets: Onsets, analyte: str) -> np.ndarray:
    rng, size = block.rng, len(draws.person)
    full = draws.month % 3 == 0
    reported = np.array([analyte in laboratory.reports for laboratory in LABORATORIES])
    kept = reported[draws.laboratory]
    if analyte == "platelets":
        kept = kept & (rng.random(size) > 0.008)
    elif analyte == "urine_rbc":
        kept = kept & (draws.laboratory != len(LABORATORIES) - 1)
    elif analyte == "tsh":
        kept = kept & full
    elif analyte == "free_t4":
        away = np.abs(draws.day - onsets.thyroid[draws.person])
        kept = kept & full & (np.nan_to_num(away, nan=9999) < 500)
    if analyte.startswith("urine"):
        kept = kept & (rng.random(size) > 0.05)
    return kept


# Values -----------------------------------------------------------------------------------------


def _personal_levels(block: Block) -> dict[str, np.ndarray]:
    """What each person's value is when nothing happens."""
    rng, size, female = block.rng, len(block), block.female

    def spread(centre: np.ndarray | float, sd: float, low: float, high: float) -> np.ndarray:
        return np.clip(rng.normal(centre, sd, size), low, high)

    return {
        "platelets": spread(245, 42, 185, 350),
        "haemoglobin": spread(np.where(female, 133, 149), 6, 127, 160),
        "neutrophils": spread(4.0, 0.9, 2.9, 6.0),
        "lymphocytes": spread(1.9, 0.4, 1.2, 3.2),
        "creatinine": spread(np.where(female, 63, 79), 7, 50, 88),
        "alt": spread(21, 6, 10, 31),
        "bilirubin": spread(9, 3, 4, 14),
        "tsh": spread(1.7, 0.6, 0.9, 2.9),
        "free_t4": spread(15.5, 1.5, 12.5, 18.5),
    }


def _values(
    block: Block, draws: Draws, onsets: Onsets, levels: dict[str, np.ndarray], analyte: str
) -> np.ndarray:
    """The value every specimen would show for ``analyte``, in the canonical unit."""
    rng, person, day = block.rng, draws.person, draws.day
    size = len(person)

    def noisy(name: str, cv: float) -> np.ndarray:
        return levels[name][person] * np.exp(rng.normal(0, cv, size))

    def since(onset: np.ndarray) -> np.ndarray:
        return np.nan_to_num(day - onset[person], nan=-9999.0)

    dip = np.exp(-draws.since_course / 20)
    liver = _rise(since(onsets.hepatitis), 40, 160)
    drawn = {
        "platelets": lambda: (
            noisy("platelets", 0.07)
            * (1 - 0.38 * dip)
            * (1 - 0.86 * _rise(since(onsets.itp), 32, 110))
        ),
        "haemoglobin": lambda: noisy("haemoglobin", 0.02),
        "neutrophils": lambda: noisy("neutrophils", 0.13) * (1 - 0.25 * dip),
        "leukocytes": lambda: (
            noisy("neutrophils", 0.13) * (1 - 0.25 * dip)
            + levels["lymphocytes"][person] * draws.depletion
            + 0.6
        ),
        "lymphocytes": lambda: noisy("lymphocytes", 0.12) * draws.depletion,
        "creatinine": lambda: (
            noisy("creatinine", 0.045) * (1 + 3.5 * _rise(since(onsets.nephropathy), 45, 300))
        ),
        "alt": lambda: noisy("alt", 0.14) * (1 + 11 * liver),
        "bilirubin": lambda: noisy("bilirubin", 0.16) * (1 + 2.5 * liver),
        "tsh": lambda: _thyroid(block, draws, onsets, noisy("tsh", 0.12), "tsh"),
        "free_t4": lambda: _thyroid(block, draws, onsets, noisy("free_t4", 0.12), "free_t4"),
    }
    if analyte in drawn:
        return drawn[analyte]()
    return _urine(block, draws, since(onsets.nephropathy), analyte)


def _rise(since: np.ndarray, lead: float, lasting: float) -> np.ndarray:
    """0 before, 1 at the onset, back to 0 ``lasting`` days later; begins ``lead`` days earlier."""
    up = np.clip((since + lead) / lead, 0, 1)
    down = np.clip(1 - (since - 30) / lasting, 0, 1)
    return np.where((since > -lead) & (since < lasting + 30), np.minimum(up, down), 0)


def _thyroid(
    block: Block, draws: Draws, onsets: Onsets, usual: np.ndarray, analyte: str
) -> np.ndarray:
    """Abnormal from two months before the diagnosis until treatment has settled it."""
    person = draws.person
    since = np.nan_to_num(draws.day - onsets.thyroid[person], nan=-9999.0)
    ill = (since > -60) & (since < 300)
    over = onsets.is_overactive[person]
    strength = np.exp(block.rng.normal(0, 0.3, len(person)))
    if analyte == "tsh":
        return np.where(ill, np.where(over, 0.02 * strength, 14 * strength), usual)
    return np.where(ill, np.where(over, 34 * strength**0.5, 8 * strength**0.2), usual)


def _urine(block: Block, draws: Draws, since_nephropathy: np.ndarray, analyte: str) -> np.ndarray:
    """Mostly nothing; now and then a chance finding, which somebody repeats before testing ends."""
    rng, size = block.rng, len(since_nephropathy)
    ill = _rise(since_nephropathy, 45, 300) > 0.2
    last_months = draws.day > block.monitored_until[draws.person] - 75
    chance = np.where(last_months, 1.0, rng.random(size))
    if analyte == "urine_rbc":
        ordinary = np.where(chance < 0.015, rng.integers(6, 25, size), rng.integers(0, 4, size))
        return np.where(ill, rng.integers(30, 120, size), ordinary)
    if analyte == "urine_blood_dipstick":
        return np.where(ill, 3.0, np.where(chance < 0.015, 1.0, np.where(chance < 0.06, 0.5, 0.0)))
    return np.where(ill, 2.0, np.where(chance < 0.008, 1.0, np.where(chance < 0.05, 0.5, 0.0)))


# Rows -------------------------------------------------------------------------------------------


def _rows_of(
    block: Block, draws: Draws, analyte: str, kept: np.ndarray, values: np.ndarray
) -> pl.DataFrame:
    """One analyte's rows, each in its laboratory's unit and rounded as that laboratory rounds."""
    parts = []
    for place, laboratory in enumerate(LABORATORIES):
        chosen = kept & (draws.laboratory == place)
        if analyte in laboratory.reports and chosen.any():
            parts.append(_reported(block, draws, analyte, place, chosen, values))
    return pl.concat(parts)


def _reported(
    block: Block, draws: Draws, analyte: str, place: int, chosen: np.ndarray, values: np.ndarray
) -> pl.DataFrame:
    laboratory = LABORATORIES[place]
    unit, low, high, digits = laboratory.reports[analyte]
    scale = float(laboratory.factor_to_canonical(analyte))
    ordinal = catalogue()[analyte].kind == "ordinal"
    written = values[chosen] if ordinal else np.round(values[chosen] / scale, digits)
    person = draws.person[chosen]
    frame = pl.DataFrame(
        {
            "number": block.number[person],
            "specimen_day": draws.day[chosen],
            "received_day": draws.received[chosen],
            "last_day": block.end[person],
            "analyte": np.full(len(person), analyte),
            "value": written * scale,
            "ref_low": np.full(len(person), np.nan if low is None else low * scale),
            "ref_high": np.full(len(person), np.nan if high is None else high * scale),
            "laboratory": np.full(len(person), place),
            "written": written,
        }
    )
    text = (
        pl.col("written").replace_strict(ORDINAL_WORDS, return_dtype=pl.String)
        if ordinal
        else pl.col("written").round(digits).cast(pl.Int64 if digits == 0 else pl.Float64)
        .cast(pl.String)
    )  # fmt: skip
    return frame.with_columns(
        text.alias("original_value"),
        pl.lit(None if ordinal else unit, dtype=pl.String).alias("original_unit"),
    ).drop("written")


def _screening(block: Block) -> pl.DataFrame:
    """Infection screening before the first course."""
    rng, size = block.rng, len(block)
    parts = []
    for analyte in _SCREENING:
        done = rng.random(size) < 0.93
        positive = (rng.random(size) < (0.95 if analyte == "vzv_igg" else 0.0)).astype(float)
        day = block.first - rng.integers(10, 60, size)
        parts.append(
            pl.DataFrame(
                {
                    "number": block.number,
                    "specimen_day": day,
                    "received_day": day + 3,
                    "last_day": block.end,
                    "analyte": np.full(size, analyte),
                    "value": positive,
                    "ref_low": np.full(size, np.nan),
                    "ref_high": np.full(size, np.nan),
                    "laboratory": np.zeros(size, int),
                    "original_value": np.where(positive > 0, "positive", "negative"),
                    "original_unit": pl.Series([None] * size, dtype=pl.String),
                }
            ).filter(pl.Series(done))
        )
    return pl.concat(parts)
