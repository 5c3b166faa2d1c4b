"""Everybody's outcomes, and what the sections ask of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from afterdose.cohort import Cohort, Record
from afterdose.engines.extension import ExtensionColumns
from afterdose.outcomes.brain_volume import FROM_MONTH_12, VolumeStart
from afterdose.record.errors import UsageError
from afterdose.study.model import Behind

TABLES = ("people", "treatments", "assessments", "relapses", "mri", "events", "follow_up")
"""What the report reads; laboratory results are not among them."""
ENGINES = ("reference", "local")
"""Who fills the columns: the plain code, one person after the other, or the compiled engine."""


@dataclass(frozen=True)
class Study:
    """Everybody's outcomes, and what the sections ask of them.

    Attributes
    ----------
    record : Record
        For saying which table a question lacks.
    columns : ExtensionColumns
        Everybody whose first course had begun by the data day, or a part of them.
    volume_start : VolumeStart
        The re-baseline of brain volume.
    years : int
        Years after the first course that anybody completed under observation; at least one.
    """

    record: Record
    columns: ExtensionColumns
    volume_start: VolumeStart
    years: int

    @property
    def drug(self) -> str:
        return self.columns.drug

    @property
    def as_of(self) -> date:
        return self.columns.as_of

    @property
    def treated(self) -> int:
        return len(self.columns)

    def everybody(self) -> np.ndarray:
        """True for each person."""
        return np.ones(len(self.columns), bool)

    def entered(self, year: int) -> np.ndarray:
        """Who was under observation on the first day of a year; nobody in one nobody saw."""
        if year > self.columns.years:
            return ~self.everybody()
        return self.columns.followed.entered[:, year - 1]

    def seen_in(self, *periods: slice) -> np.ndarray:
        """Who had a day under observation in which years, of some years.

        Parameters
        ----------
        *periods : slice
            Of positions: year 1 is 0.

        Returns
        -------
        numpy.ndarray
            bool (people, years).
        """
        seen = self.columns.followed.days > 0
        found = np.zeros_like(seen)
        for period in periods:
            found[:, period] = seen[:, period]
        return found

    def behind(
        self,
        outcome: str,
        asked: np.ndarray,
        counted: np.ndarray | None = None,
        *,
        year: int | None = None,
        years: np.ndarray | None = None,
    ) -> Behind:
        """Whose rows a number rests on.

        Parameters
        ----------
        outcome : str
            What was asked of each person: a name in `afterdose.study.tracing`.
        asked : numpy.ndarray
            bool (people,): the denominator.
        counted : numpy.ndarray, optional
            bool (people,): the numerator; everybody asked where left out, as in a median.
        year : int, optional
            The year after the first course, where the number is of one.
        years : numpy.ndarray, optional
            bool (people, years): which years of each person, where it is of several, not of all.
        """
        return Behind.of(
            outcome, self.columns.person, asked, asked if counted is None else counted, year, years
        )

    def of(self, group: np.ndarray) -> "Study":
        """The same study of a part of its people; nothing else changes.

        Parameters
        ----------
        group : numpy.ndarray
            bool (people,).
        """
        return replace(self, columns=self.columns.take(group))

    def headline_year(self) -> int:
        """The last year at whose end at least half of those treated were under observation."""
        return self._headline_year

    @cached_property
    def _headline_year(self) -> int:
        completed = self.columns.followed.years_completed
        for year in range(self.years, 1, -1):
            if 2 * np.count_nonzero(completed >= year) >= self.treated:
                return year
        return 1


def collect(
    cohort: Cohort,
    drug: str,
    *,
    as_of: date,
    volume_start: VolumeStart = FROM_MONTH_12,
    engine: str = "reference",
) -> Study:
    """Everybody's outcomes, by the engine asked for: see `build_report`."""
    build = _engine(engine)
    columns = build(cohort, drug=drug, as_of=as_of, volume_start=volume_start)
    return Study(
        record=Record(cohort.frames, cohort.about),
        columns=columns,
        volume_start=volume_start,
        years=max(1, int(columns.followed.years_completed.max(initial=0))),
    )


def _engine(name: str) -> Callable[..., ExtensionColumns]:
    """What fills the columns."""
    if name not in ENGINES:
        raise UsageError(
            f"There is no engine '{name}'. Permitted: {', '.join(ENGINES)}. Name one of these."
        )
    if name == "local":
        # Loading the compiler takes a second, and a record of a clinic never asks it.
        from afterdose.engines.local import build_extension

        return build_extension
    from afterdose.engines.reference import build_extension as build_plainly

    return build_plainly
