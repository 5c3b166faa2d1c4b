"""Who is in the simulated cohort: people, courses, how long they were followed."""

from dataclasses import dataclass

import numpy as np

from afterdose.simulate.parameters import CALIBRATED, NOT_CALIBRATED, day_number

BLOCK = 128
"""People drawn together. A person's rows depend on the seed and on the person's number alone."""

YEAR = 365.25


@dataclass
class Block:
    """Some people and everything later steps need to know about them.

    Days are numbers since 1 January 1970. Arrays have one entry per person; courses have
    shape ``(people, 4)`` with NaN for courses not given.

    Attributes
    ----------
    number : ndarray of int
        The person's number, from 0.
    arm : ndarray of int
        0 is shaped like CARE-MS I, 1 like CARE-MS II.
    female : ndarray of bool
    age : ndarray of float
        At the first course.
    first : ndarray of int
        First day of the first course.
    end : ndarray of int
        Last day under observation.
    end_reason : ndarray of str
    courses : ndarray of float
        First day of each course.
    retreat_reason : ndarray of str
        Why the third course was given: ``relapse``, ``mri`` or empty.
    edss : ndarray of float
        At baseline.
    """

    rng: np.random.Generator
    number: np.ndarray
    arm: np.ndarray
    female: np.ndarray
    age: np.ndarray
    first: np.ndarray
    end: np.ndarray
    end_reason: np.ndarray
    courses: np.ndarray
    retreat_reason: np.ndarray
    edss: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    @property
    def last_infusions(self) -> np.ndarray:
        """Last day of each course: 5 days for the first, 3 for the others."""
        return self.courses + np.array([4, 2, 2, 2])

    @property
    def monitored_until(self) -> np.ndarray:
        """48 months after the last infusion of the last course."""
        return np.nanmax(self.last_infusions, axis=1) + 4 * YEAR


def draw_block(seed: int, index: int) -> Block:
    """The people of block ``index`` under ``seed``."""
    rng = np.random.default_rng([seed, index])
    number = np.arange(index * BLOCK, (index + 1) * BLOCK)
    arm = arm_of(number)
    fixed = NOT_CALIBRATED
    first = day_number(fixed["first_course_from"]) + rng.integers(
        0, fixed["first_course_days"], BLOCK
    )
    end, reason = _end_of_follow_up(rng, arm, first)
    courses, why = _courses(rng, arm, first, end)
    return Block(
        rng=rng,
        number=number,
        arm=arm,
        female=rng.random(BLOCK) < fixed["female"],
        age=np.clip(rng.normal(fixed["age_mean"], fixed["age_sd"], BLOCK), 18, 50),
        first=first,
        end=end,
        end_reason=reason,
        courses=courses,
        retreat_reason=why,
        edss=_baseline_edss(rng, arm),
    )


def arm_of(number: np.ndarray) -> np.ndarray:
    """Spread so that any stretch of people holds the two arms in the trials' proportion."""
    first, second = CALIBRATED["arm_sizes"]
    total = first + second
    return 1 - ((number + 1) * first // total - number * first // total)


def _end_of_follow_up(
    rng: np.random.Generator, arm: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Data cut, loss to follow-up or death, whichever comes first."""
    size = len(arm)
    end = np.full(size, day_number(NOT_CALIBRATED["data_until"]))
    reason = np.full(size, "data_cut", dtype="U9")
    early = rng.random(size) < np.array(CALIBRATED["leaves_before_year_2"])[arm]
    early_day = first + (rng.uniform(0.6, 1.98, size) * YEAR).astype(int)
    rate = np.array(CALIBRATED["leaves_per_year_later"])[arm]
    late_day = first + ((2 + rng.exponential(1 / rate)) * YEAR).astype(int)
    leaves = np.where(early, early_day, late_day)
    why = rng.choice(["withdrawn", "lost", "moved"], size, p=[0.5, 0.3, 0.2])
    dies = first + (rng.exponential(1 / NOT_CALIBRATED["death_per_year"], size) * YEAR).astype(int)
    for day, cause in ((leaves, why), (dies, np.full(size, "death"))):
        sooner = day < end
        end, reason = np.where(sooner, day, end), np.where(sooner, cause, reason)
    return end, reason


def _courses(
    rng: np.random.Generator, arm: np.ndarray, first: np.ndarray, end: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    size = len(arm)
    courses = np.full((size, 4), np.nan)
    courses[:, 0] = first
    courses[:, 1] = first + 365 + rng.integers(-5, 20, size)
    chance = np.array(CALIBRATED["third_course"])[arm]
    year = (rng.random((size, 1)) > np.cumsum(chance, axis=1)).sum(axis=1)
    third = first + ((2 + year + rng.uniform(0.08, 0.98, size)) * YEAR).astype(int)
    courses[:, 2] = np.where(year < chance.shape[1], third, np.nan)
    wait = 1.05 + rng.exponential(1 / NOT_CALIBRATED["fourth_course_per_year"], size)
    courses[:, 3] = np.floor(courses[:, 2] + wait * YEAR)
    # A course is given whole or not at all: it ends at least a week before the person is gone.
    courses = np.where(courses + 7 <= end[:, None], courses, np.nan)
    relapse = rng.random(size) < NOT_CALIBRATED["retreated_for_relapse"]
    reason = np.where(np.isnan(courses[:, 2]), "", np.where(relapse, "relapse", "mri"))
    return courses, reason


def _baseline_edss(rng: np.random.Generator, arm: np.ndarray) -> np.ndarray:
    """Half points, up to 3.0 in the first arm and 5.0 in the second, the trials' entry criteria."""
    centre, spread, highest = np.array([2.0, 2.7])[arm], 1.0, np.array([3.0, 5.0])[arm]
    drawn = np.clip(rng.normal(centre, spread), 0, highest)
    return np.round(drawn * 2) / 2
