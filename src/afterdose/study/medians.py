"""Medians of many people, with those who have no value kept apart."""

from dataclasses import dataclass

import numpy as np

from afterdose.stats import Median, compute_median
from afterdose.study.model import Behind, Cell, Estimate
from afterdose.study.numbers import cells, count_cell, median_number
from afterdose.study.people import Study
from afterdose.study.words import interval, signed


@dataclass(frozen=True, slots=True)
class PeopleMedian:
    """The median of those who have a value.

    Attributes
    ----------
    median : Median
    unknown : int
        People who were asked and have no value.
    behind : Behind
        Asked: everybody. Counted: those who have a value.
    behind_median, behind_unknown : Behind
        Asked and counted: those who have a value; asked: everybody, counted: those who have none.
    """

    median: Median
    unknown: int
    behind: Behind
    behind_median: Behind
    behind_unknown: Behind

    @classmethod
    def of(
        cls,
        study: Study,
        values: np.ndarray,
        asked: np.ndarray,
        *,
        outcome: str,
        year: int | None = None,
    ) -> "PeopleMedian":
        """From one value a person.

        Parameters
        ----------
        study : Study
        values : numpy.ndarray
            float64 (people,): not a number where a person has none.
        asked : numpy.ndarray
            bool (people,): nobody else is looked at.
        outcome : str
            A name in `afterdose.study.tracing`.
        year : int, optional
        """
        has_value = asked & ~np.isnan(values)
        found = compute_median(values[has_value])
        return cls(
            found,
            int(np.count_nonzero(asked)) - found.count,
            study.behind(outcome, asked, has_value, year=year),
            study.behind(outcome, has_value, year=year),
            study.behind(outcome, asked, asked & ~has_value, year=year),
        )

    def number(self, label: str = "", *, unit: str = "% a year") -> Estimate:
        """The median under a name."""
        return median_number(label, self.median, self.behind_median, unit=unit)

    def people(self) -> Cell:
        """How many have a value."""
        return count_cell(self.median.count, self.behind)

    def without(self) -> Cell:
        """How many have none."""
        return count_cell(self.unknown, self.behind_unknown)

    def row(self, *, unit: str = "% a year") -> tuple[Cell, ...]:
        """People, median, interval and middle half."""
        median = self.median
        return (
            self.people(),
            *cells(
                self.number(unit=unit),
                signed(median.value, 2),
                interval(median.low, median.high, 2),
                interval(median.lower_quartile, median.upper_quartile, 2),
            ),
        )


def median_in_year(
    study: Study, table: np.ndarray, year: int, *, outcome: str, group: np.ndarray | None = None
) -> PeopleMedian:
    """Of the people who were seen in a year, or of a part of them.

    Parameters
    ----------
    study : Study
    table : numpy.ndarray
        float64 (people, years): not a number where a person has no value.
    year : int
    outcome : str
        A name in `afterdose.study.tracing`.
    group : numpy.ndarray, optional
        bool (people,).
    """
    seen = study.columns.followed.years_seen >= year
    return PeopleMedian.of(
        study,
        table[:, year - 1],
        seen if group is None else seen & group,
        outcome=outcome,
        year=year,
    )
