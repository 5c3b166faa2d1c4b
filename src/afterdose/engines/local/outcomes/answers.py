"""What the kernels answered, in the words of the plain code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from afterdose.engines.local.days import NONE, day_of
from afterdose.engines.local.definitions import CLASSES, KINDS
from afterdose.engines.local.kernels.disability.observing import (
    A_COURSE,
    A_HIGHER_REFERENCE,
    A_LATE_VISIT,
    A_REFERENCE,
    A_SCORE,
    A_SCORE_BEFORE,
    A_SECOND_SCORE,
    NOTHING,
    THE_FIRST_COURSE,
)
from afterdose.engines.local.outcomes.columns import PackedOutcomes
from afterdose.engines.reference.disability import COLUMNS, DisabilityCounts
from afterdose.outcomes.disability import DisabilityDefinition
from afterdose.outcomes.disability.choices import Class
from afterdose.outcomes.disability.gather import Tally
from afterdose.record.answers import Answer

ANSWERS = (Answer.NOT_MET, Answer.MET, Answer.NOT_ASSESSABLE)
"""Answers by code."""


@dataclass(frozen=True)
class DisabilityEvaluation:
    """Everybody's events by one definition, as columns.

    Attributes
    ----------
    definition : DisabilityDefinition
    packed : PackedOutcomes
    people : numpy.ndarray
        `DISABILITY` records, one a person.
    events : numpy.ndarray
        `EVENT` records by person and onset; they point into the visits of the measure.
    """

    definition: DisabilityDefinition
    packed: PackedOutcomes
    people: np.ndarray
    events: np.ndarray

    def count(self, answer: Answer) -> int:
        """People with this answer; the three counts add up to everybody."""
        return int(np.count_nonzero(self.people["answer"] == ANSWERS.index(answer)))

    def counts(self) -> DisabilityCounts:
        """People by their answer, and events by their class."""
        return counts_of(self.people, self.events)

    def missing(self) -> list[tuple[str, int]]:
        """What was missing in those not assessable, and in how many; the most first."""
        words = missing_words(self.definition)
        codes = self.people["missing"]
        found = Counter(codes[codes != NOTHING].tolist())
        return [(words[code], people) for code, people in found.most_common()]

    def tally(self) -> Tally:
        """What became of every score."""
        return _tally(self, slice(None))

    def tally_of(self, person: int) -> Tally:
        """What became of one person's scores."""
        return _tally(self, slice(person, person + 1))

    def rows(self) -> Iterator[dict[str, Any]]:
        """A row an event, with the columns the reference engine gives."""
        visits = self.packed.visits_of(self.definition.measure)
        first = self.people["first"]
        for event in self.events:
            onset, confirmed = int(visits.day[event["onset"]]), int(event["confirmed"])
            person, until = int(event["person"]), onset if confirmed == NONE else confirmed
            stop = visits.offsets[person + 1]
            between = visits.day[event["onset"] : stop]
            reference = visits.day[event["reference"]]
            days = ", ".join(str(day_of(day)) for day in (reference, *between[between <= until]))
            cells = (
                self.packed.person_ids[person],
                KINDS[event["kind"]].value, CLASSES[event["event_class"]].value,
                day_of(onset), day_of(confirmed), day_of(reference),
                float(event["reference_value"]), float(event["value"]),
                onset - int(first[person]), int(event["holds_until"]) - onset,
                f"{self.definition.id}: assessments of {days}",
            )  # fmt: skip
            yield dict(zip(COLUMNS, cells, strict=True))


def counts_of(people: np.ndarray, events: np.ndarray) -> DisabilityCounts:
    """Counts of some people and their events."""
    answers = np.bincount(people["answer"], minlength=len(ANSWERS))
    classes = np.bincount(events["event_class"], minlength=len(CLASSES))
    by_class = dict(zip(CLASSES, classes.tolist(), strict=True))
    return DisabilityCounts(
        people=len(people),
        not_assessable=int(answers[ANSWERS.index(Answer.NOT_ASSESSABLE)]),
        with_event=int(answers[ANSWERS.index(Answer.MET)]),
        events=len(events),
        attributed=len(events) - by_class[Class.NONE],
        pira=by_class[Class.PIRA] + by_class[Class.PIRMA],
    )


def missing_words(definition: DisabilityDefinition) -> dict[int, str]:
    """What was missing, by code, as the plain code words it."""
    measure = definition.measure
    return {
        NOTHING: "",
        A_COURSE: f"a course of {definition.drug}",
        THE_FIRST_COURSE: "the first course",
        A_SCORE_BEFORE: f"a score of {measure} before the first course",
        A_SCORE: f"a score of {measure}",
        A_SECOND_SCORE: f"a second score of {measure}",
        A_REFERENCE: "a reference visit far enough from relapses",
        A_HIGHER_REFERENCE: f"a reference of at least {definition.reference.lowest:g}",
        A_LATE_VISIT: "a visit late enough to confirm a change",
    }


def _tally(found: DisabilityEvaluation, some: slice) -> Tally:
    visits = found.packed.visits_of(found.definition.measure)
    given, known = int(visits.given[some].sum()), int(visits.known[some].sum())
    one_a_day = int(np.diff(visits.offsets)[some].sum())
    used, before, after = (
        int(found.people[name][some].sum(dtype=np.int64)) for name in ("used", "before", "after")
    )
    assert used + before + after == one_a_day, "every score is used or left out for a reason"
    return Tally(given, used, known - one_a_day, given - known, before, after)
