"""One person's record as plain objects: what the plain code reads."""

from dataclasses import dataclass

from afterdose.record.tables import (
    Assessment,
    Event,
    Examination,
    FollowUp,
    Lab,
    Mri,
    Owner,
    Person,
    Relapse,
    Treatment,
)


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded about one person, each table in its own order.

    A history holds every row ever received. Questions take ``as_of`` and look only at what had
    been received by then; see `afterdose.monitoring.known`.

    ``absent`` names the tables the record does not hold at all, which is not the same as a table
    without rows for this person.
    """

    person: Person
    treatments: tuple[Treatment, ...] = ()
    labs: tuple[Lab, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    relapses: tuple[Relapse, ...] = ()
    mri: tuple[Mri, ...] = ()
    events: tuple[Event, ...] = ()
    examinations: tuple[Examination, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    owners: tuple[Owner, ...] = ()
    absent: frozenset[str] = frozenset()
