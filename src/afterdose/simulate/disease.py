"""The course of MS: relapses, EDSS at visits, yearly MRI with brain volume."""

from dataclasses import dataclass

import numpy as np

from afterdose.simulate.parameters import CALIBRATED, NOT_CALIBRATED
from afterdose.simulate.people import YEAR, Block

_VISIT_YEARS = np.arange(0, 6.76, 0.25)


@dataclass
class Rows:
    """Columns of rows to come: ``person`` is the place inside the block, ``day`` a day number."""

    person: np.ndarray
    day: np.ndarray
    values: dict[str, np.ndarray]

    def within(self, block: Block) -> "Rows":
        """Only rows from before the person left observation, in order."""
        kept = self.day <= block.end[self.person]
        order = np.lexsort((self.day[kept], self.person[kept]))
        return Rows(
            self.person[kept][order],
            self.day[kept][order],
            {name: column[kept][order] for name, column in self.values.items()},
        )


def relapses(block: Block) -> Rows:
    """Background relapses, and for some the one that led to retreatment."""
    rng = block.rng
    rates = np.array(CALIBRATED["relapse_rate"])[block.arm]
    shape = np.array(CALIBRATED["relapse_frailty"])[block.arm]
    counts = rng.poisson(rates * rng.gamma(shape, 1 / shape)[:, None])
    person, year = (
        np.repeat(axis, counts.ravel()) for axis in np.indices(counts.shape).reshape(2, -1)
    )
    day = block.first[person] + ((year + rng.random(len(person))) * YEAR).astype(int)
    cause = np.flatnonzero(block.retreat_reason == "relapse")
    cause_day = block.courses[cause, 2].astype(int) - rng.integers(20, 75, len(cause))
    person, day = np.concatenate([person, cause]), np.concatenate([day, cause_day])
    severity = rng.choice(["mild", "moderate", "severe"], len(day), p=[0.45, 0.45, 0.10])
    values = {
        "end_day": day + rng.integers(12, 60, len(day)),
        "severity": severity,
        "confirmed": rng.random(len(day)) < 0.9,
    }
    return Rows(person, day, values).within(block)


def edss_visits(block: Block) -> Rows:
    """A score every quarter: a lasting step for those who worsen or improve, small noise else."""
    rng, size = block.rng, len(block)
    years = np.broadcast_to(_VISIT_YEARS, (size, len(_VISIT_YEARS)))
    drawn = rng.random(size)
    worsens = np.array(CALIBRATED["worsens_by_year_5"])[block.arm]
    improves = np.array(CALIBRATED["improves_by_year_5"])[block.arm] * (block.edss >= 2)
    # Constant yearly chance of worsening to year 6.75; improvement comes early.
    worsen_year = np.where(drawn < worsens * 6.75 / 5, drawn / worsens * 5, np.inf)
    improve_year = np.where(drawn > 1 - improves, 0.3 + rng.beta(1.2, 2.6, size) * 4.2, np.inf)
    size_up = np.where((block.edss == 0) | (rng.random(size) < 0.5), 1.5, 1.0)
    size_down = np.where((block.edss >= 3) & (rng.random(size) < 0.4), 1.5, 1.0)
    recovers = np.where(
        rng.random(size) < NOT_CALIBRATED["worsening_recovers"],
        worsen_year + rng.uniform(1.0, 2.0, size),
        np.inf,
    )
    score = block.edss[:, None] + np.where(
        (years >= worsen_year[:, None]) & (years < recovers[:, None]), size_up[:, None], 0
    )
    score = score - np.where(years >= improve_year[:, None], size_down[:, None], 0)
    settled = _settled(years, worsen_year) & _settled(years, improve_year)
    noise = rng.choice([-0.5, 0, 0.5], score.shape, p=[0.1, 0.8, 0.1])
    noise[:, 0] = 0
    score = np.clip(score + np.where(settled, noise, 0), 0, 9.5)
    attended = rng.random(score.shape) < 0.95
    attended[:, 0] = True
    day = (
        block.first[:, None] + np.round(years * YEAR).astype(int) + rng.integers(-6, 7, score.shape)
    )
    day[:, 0] = block.first - 7
    person, visit = np.nonzero(attended)
    return Rows(person, day[person, visit], {"value": score[person, visit]}).within(block)


def _settled(years: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Whether a visit is far enough from a lasting step for noise not to undo its confirmation."""
    since = years - step[:, None]
    return (since < 0) | (since > 0.85)


def mri_scans(block: Block) -> Rows:
    """A scan a year; brain volume falls by the published medians, with spread between people."""
    rng, size = block.rng, len(block)
    change = np.array(CALIBRATED["bpf_change"])[block.arm]
    years = change.shape[1]
    drawn = rng.normal(change, NOT_CALIBRATED["bpf_change_sd"])
    bpf = rng.normal(0.82, 0.02, (size, 1)) * np.cumprod(
        np.hstack([np.ones((size, 1)), 1 + drawn / 100]), axis=1
    )
    active = (
        rng.random((size, years)) < np.array(NOT_CALIBRATED["mri_activity"])[block.arm][:, None]
    )
    new_t2 = np.hstack([np.zeros((size, 1), int), active * rng.geometric(0.45, (size, years))])
    enhancing = (new_t2 > 0) & (rng.random((size, years + 1)) < 0.3)
    day = block.first[:, None] + np.round(np.arange(years + 1) * YEAR).astype(int)
    day = day + rng.integers(-14, 15, day.shape)
    day[:, 0] = block.first - 20
    changed = (rng.random((size, 1)) < 0.03) & (np.arange(years + 1) >= 4)
    done = rng.random(day.shape) < 0.96
    done[:, 0] = True
    person, year = np.nonzero(done)
    scans = Rows(
        person,
        day[person, year],
        {
            "bpf": np.round(np.where(changed, bpf * 0.995, bpf)[person, year], 5),
            "new_t2_lesions": new_t2[person, year],
            "gd_lesions": enhancing[person, year].astype(int),
            "scanner": np.where(changed[person, year], "scanner B", "scanner A"),
        },
    )
    return _with_causes(block, scans).within(block)


def _with_causes(block: Block, scans: Rows) -> Rows:
    """Add the unscheduled scan that led to retreatment where MRI activity was the reason."""
    cause = np.flatnonzero(block.retreat_reason == "mri")
    day = block.courses[cause, 2].astype(int) - block.rng.integers(20, 60, len(cause))
    nothing = np.full(len(cause), np.nan)
    extra = {
        "bpf": nothing,
        "new_t2_lesions": block.rng.integers(2, 6, len(cause)),
        "gd_lesions": block.rng.integers(0, 3, len(cause)),
        "scanner": np.full(len(cause), "scanner A"),
    }
    return Rows(
        np.concatenate([scans.person, cause]),
        np.concatenate([scans.day, day]),
        {name: np.concatenate([scans.values[name], extra[name]]) for name in extra},
    )
