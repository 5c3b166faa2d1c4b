"""Answers of many people, year by year, the not assessable kept apart."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from afterdose.record.answers import Answer
from afterdose.stats import Proportion, exact_proportion
from afterdose.study.people import PersonOutcomes, Study

YearlyAnswers: TypeAlias = Callable[[PersonOutcomes], Sequence[Answer]]
"""A person's answers for years 1, 2, ... that the person began under observation."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How many people gave which answer.

    Attributes
    ----------
    met, not_met, unknown : int
    """

    met: int
    not_met: int
    unknown: int

    @classmethod
    def of(cls, answers: Iterable[Answer]) -> "Answers":
        found = Counter(answers)
        return cls(found[Answer.MET], found[Answer.NOT_MET], found[Answer.NOT_ASSESSABLE])

    @property
    def asked(self) -> int:
        """Everybody, assessable or not."""
        return self.met + self.not_met + self.unknown

    @property
    def share(self) -> Proportion:
        """Met, of those who could be assessed."""
        return exact_proportion(self.met, self.met + self.not_met)

    def flipped(self) -> "Answers":
        """Met and not met exchanged."""
        return Answers(self.not_met, self.met, self.unknown)

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


def answers_in_year(
    group: Iterable[PersonOutcomes], get: YearlyAnswers, year: int
) -> Answers:  # fmt: skip
    """Of the people who began a year under observation."""
    found = (get(person) for person in group)
    return Answers.of(answers[year - 1] for answers in found if len(answers) >= year)


def answers_of_everybody(study: Study, get: YearlyAnswers, year: int) -> Answers:
    """Of everybody whose year was over by the data day; those who had left are unknown."""
    found = []
    for person in study.outcomes:
        last_day = person.timeline.year_start(year + 1) - timedelta(days=1)
        if last_day <= study.as_of:
            answers = get(person)
            found.append(answers[year - 1] if len(answers) >= year else Answer.NOT_ASSESSABLE)
    return Answers.of(found)
