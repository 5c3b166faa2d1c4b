"""The simulated cohort beside the published figures it is calibrated to."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import resources
from statistics import median
from typing import Any

import numpy as np

from afterdose.cohort import Cohort, Record
from afterdose.outcomes.brain_volume import Volume, evaluate_yearly_volume, volume_scans
from afterdose.outcomes.disability import (
    CARE_MS_CDI,
    CARE_MS_CDW,
    Against,
    edss_visits,
    evaluate_edss_at_year,
    evaluate_first_change,
)
from afterdose.outcomes.relapses import count_relapses, counted_relapses
from afterdose.outcomes.timeline import Timeline, timeline_of
from afterdose.record.answers import Answer
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.simulate.parameters import NOT_CALIBRATED
from afterdose.simulate.people import arm_of

_DATA_UNTIL: date = NOT_CALIBRATED["data_until"]
_CHANGES = {"worsening": CARE_MS_CDW, "improvement": CARE_MS_CDI}


@dataclass(frozen=True)
class Comparison:
    """One published figure and what the simulated cohort shows, resting on so many people."""

    target: dict[str, Any]
    simulated: float
    people: int

    @property
    def is_within(self) -> bool:
        """Whether the simulated figure lies within the stated tolerance."""
        return abs(self.simulated - self.target["value"]) <= self.target["tolerance"]


@dataclass(frozen=True)
class _Member:
    history: History
    timeline: Timeline
    arm: int

    def is_observed_at_end_of(self, year: int) -> bool:
        """Still under observation at the last anniversary of that year."""
        through = self.timeline.observed_through()
        return through is not None and through >= self.timeline.year_start(year + 1)


def targets() -> list[dict[str, Any]]:
    """The published figures, as data."""
    text = resources.files("afterdose.simulate").joinpath("targets.toml").read_text("utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["targets"]
    return found


def compare(record: Record) -> list[Comparison]:
    """Hold a simulated cohort to every published figure used.

    Parameters
    ----------
    record : Record
        A simulated record; the laboratory table is not needed.
    """
    members = [
        _Member(
            history,
            timeline_of(history, "alemtuzumab", as_of=_DATA_UNTIL),
            int(arm_of(np.array([int(history.person.person_id.removeprefix("SIM-")) - 1]))[0]),
        )
        for history in Cohort.of(record).histories()
    ]
    return [
        Comparison(target, *_MEASURES[target["measure"]](_of_arm(members, target), target))
        for target in targets()
    ]


def _of_arm(members: list[_Member], target: dict[str, Any]) -> list[_Member]:
    return [m for m in members if m.arm == target.get("arm", m.arm)]


# Measures: each returns the simulated figure and how many people it rests on ----------------------

_Figure = tuple[float, int]


def _share(met: list[bool]) -> _Figure:
    return 100 * sum(met) / len(met), len(met)


def _third_course_year(member: _Member) -> int | None:
    third = [course.start for course in member.timeline.courses if course.number == 3]
    return member.timeline.year_of(third[0]) if third else None


def _third_course_in_year(members: list[_Member], target: dict[str, Any]) -> _Figure:
    entered = [m for m in members if m.is_observed_at_end_of(2)]
    return _share([_third_course_year(m) == target["year"] for m in entered])


def _no_third_course(members: list[_Member], target: dict[str, Any]) -> _Figure:
    entered = [m for m in members if m.is_observed_at_end_of(2)]
    return _share([(_third_course_year(m) or 99) > target["year"] for m in entered])


def _relapse_rate(members: list[_Member], target: dict[str, Any]) -> _Figure:
    first, last = target["years"]
    relapses, years = 0, 0.0
    for member in members:
        counted = counted_relapses(member.timeline, member.history.relapses)
        for row in count_relapses(member.timeline, counted, years=last):
            if row.year >= first:
                relapses, years = relapses + row.relapses, years + row.patient_years
    return relapses / years, len(members)


def _changed(members: list[_Member], target: dict[str, Any]) -> list[bool]:
    definition = _CHANGES[target["change"]]
    met = []
    for member in members:
        visits = edss_visits(member.timeline, member.history.assessments)
        found = evaluate_first_change(member.timeline, visits, definition)
        if found.answer is not Answer.NOT_ASSESSABLE:
            met.append(
                found.onset is not None
                and found.onset < member.timeline.year_start(target["year"] + 1)
            )
    return met


def _free_of_change(members: list[_Member], target: dict[str, Any]) -> _Figure:
    return _share([not changed for changed in _changed(members, target)])


def _with_change(members: list[_Member], target: dict[str, Any]) -> _Figure:
    return _share(_changed(members, target))


def _edss_stable_or_better(members: list[_Member], target: dict[str, Any]) -> _Figure:
    found = [
        evaluate_edss_at_year(
            m.timeline, edss_visits(m.timeline, m.history.assessments), year=target["year"]
        ).against
        for m in members
    ]
    return _share([a is not Against.WORSE for a in found if a is not Against.NOT_ASSESSABLE])


def _bpf_change(members: list[_Member], target: dict[str, Any]) -> _Figure:
    changes = []
    for member in members:
        scans = volume_scans(member.timeline, member.history.mri, Volume.BPF)
        change = evaluate_yearly_volume(
            member.timeline, scans, year=target["year"], measure=Volume.BPF
        ).change_pct_per_year
        if change is not None:
            changes.append(change)
    return median(changes), len(changes)


def _first_years(members: list[_Member], category: str) -> list[int | None]:
    """Year of each person's first event of a category."""
    found = []
    for member in members:
        days = [
            PartialDate.parse(row.onset_date).earliest()
            for row in member.history.events
            if row.category == category
        ]
        found.append(max(1, member.timeline.year_of(min(days))) if days else None)
    return found


def _events_by_year(members: list[_Member], target: dict[str, Any]) -> _Figure:
    years = _first_years(members, target["category"])
    return _share([year is not None and year <= target["year"] for year in years])


def _peak_year(members: list[_Member], target: dict[str, Any]) -> _Figure:
    years = [year for year in _first_years(members, target["category"]) if year is not None]
    return max(set(years), key=years.count), len(members)


def _infusion_reaction(members: list[_Member], target: dict[str, Any]) -> _Figure:
    met = []
    for member in members:
        starts = [
            course.start for course in member.timeline.courses if course.number == target["course"]
        ]
        reactions = {
            row.onset_date for row in member.history.events if row.category == "infusion_reaction"
        }
        met += [any(str(start).startswith(day) for day in reactions) for start in starts]
    return _share(met)


def _under_observation(members: list[_Member], target: dict[str, Any]) -> _Figure:
    return _share([m.is_observed_at_end_of(target["year"]) for m in members])


def _remained(members: list[_Member], target: dict[str, Any]) -> _Figure:
    entered = [m for m in members if m.is_observed_at_end_of(2)]
    return _share([m.is_observed_at_end_of(target["year"]) for m in entered])


_MEASURES: dict[str, Callable[[list[_Member], dict[str, Any]], _Figure]] = {
    "third_course_in_year": _third_course_in_year,
    "no_third_course": _no_third_course,
    "relapse_rate": _relapse_rate,
    "free_of_confirmed_change": _free_of_change,
    "with_confirmed_change": _with_change,
    "edss_stable_or_better": _edss_stable_or_better,
    "bpf_change": _bpf_change,
    "events_by_year": _events_by_year,
    "peak_year": _peak_year,
    "infusion_reaction": _infusion_reaction,
    "under_observation": _under_observation,
    "remained": _remained,
}
