"""From drawn numbers to the record's tables."""

import numpy as np
import polars as pl

from afterdose.cohort.frames import schema_of
from afterdose.record.analytes import catalogue
from afterdose.record.tables import SPECS
from afterdose.simulate import autoimmunity, disease
from afterdose.simulate.autoimmunity import Onsets
from afterdose.simulate.disease import Rows
from afterdose.simulate.laboratories import LABORATORIES
from afterdose.simulate.parameters import NOT_CALIBRATED
from afterdose.simulate.people import YEAR, Block
from afterdose.simulate.results import laboratory_rows

_CAUSES = ("Infection", "Accident", "Cardiovascular", "Not known")


def person_ids(numbers: np.ndarray | pl.Series) -> pl.Series:
    """``SIM-000001`` and on: every row of a simulated record says what it is."""
    counted = pl.Series("person_id", numbers) + 1
    return (
        pl.select(pl.lit("SIM-") + counted.cast(pl.String).str.zfill(6))
        .to_series()
        .alias("person_id")
    )


def people(block: Block) -> pl.DataFrame:
    """The table of people; some know only the year or month of what is asked."""
    rng, size = block.rng, len(block)
    prior = NOT_CALIBRATED["prior_autoimmunity"]
    never_asked = 1 - sum(prior.values())
    answers = rng.choice([*prior, ""], size, p=[*prior.values(), never_asked])
    birth = _dates(block.first - (block.age * YEAR).astype(int))
    duration = np.where(block.arm == 0, rng.uniform(0.3, 5, size), rng.uniform(0.5, 10, size))
    onset = _dates(block.first - (duration * YEAR).astype(int))
    died = block.end_reason == "death"
    return _table(
        "people",
        block,
        np.arange(size),
        sex=pl.Series(np.where(block.female, "female", "male")),
        birth_date=_partial(birth, rng.random(size), year_only=0.1, day_known=0.6),
        ms_onset_date=_partial(onset, rng.random(size), year_only=0.3, day_known=0.0),
        ms_phenotype=pl.Series(["rrms"] * size),
        death_date=pl.Series(np.where(died, block.end, -1))
        .replace(-1, None)
        .cast(pl.Int32)
        .cast(pl.Date),
        death_cause=pl.Series(np.where(died, rng.choice(_CAUSES, size), "")).replace("", None),
        prior_autoimmunity=pl.Series(answers).replace("", None),
    )


def treatments(block: Block) -> pl.DataFrame:
    """Five days of the first course, three of the others."""
    person, course = np.nonzero(~np.isnan(block.courses))
    return _table(
        "treatments",
        block,
        person,
        drug=pl.Series(["alemtuzumab"] * len(person)),
        start_date=_dates(block.courses[person, course]),
        course_number=pl.Series(course + 1),
        end_date=_dates(block.last_infusions[person, course]),
        dose=pl.Series(np.where(course == 0, "12 mg x 5", "12 mg x 3")),
    )


def labs(block: Block, onsets: Onsets) -> pl.DataFrame:
    """Results with statuses: some preliminary first, some corrected or cancelled later."""
    frame = laboratory_rows(block, onsets)
    rng = block.rng
    units = {name: analyte.unit for name, analyte in catalogue().items()}
    names = {place: laboratory.name for place, laboratory in enumerate(LABORATORIES)}
    frame = frame.with_columns(
        person_ids(frame["number"]),
        pl.col("specimen_day").cast(pl.Int32).cast(pl.Date).alias("specimen_date"),
        pl.col("received_day").cast(pl.Int32).cast(pl.Date).alias("received_date"),
        pl.col("analyte").replace_strict(units, return_dtype=pl.String).alias("unit"),
        pl.col("laboratory").replace_strict(names, return_dtype=pl.String).alias("provider"),
        pl.col("ref_low").fill_nan(None),
        pl.col("ref_high").fill_nan(None),
        pl.lit("final").alias("status"),
        pl.format("{}-{}-{}", pl.col("laboratory"), pl.col("number"), pl.col("specimen_day")).alias(
            "accession"
        ),
        pl.lit(None, dtype=pl.String).alias("comparator"),
    )
    frame = _below_detection(frame)
    return _conform("labs", _with_versions(frame, rng.random(frame.height)))


