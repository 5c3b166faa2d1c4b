"""Courses given: in each year, and how many a person had received when a year began."""

from dataclasses import dataclass

from afterdose.outcomes.answers import Because
from afterdose.outcomes.definitions import Definition
from afterdose.outcomes.timeline import Timeline
from afterdose.record.courses import Course

COURSES_GIVEN = Definition(
    id="courses-given",
    title="Courses given",
    words=(
        "Courses of the drug that began in the year, on a day under observation, of which the "
        "first course is one. A course dated before the first one contradicts its own number and "
        "is passed over; two rows that begin on the same day are one course."
    ),
    source="policy",
)
COURSES_BY_YEAR = Definition(
    id="courses-by-year",
    title="Courses received by the start of a year",
    words=(
        "The highest number among the courses begun before the first day of the year; a course on "
        "that very day belongs to the year. A person moves from one stratum to the next only when "
        "a year begins, and is never placed by what came later: whoever is to receive a third "
        "course has to live and stay long enough for it, and counting that time as time after "
        "three courses would flatter them. In year 1 everybody counts as having one."
    ),
    source="policy",
)
MOST_COURSES = 4
"""Strata by courses end with this many or more."""


@dataclass(frozen=True, slots=True)
class CoursesInYear:
    """One person's courses in one year.

    Attributes
    ----------
    year : int
    received : int
        Highest course number begun before the year, at least 1.
    begun : tuple of int
        Numbers of the courses begun in the year on a day under observation.
    because : Because
    """

    year: int
    received: int
    begun: tuple[int, ...]
    because: Because


def count_courses(timeline: Timeline, *, years: int) -> tuple[CoursesInYear, ...]:
    """Courses in years 1 to ``years``.

    Parameters
    ----------
    timeline : Timeline
        With a first course.
    years : int
    """
    courses = _by_year(timeline)
    received, found = 1, []
    for year in range(1, years + 1):
        begun = courses.get(year, [])
        seen = [course for course in begun if timeline.is_observed(course.start)]
        found.append(
            CoursesInYear(
                year=year,
                received=received,
                begun=tuple(course.number for course in seen),
                because=Because(COURSES_GIVEN.id, rows=tuple(course.row for course in seen)),
            )
        )
        received = max([received, *(course.number for course in begun)])
    return tuple(found)


def courses_in_words(received: int) -> str:
    """``1``, ``2``, ``3`` or ``4 or more``: the strata by courses received."""
    return f"{MOST_COURSES} or more" if received >= MOST_COURSES else str(received)


def _by_year(timeline: Timeline) -> dict[int, list[Course]]:
    assert timeline.start is not None
    one_a_day = {course.start: course for course in timeline.courses}
    found: dict[int, list[Course]] = {}
    for day, course in one_a_day.items():
        if day >= timeline.start:
            found.setdefault(timeline.year_of(day), []).append(course)
    return found
