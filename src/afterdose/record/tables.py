"""The tables of a record: the one specification that everything else derives from.

Each class below is a table; an instance is a row. A field's annotation carries its `Column`, a
field without a default is required. The validator, the documentation, the simulated cohort and
the checks on other stores all read these classes through `SPECS`.

A row is immutable. Nothing in a record is overwritten: a corrected or cancelled result is a new
row with a ``status``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from afterdose.record.columns import (
    Column,
    PersonId,
    RecordedDate,
    Source,
    coded,
    day,
    number,
    partial_day,
    text,
    whole,
    yes_no,
)

RESULT_STATUSES = (
    "unknown",
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
)
"""In the order a result goes through them."""
USABLE_STATUSES = frozenset({"final", "amended", "corrected"})
"""Only these satisfy a check or take part in an alert."""

OWNERS = ("ms_team", "gp", "person")
"""Whose move a protocol may name. A record may name a team of its own as well."""

EVENT_CATEGORIES = (
    "thyroid",
    "itp",
    "nephropathy",
    "hepatitis",
    "cytopenia",
    "haemolytic_anaemia",
    "haemophilia",
    "hlh",
    "infection",
    "pml",
    "malignancy",
    "infusion_reaction",
    "cardiovascular",
    "pregnancy",
    "other_autoimmune",
    "other",
)


class Person(NamedTuple):
    """One person."""

    person_id: PersonId
    sex: Annotated[
        str | None, coded("Sex recorded at birth; empty: not known.", "female", "male", "other")
    ] = None
    birth_date: Annotated[str | None, partial_day("Birth date; a year alone is enough.")] = None
    ms_onset_date: Annotated[str | None, partial_day("First symptom of MS.")] = None
    ms_phenotype: Annotated[
        str | None, coded("Course of the disease.", "cis", "rrms", "spms", "ppms")
    ] = None
    death_date: Annotated[date | None, day("Day of death; empty: not known to have died.")] = None
    death_cause: Annotated[str | None, text("Cause of death as certified or reported.")] = None
    prior_autoimmunity: Annotated[
        str | None,
        coded(
            "Autoimmune disease other than MS before the first course. Empty: never asked, which"
            " is not the same as none.",
            "none",
            "thyroid",
            "other",
            "several",
        ),
    ] = None
    source: Annotated[
        str | None,
        text(
            "Where what is known came from: every file hash and position that added something, in"
            " the order in which they did, `; ` between them."
        ),
    ] = None


class Treatment(NamedTuple):
    """One course, or one span of a continuous drug."""

    person_id: PersonId
    drug: Annotated[str, text("Drug, its generic name in lower case.")]
    start_date: Annotated[date, day("First day: the course's first infusion, or first dose.")]
    course_number: Annotated[
        int | None, whole("1 for the first course of this drug, then 2, 3, ...", low=1, high=99)
    ] = None
    end_date: Annotated[
        date | None,
        day("Last day: the course's last infusion, or last dose. Empty: not recorded or ongoing."),
    ] = None
    dose: Annotated[str | None, text("Dose as prescribed, for example 12 mg x 5.")] = None
    recorded_date: RecordedDate = None
    source: Source = None


class Lab(NamedTuple):
    """One laboratory result, as it stood when it was received."""

    person_id: PersonId
    specimen_date: Annotated[date, day("When it was true: the day the specimen was taken.")]
    received_date: Annotated[date, day("When we knew: the day the result reached us.")]
    analyte: Annotated[str, coded("What was measured: a name from the analyte catalogue.")]
    value: Annotated[
        float | None,
        number(
            "The value in `unit`. Dipsticks: negative 0, trace 0.5, 1+ 1, and so on; presence:"
            " absent 0, present 1. Empty: no value was reported."
        ),
    ] = None
    comparator: Annotated[str | None, coded("The value is only a bound.", "<", "<=", ">", ">=")] = (
        None
    )
    unit: Annotated[str | None, text("The analyte's canonical UCUM unit.")] = None
    ref_low: Annotated[
        float | None, number("This laboratory's own lower limit for this result, in `unit`.")
    ] = None
    ref_high: Annotated[
        float | None, number("This laboratory's own upper limit for this result, in `unit`.")
    ] = None
    status: Annotated[
        str,
        coded(
            "Where the result stands; only final, amended and corrected are used.", *RESULT_STATUSES
        ),
    ] = "final"
    provider: Annotated[str | None, text("The laboratory that reported it.")] = None
    accession: Annotated[
        str | None, text("The laboratory's number of the request or specimen.")
    ] = None
    result_id: Annotated[
        str | None,
        text(
            "The laboratory's identifier of this result; a later row with the same one replaces"
            " it. Empty: provider, accession, analyte and specimen time take its place."
        ),
    ] = None
    specimen_time: Annotated[
        str | None, text("Time of day the specimen was taken, HH:MM:SS local to the laboratory.")
    ] = None
    original_value: Annotated[str | None, text("The value as the laboratory wrote it.")] = None
    original_unit: Annotated[str | None, text("The unit as the laboratory wrote it.")] = None
    original_code: Annotated[str | None, text("The code as the laboratory wrote it.")] = None
    source: Source = None


class Assessment(NamedTuple):
    """One score at one visit."""

    person_id: PersonId
    date: Annotated[date, day("Day of the visit.")]
    measure: Annotated[
        str, coded("What was scored.", "edss", "kfss_*", "t25fw_s", "nhpt_s", "sdmt")
    ]
    value: Annotated[
        float,
        number("The score: EDSS 0 to 10 by 0.5; timed tests in seconds; SDMT correct answers."),
    ]
    recorded_date: RecordedDate = None
    source: Source = None


class Relapse(NamedTuple):
    """One relapse."""

    person_id: PersonId
    onset_date: Annotated[date, day("First day of the relapse.")]
    end_date: Annotated[date | None, day("Last day; empty: not recorded.")] = None
    confirmed: Annotated[bool | None, yes_no("Confirmed by an examiner; empty: not stated.")] = None
    severity: Annotated[str | None, coded("Severity.", "mild", "moderate", "severe")] = None
    recorded_date: RecordedDate = None
    source: Source = None


class Mri(NamedTuple):
    """One scan."""

    person_id: PersonId
    date: Annotated[date, day("Day of the scan.")]
    new_t2_lesions: Annotated[
        int | None, whole("New or enlarging T2 lesions since the scan before.", low=0)
    ] = None
    gd_lesions: Annotated[int | None, whole("Gadolinium-enhancing lesions.", low=0)] = None
    bpf: Annotated[float | None, number("Brain parenchymal fraction.", unit="1", low=0, high=1)] = (
        None
    )
    pbvc_pct: Annotated[
        float | None,
        number(
            "Percentage brain volume change since the scan before; loss is negative.",
            unit="%",
            low=-50,
            high=50,
        ),
    ] = None
    brain_volume_ml: Annotated[
        float | None,
        number(
            "Brain volume by `method`; normalised for head size only where the method says so;"
            " never compared across methods. The limits are policy.",
            unit="mL",
            low=200,
            high=3000,
        ),
    ] = None
    method: Annotated[
        str | None, text("Software and version behind the volume; never mixed in one slope.")
    ] = None
    scanner: Annotated[str | None, text("Scanner, so that a change of scanner can be seen.")] = None
    recorded_date: RecordedDate = None
    source: Source = None


class Event(NamedTuple):
    """One adverse event or diagnosis."""

    person_id: PersonId
    onset_date: Annotated[str, partial_day("When it began.")]
    category: Annotated[str, coded("Family of the event.", *EVENT_CATEGORIES)]
    term: Annotated[str | None, text("The event in the reporter's words.")] = None
    code: Annotated[str | None, text("A dictionary code, with its system: MedDRA:10021097.")] = None
    grade: Annotated[int | None, whole("CTCAE grade.", low=1, high=5)] = None
    serious: Annotated[bool | None, yes_no("Serious by the regulatory definition.")] = None
    outcome: Annotated[
        str | None,
        coded(
            "How it ended.", "recovered", "recovering", "sequelae", "ongoing", "fatal", "unknown"
        ),
    ] = None
    recorded_date: RecordedDate = None
    source: Source = None


class Examination(NamedTuple):
    """One examination or procedure that is neither a laboratory result nor a score."""

    person_id: PersonId
    date: Annotated[date, day("Day it was done.")]
    examination: Annotated[
        str,
        coded(
            "What was done.",
            "ecg",
            "vital_signs",
            "skin_examination",
            "cervical_screening",
            "tuberculosis_screening",
            "eye_examination",
            "echocardiography",
            "vaccination_review",
        ),
    ]
    result: Annotated[str | None, coded("What it showed.", "normal", "abnormal", "unclear")] = None
    recorded_date: RecordedDate = None
    source: Source = None


class FollowUp(NamedTuple):
    """One span under observation."""

    person_id: PersonId
    start_date: Annotated[date, day("First day under observation.")]
    end_date: Annotated[date | None, day("Last day; empty: still under observation.")] = None
    end_reason: Annotated[
        str | None,
        coded("Why it ended.", "death", "withdrawn", "lost", "moved", "data_cut", "other"),
    ] = None
    source: Source = None


class Owner(NamedTuple):
    """One word on who owns a check, from a day on."""

    person_id: PersonId
    check: Annotated[str, text("The check's id, or `all`.")]
    owner: Annotated[str, text("Whose move: ms_team, gp, person, or a named team.")]
    state: Annotated[
        str, coded("An owner counts only once accepted.", "proposed", "accepted", "declined")
    ]
    since: Annotated[date, day("From this day on.")]
    source: Source = None


@dataclass(frozen=True)
class TableSpec:
    """A table of the record: its file name, its row class and its order."""

    name: str
    row: type[Any]
    order: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """``One laboratory result, ...``: what a row is."""
        return (self.row.__doc__ or "").strip()

    @property
    def columns(self) -> dict[str, Column]:
        """Every column in order, with its specification."""
        hints = get_type_hints(self.row, include_extras=True)
        return {name: get_args(hints[name])[1] for name in self.row._fields}

    @property
    def required(self) -> frozenset[str]:
        """The columns that must be present and filled in every row."""
        return frozenset(set(self.row._fields) - set(self.row._field_defaults))


SPECS: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        TableSpec("people", Person, ("person_id",)),
        TableSpec("treatments", Treatment, ("person_id", "start_date")),
        TableSpec("labs", Lab, ("person_id", "specimen_date", "received_date")),
        TableSpec("assessments", Assessment, ("person_id", "date")),
        TableSpec("relapses", Relapse, ("person_id", "onset_date")),
        TableSpec("mri", Mri, ("person_id", "date")),
        TableSpec("events", Event, ("person_id", "onset_date")),
        TableSpec("examinations", Examination, ("person_id", "date")),
        TableSpec("follow_up", FollowUp, ("person_id", "start_date")),
        TableSpec("owners", Owner, ("person_id", "since")),
    )
}
"""Every table by name, in the order the documentation lists them."""