def _below_detection(frame: pl.DataFrame) -> pl.DataFrame:
    """A very low TSH is reported as ``<0.01``."""
    low = (pl.col("analyte") == "tsh") & (pl.col("value") < 0.015)
    return frame.with_columns(
        pl.when(low).then(0.01).otherwise("value").alias("value"),
        pl.when(low).then(pl.lit("<")).otherwise("comparator").alias("comparator"),
        pl.when(low).then(pl.lit("<0.01")).otherwise("original_value").alias("original_value"),
    )


def _with_versions(frame: pl.DataFrame, chance: np.ndarray) -> pl.DataFrame:
    """Preliminary rows before their final, corrections after, and results cancelled."""
    drawn = pl.Series(chance)
    preliminary = frame.filter(
        (drawn < 0.006) & (frame["received_date"] > frame["specimen_date"])
    ).with_columns(
        pl.lit("preliminary").alias("status"), pl.col("specimen_date").alias("received_date")
    )
    later = (pl.col("received_date") + pl.duration(days=2)).alias("received_date")
    room = frame["received_day"] + 2 <= frame["number"].len() * 0 + _last_received(frame)
    corrected = frame.filter((drawn > 0.998) & room).with_columns(
        pl.lit("corrected").alias("status"), later
    )
    cancelled = frame.filter((drawn > 0.9965) & (drawn <= 0.998) & room).with_columns(
        pl.lit("cancelled").alias("status"),
        later,
        *(
            pl.lit(None, dtype=frame[name].dtype).alias(name)
            for name in ("value", "unit", "comparator", "original_value", "original_unit")
        ),
    )
    return pl.concat([frame, preliminary, corrected, cancelled])


def _last_received(frame: pl.DataFrame) -> int:
    return int(frame["received_day"].max())  # type: ignore[arg-type]


def assessments(block: Block) -> pl.DataFrame:
    """EDSS at visits."""
    rows = disease.edss_visits(block)
    return _table(
        "assessments",
        block,
        rows.person,
        date=_dates(rows.day),
        measure=pl.Series(["edss"] * len(rows.day)),
        value=pl.Series(rows.values["value"]),
    )


def relapses(block: Block) -> pl.DataFrame:
    """Relapses with severity."""
    rows = disease.relapses(block)
    return _table(
        "relapses",
        block,
        rows.person,
        onset_date=_dates(rows.day),
        end_date=_dates(rows.values["end_day"]),
        confirmed=pl.Series(rows.values["confirmed"]),
        severity=pl.Series(rows.values["severity"]),
        recorded_date=_dates(np.minimum(rows.day + 6, block.end[rows.person])),
    )


def mri(block: Block) -> pl.DataFrame:
    """Scans."""
    rows = disease.mri_scans(block)
    return _table(
        "mri",
        block,
        rows.person,
        date=_dates(rows.day),
        new_t2_lesions=pl.Series(rows.values["new_t2_lesions"]),
        gd_lesions=pl.Series(rows.values["gd_lesions"]),
        bpf=pl.Series(rows.values["bpf"]).fill_nan(None),
        method=pl.Series(["BPF, simulated"] * len(rows.day)),
        scanner=pl.Series(rows.values["scanner"]),
    )


