"""Answers of many people, year by year, the not assessable kept apart."""

from dataclasses import dataclass, replace

import numpy as np

from afterdose.engines.extension import MET, NO_YEAR, NOT_ASSESSABLE, NOT_MET
from afterdose.stats import Proportion, exact_proportion
from afterdose.study.model import Behind
from afterdose.study.people import Study


@dataclass(frozen=True, slots=True)
class Answers:
    """How many people gave which answer.

    Attributes
    ----------
    met, not_met, unknown : int
    behind : Behind or None
        Asked: those who could be assessed. Counted: those who met it.
    behind_unknown : Behind or None
        Asked: everybody. Counted: those who could not be assessed.
    """

    met: int
    not_met: int
    unknown: int
    behind: Behind | None = None
    behind_unknown: Behind | None = None

    @classmethod
    def of(
        cls, study: Study, codes: np.ndarray, *, outcome: str, year: int | None = None
    ) -> "Answers":
        """From one answer a person.

        Parameters
        ----------
        study : Study
        codes : numpy.ndarray
            int8 (people,): of `afterdose.engines.extension.ANSWERS`; `NO_YEAR` is not counted.
        outcome : str
            A name in `afterdose.study.tracing`.
        year : int, optional
        """
        met, not_met, unknown = (codes == code for code in (MET, NOT_MET, NOT_ASSESSABLE))
        return cls(
            int(met.sum()),
            int(not_met.sum()),
            int(unknown.sum()),
            study.behind(outcome, met | not_met, met, year=year),
            study.behind(outcome, codes != NO_YEAR, unknown, year=year),
        )

    @property
    def asked(self) -> int:
        """Everybody, assessable or not."""
        return self.met + self.not_met + self.unknown

    @property
    def behind_known(self) -> Behind | None:
        """Those who could be assessed, all of them counted."""
        return None if self.behind is None else self.behind.whole()

    @property
    def behind_asked(self) -> Behind | None:
        """Everybody, all of them counted."""
        return None if self.behind_unknown is None else self.behind_unknown.whole()

    @property
    def share(self) -> Proportion:
        """Met, of those who could be assessed."""
        return exact_proportion(self.met, self.met + self.not_met)

    def flipped(self) -> "Answers":
        """Met and not met exchanged."""
        behind = self.behind
        if behind is not None:
            others = np.bitwise_and(behind.asked_bits, ~behind.counted_bits)
            behind = replace(behind, counted_bits=others)
        return Answers(self.not_met, self.met, self.unknown, behind, self.behind_unknown)

    def behind_bound(self, *, all_met: bool) -> Behind | None:
        """Of everybody: counted is who met it, and all the unknown too where ``all_met``."""
        if self.behind is None or self.behind_unknown is None:
            return None
        met = self.behind.counted_bits
        counted = met | self.behind_unknown.counted_bits if all_met else met
        return replace(self.behind_unknown, counted_bits=counted)

    def bounds(self) -> tuple[float, float]:
        """The share of everybody if all the unknown were not met, and if all were met.

        Raises
        ------
        ZeroDivisionError
            Nobody was asked.

        Examples
        --------
        >>> Answers(met=6, not_met=2, unknown=2).bounds()
        (0.6, 0.8)
        """
        return self.met / self.asked, (self.met + self.unknown) / self.asked


def answers_in_year(study: Study, table: np.ndarray, year: int, *, outcome: str) -> Answers:
    """Of the people who began a year under observation.

    Parameters
    ----------
    study : Study
    table : numpy.ndarray
        int8 (people, years): of `afterdose.engines.extension.ANSWERS`.
    year : int
    outcome : str
        A name in `afterdose.study.tracing`.
    """
    return Answers.of(study, table[:, year - 1], outcome=outcome, year=year)


def answers_of_everybody(study: Study, table: np.ndarray, year: int, *, outcome: str) -> Answers:
    """Of everybody whose year was over by the data day; those who had left are unknown."""
    codes = table[:, year - 1]
    codes = np.where(codes == NO_YEAR, NOT_ASSESSABLE, codes)
    is_over = study.columns.followed.years_over >= year
    return Answers.of(study, np.where(is_over, codes, NO_YEAR), outcome=outcome, year=year)
