"""The flow of people: who is in the record, and who was still there year by year."""

from collections import Counter

from afterdose.outcomes.definitions import STUDY_YEAR
from afterdose.study.model import Part, Section, Table
from afterdose.study.people import Study
from afterdose.study.words import count, people

_WHY = {
    "death": "died",
    "withdrawn": "withdrew",
    "lost": "lost to follow-up",
    "moved": "moved away",
    "data_cut": "data cut",
    "other": "other",
    None: "not stated",
}


def build(study: Study) -> Section:
    """Everybody in the record, down to those under observation on the data day."""
    study.record.require("treatments", question="the flow of people")
    at_least = {
        number: sum(
            any(course.number >= number for course in person.timeline.courses)
            for person in study.outcomes
        )
        for number in (2, 3)
    }
    steps = [
        ("In the record", study.in_record),
        (f"No course of {study.drug} by the data day", study.untreated),
        ("First course not in the record, so in no statement", study.first_course_unknown),
        ("First course begun: everybody in this report", study.treated),
        ("Second course begun", at_least[2]),
        ("Third or later course begun", at_least[3]),
        ("Died after the first course", sum(p.death is not None for p in study.outcomes)),
        (
            "Under observation on the data day",
            sum(p.timeline.is_observed(study.as_of) for p in study.outcomes),
        ),
    ]
    parts = [
        Part(
            Table(
                "Flow of people",
                ("Step", "People"),
                tuple((words, count(number)) for words, number in steps),
            )
        )
    ]
    if "follow_up" in study.record.frames:
        parts.append(Part(_by_year(study)))
    return Section(
        id="flow",
        title="Flow of people",
        headline=(
            f"{people(study.treated)} of {count(study.in_record)} in the record had begun a first "
            f"course of {study.drug} by the data day."
        ),
        parts=tuple(parts),
        definitions=(STUDY_YEAR,),
    )


def _by_year(study: Study) -> Table:
    """Who entered each year, and why observation ended in it."""
    ended: dict[int, Counter[str]] = {}
    for person in study.outcomes:
        spans = person.timeline.observed
        if (spans and spans[-1][1] < study.as_of) or person.timeline.died_on:
            last = spans[-1][1] if spans else person.timeline.start
            assert last is not None
            why = "died" if person.timeline.died_on == last else _WHY[person.end_reason]
            ended.setdefault(person.timeline.year_of(last), Counter())[why] += 1
    reasons = [why for why in _WHY.values() if any(found[why] for found in ended.values())]
    return Table(
        "People under observation on the first day of each year, and why observation ended in it",
        ("Year", "On its first day", *(f"Ended: {why}" for why in reasons)),
        tuple(
            (
                str(year),
                count(len(study.entering(year))),
                *(count(ended.get(year, Counter())[why]) for why in reasons),
            )
            for year in range(1, study.years + 1)
        ),
    )