def events(block: Block, onsets: Onsets) -> pl.DataFrame:
    """Adverse events; some onsets are known to the month only."""
    rows = autoimmunity.events(block, onsets)
    known = block.rng.random(len(rows.day))
    last = block.end[rows.person]
    return _table(
        "events",
        block,
        rows.person,
        onset_date=_partial(_dates(rows.day), known, year_only=0.0, day_known=0.7),
        category=pl.Series(rows.values["category"]),
        term=pl.Series(rows.values["term"]),
        grade=pl.Series(rows.values["grade"]),
        serious=pl.Series(rows.values["serious"]),
        outcome=pl.Series(["unknown"] * len(rows.day)),
        recorded_date=_dates(np.minimum(rows.day + rows.values["delay"], last)),
    )


def examinations(block: Block) -> pl.DataFrame:
    """ECG and vital signs before courses; yearly skin examination and cervical screening."""
    rng = block.rng
    person, course = np.nonzero(~np.isnan(block.courses))
    before = block.courses[person, course].astype(int) - rng.integers(1, 15, len(person))
    parts = [
        (person, before, kind, rng.random(len(person)) < share)
        for kind, share in (("ecg", 0.9), ("vital_signs", 0.97))
    ]
    years = np.arange(1, 6)
    yearly = block.first[:, None] + np.round(years * YEAR).astype(int)
    yearly = yearly + rng.integers(-25, 50, yearly.shape)
    for kind, share, concerns in (
        ("skin_examination", 0.75, np.ones(len(block), bool)),
        ("cervical_screening", 0.7, block.female),
    ):
        done = (rng.random(yearly.shape) < share) & concerns[:, None]
        done &= yearly <= np.minimum(block.end, block.monitored_until)[:, None]
        rows, columns = np.nonzero(done)
        parts.append((rows, yearly[rows, columns], kind, np.ones(len(rows), bool)))
    return pl.concat(
        [
            _table(
                "examinations",
                block,
                who[kept],
                date=_dates(day[kept]),
                examination=pl.Series([kind] * int(kept.sum()), dtype=pl.String),
            )
            for who, day, kind, kept in parts
        ]
    )


def follow_up(block: Block) -> pl.DataFrame:
    """One span of observation a person."""
    return _table(
        "follow_up",
        block,
        np.arange(len(block)),
        start_date=_dates(block.first - 20),
        end_date=_dates(block.end),
        end_reason=pl.Series(block.end_reason),
    )


def owners(block: Block) -> pl.DataFrame:
    """Who owns the tests: accepted, proposed, declined, or nobody was asked."""
    rng, size = block.rng, len(block)
    state = rng.choice(["accepted", "proposed", "declined", ""], size, p=[0.8, 0.08, 0.04, 0.08])
    owner = rng.choice(["gp", "ms_team", "person"], size, p=[0.55, 0.4, 0.05])
    asked = np.flatnonzero(state != "")
    return _table(
        "owners",
        block,
        asked,
        check=pl.Series(["all"] * len(asked)),
        owner=pl.Series(owner[asked]),
        state=pl.Series(state[asked]),
        since=_dates(block.first[asked]),
    )


# Columns ----------------------------------------------------------------------------------------


def _dates(days: np.ndarray) -> pl.Series:
    return pl.Series(np.asarray(days).astype(np.int32)).cast(pl.Date)


def _partial(
    dates: pl.Series, chance: np.ndarray, *, year_only: float, day_known: float
) -> pl.Series:
    """Dates as text: some to the day, some to the month, some to the year."""
    text = dates.cast(pl.String)
    length = np.where(chance < year_only, 4, np.where(chance > 1 - day_known, 10, 7))
    return pl.select(text.str.slice(0, pl.Series(length))).to_series()


def _table(table: str, block: Block, person: np.ndarray, **columns: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"person_id": person_ids(block.number[person]), **columns})
    return _conform(table, frame)


def _conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Every column of the specification in its type, empty where nothing was drawn."""
    return frame.select(
        (
            pl.col(name).cast(dtype)
            if name in frame.columns
            else pl.lit(None, dtype=dtype).alias(name)
        )
        for name, dtype in schema_of(SPECS[table]).items()
    )


__all__ = ["Rows", "person_ids"]
