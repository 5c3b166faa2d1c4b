"""Adverse events: autoimmune disease with its onset curve, infections, infusion reactions."""

from dataclasses import dataclass

import numpy as np

from afterdose.simulate.disease import Rows
from afterdose.simulate.parameters import CALIBRATED
from afterdose.simulate.people import YEAR, Block

_THYROID = (
    ("Graves disease", 0.43),
    ("Hashimoto thyroiditis", 0.17),
    ("Transient thyroiditis", 0.11),
    ("Thyroid disease, type uncertain", 0.29),
)


@dataclass
class Onsets:
    """Day each autoimmune disease began, NaN for the many it spared."""

    thyroid: np.ndarray
    thyroid_term: np.ndarray
    itp: np.ndarray
    nephropathy: np.ndarray
    hepatitis: np.ndarray

    @property
    def is_overactive(self) -> np.ndarray:
        """Whether the thyroid disease begins with a low TSH."""
        return np.isin(self.thyroid_term, ["Graves disease", "Transient thyroiditis"])


def draw_onsets(block: Block) -> Onsets:
    """When autoimmune disease begins; what would begin after observation ends never shows."""
    rng, size = block.rng, len(block)
    by_year = np.cumsum(CALIBRATED["thyroid_in_year"])
    year = (rng.random((size, 1)) > by_year).sum(axis=1)
    thyroid = block.first + (year + rng.random(size)) * YEAR
    thyroid = np.where(year < len(by_year), np.floor(thyroid), np.nan)
    terms, weights = zip(*_THYROID, strict=True)

    def rare(chance: float, median_years: float) -> np.ndarray:
        years = median_years * rng.lognormal(0, 0.45, size)
        day = np.floor(block.first + np.clip(years, 0.3, 6) * YEAR)
        return np.where(rng.random(size) < chance, day, np.nan)

    return Onsets(
        thyroid=thyroid,
        thyroid_term=rng.choice(terms, size, p=weights),
        itp=rare(CALIBRATED["itp"], 24.5 / 12),
        nephropathy=rare(CALIBRATED["nephropathy"], 2.2),
        hepatitis=rare(0.003, 1.8),
    )


def events(block: Block, onsets: Onsets) -> Rows:
    """Every event as a row: autoimmune diseases, infections, infusion reactions, malignancy."""
    parts = [
        _diagnosed(block, onsets.thyroid, "thyroid", onsets.thyroid_term, serious=0.11),
        _diagnosed(block, onsets.itp, "itp", "Immune thrombocytopenia", serious=0.8),
        _diagnosed(block, onsets.nephropathy, "nephropathy", "Anti-GBM disease", serious=1.0),
        _diagnosed(block, onsets.hepatitis, "hepatitis", "Autoimmune hepatitis", serious=0.7),
        _infections(block),
        _infusion_reactions(block),
        _malignancies(block),
    ]
    names = parts[0].values
    return Rows(
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.day for part in parts]),
        {name: np.concatenate([part.values[name] for part in parts]) for name in names},
    ).within(block)


def _rows(
    block: Block, person: np.ndarray, day: np.ndarray, category: str, term: object, serious: float
) -> Rows:
    size = len(person)
    is_serious = block.rng.random(size) < serious
    return Rows(
        person,
        day.astype(int),
        {
            "category": np.full(size, category, dtype="U20"),
            "term": np.broadcast_to(np.asarray(term, dtype="U40"), (size,)),
            "serious": is_serious,
            "grade": np.where(is_serious, 3, block.rng.integers(1, 3, size)),
            "delay": block.rng.integers(5, 45, size),
        },
    )


def _diagnosed(
    block: Block, onset: np.ndarray, category: str, term: object, serious: float
) -> Rows:
    person = np.flatnonzero(~np.isnan(onset))
    terms = term[person] if isinstance(term, np.ndarray) else term
    return _rows(block, person, onset[person], category, terms, serious)


def _infections(block: Block) -> Rows:
    rng = block.rng
    counts = rng.poisson(CALIBRATED["infections_in_2_years"] / 2, (len(block), 7))
    person, year = (
        np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1)
    )
    day = block.first[person] + (year + rng.random(len(person))) * YEAR
    term = rng.choice(
        ["Upper respiratory infection", "Urinary infection", "Oral herpes", "Pneumonia"],
        len(person),
        p=[0.55, 0.25, 0.15, 0.05],
    )
    return _rows(block, person, day, "infection", term, 0.012)


def _infusion_reactions(block: Block) -> Rows:
    chance = np.array(CALIBRATED["infusion_reaction"])
    happens = (block.rng.random(block.courses.shape) < chance) & ~np.isnan(block.courses)
    person, course = np.nonzero(happens)
    day = block.courses[person, course]
    return _rows(block, person, day, "infusion_reaction", "Infusion-associated reaction", 0.03)


def _malignancies(block: Block) -> Rows:
    person = np.flatnonzero(block.rng.random(len(block)) < 0.008)
    day = block.first[person] + block.rng.uniform(0.8, 6, len(person)) * YEAR
    return _rows(block, person, day, "malignancy", "Malignant melanoma", 1.0)
