"""The demo clinic's record: most people on alemtuzumab, some on other drugs. Nobody exists."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from afterdose.cohort import About, Record
from afterdose.cohort.frames import schema_of
from afterdose.record.analytes import catalogue
from afterdose.record.tables import SPECS, TableSpec
from afterdose.simulate import simulate_cohort
from afterdose.simulate.laboratories import LABORATORIES

_OTHERS = (
    ("dimethyl fumarate", 8),
    ("natalizumab", 6),
    ("fingolimod", 4),
    ("rituximab", 2),
)
"""Of every hundred people, how many take another drug; for the last there is no protocol."""
LAST_DAY = date(2020, 6, 30)
"""Three years after most were treated for the first time: nearly all are still monitored."""


def demo_record(people: int, seed: int, *, until: date = LAST_DAY) -> Record:
    """A simulated cohort as it was known on a day, in which some take another drug.

    Parameters
    ----------
    people : int
        At least 20, so that there is somebody for every story.
    seed : int
        The same seed gives the same people.
    until : date
        Nothing later is in it.

    Returns
    -------
    Record
        With every table. The results are those of the simulation; what other drugs ask for beside
        them (JC virus, eyes) is added by fixed rules, and a few findings of the last days, so that
        there is something to act on. Their numbers say nothing about any drug.
    """
    frames = dict(simulate_cohort(people, seed).frames)
    names = frames["people"]["person_id"].to_list()
    drug_of = _switched(names)
    frames["treatments"] = _treatments(frames["treatments"], drug_of)
    begun = {
        person: start
        for person, start in frames["treatments"].select("person_id", "start_date").iter_rows()
        if person in drug_of
    }
    rng = np.random.default_rng([seed, len(names)])
    jcv = [
        row
        for person, start in begun.items()
        if drug_of[person] == "natalizumab"
        for row in _jcv(person, start, until, rng)
    ]
    eyes = [
        {
            "person_id": person,
            "date": start + timedelta(days=95),
            "examination": "eye_examination",
            "result": "normal",
        }
        for person, start in begun.items()
        if drug_of[person] == "fingolimod"
    ]
    frames["labs"] = _with(SPECS["labs"], frames["labs"], jcv)
    frames["examinations"] = _with(SPECS["examinations"], frames["examinations"], eyes)
    frames = known_by(frames, until)
    found = _findings(frames, [name for name in names if name not in drug_of], until)
    frames["labs"] = _with(SPECS["labs"], frames["labs"], found)
    about = About(
        simulated=True,
        title=f"Demo clinic of {people} simulated people",
        made_by=f"afterdose.web.demo, seed {seed}",
        notes="Nobody in this record exists.",
    )
    return Record(frames, about)


def known_by(frames: dict[str, pl.DataFrame], day: date) -> dict[str, pl.DataFrame]:
    """Tables as they stood on a day: later rows are not there, later ends are not known."""
    found = {}
    for table, frame in frames.items():
        for column in ("received_date", "recorded_date", "start_date", "date", "since"):
            if column in frame.columns:
                frame = frame.filter((pl.col(column) <= day).fill_null(value=True))
        if "onset_date" in frame.columns:
            frame = frame.filter(pl.col("onset_date").cast(pl.String) <= day.isoformat())
        ends = [name for name in ("end_date", "death_date") if name in frame.columns]
        is_past = {name: pl.col(name) <= day for name in ends}
        for name in ends:
            beside = {"end_date": "end_reason", "death_date": "death_cause"}[name]
            columns = [name, *([beside] if beside in frame.columns else [])]
            frame = frame.with_columns(
                pl.when(is_past[name]).then(pl.col(column)).alias(column)
                for column in reversed(columns)
            )
        found[table] = frame
    return found


def _findings(
    frames: dict[str, pl.DataFrame], names: list[str], until: date
) -> list[dict[str, object]]:
    """A few results of the last days that somebody has to act on."""
    watched = _still_monitored(frames, names, until)
    stories: tuple[tuple[tuple[str, float, int], ...], ...] = (
        (("platelets", 18, 0), ("platelets", 96, 9)),
        (("platelets", 84, 1), ("platelets", 139, 27)),
        (("creatinine", 171, 1), ("urine_rbc", 22, 1)),
        (("tsh", 0.01, 2), ("free_t4", 38, 2)),
        (("alt", 260, 3), ("bilirubin", 39, 3)),
        (("neutrophils", 0.42, 0),),
        (("tsh", 14.2, 6), ("free_t4", 7.1, 6)),
        (("platelets", 112, 12),),
        (("creatinine", 128, 5),),
        (("urine_rbc", 14, 8),),
    )
    rows = []
    for name, story in zip(watched, stories, strict=False):
        for analyte, value, days in story:
            day = until - timedelta(days=days)
            rows.append(_result(name, analyte, value, day, day, "University Hospital Laboratory"))
    return rows


def _still_monitored(frames: dict[str, pl.DataFrame], names: list[str], until: date) -> list[str]:
    """Those with a course in the last three years and a result in the last six weeks, spread out.

    Their last results are close together, so that what is added stands out by itself.
    """
    treated = frames["treatments"].filter(
        pl.col("start_date").is_between(until - timedelta(days=1000), until - timedelta(days=200))
    )
    seen = frames["labs"].filter(pl.col("specimen_date") > until - timedelta(days=42))
    with_both = set(treated["person_id"]) & set(seen["person_id"])
    return [name for name in names if name in with_both][3::7]


def _switched(names: list[str]) -> dict[str, str]:
    """Who takes what instead of alemtuzumab: by place, so that it is the same every time."""
    drugs = [drug for drug, share in _OTHERS for _ in range(share)]
    places = {name: (place * 37) % 100 for place, name in enumerate(names)}
    return {name: drugs[place] for name, place in places.items() if place < len(drugs)}


def _treatments(rows: pl.DataFrame, drug_of: dict[str, str]) -> pl.DataFrame:
    """One span that goes on, from the day of what would have been the first course."""
    switched = pl.col("person_id").is_in(list(drug_of))
    others = rows.filter(switched).group_by("person_id").agg(pl.col("start_date").min())
    spans = others.with_columns(
        drug=pl.col("person_id").replace_strict(drug_of, return_dtype=pl.String)
    )
    return _with(SPECS["treatments"], rows.filter(~switched), spans.to_dicts())


def _jcv(
    person: str, start: date, until: date, rng: np.random.Generator
) -> list[dict[str, object]]:
    level = float(rng.lognormal(-0.7, 0.6))
    rows = []
    day = start - timedelta(days=10)
    while day < until - timedelta(days=5):
        value = round(level * float(rng.lognormal(0, 0.1)), 2)
        came = day + timedelta(days=4)
        rows.append(_result(person, "jcv_index", value, day, came, LABORATORIES[0].name))
        day += timedelta(days=182 + int(rng.integers(-10, 20)))
    return rows


def _result(
    person: str, analyte: str, value: float, taken: date, came: date, laboratory: str
) -> dict[str, object]:
    """A result in the canonical unit, with that laboratory's own limits where they are in it."""
    unit = catalogue()[analyte].unit
    reports = {one.name: one.reports for one in LABORATORIES}[laboratory]
    written, low, high, _ = reports.get(analyte, ("", None, None, 0))
    return {
        "person_id": person,
        "specimen_date": taken,
        "received_date": came,
        "analyte": analyte,
        "value": value,
        "unit": unit,
        "ref_low": low if written == unit else None,
        "ref_high": high if written == unit else None,
        "status": "final",
        "provider": laboratory,
        "original_value": f"{value:g}",
        "original_unit": unit,
    }


def _with(spec: TableSpec, frame: pl.DataFrame, rows: list[dict[str, object]]) -> pl.DataFrame:
    added = pl.DataFrame(rows, schema=schema_of(spec))
    return pl.concat([frame, added]).sort(*spec.order, maintain_order=True, nulls_last=True)
