"""The normaliser over a batch: every distinct writing and pair of times once, then columns."""

from datetime import UTC, date, datetime
from typing import NamedTuple, cast

import polars as pl

from afterdose.cohort.frames import schema_of
from afterdose.ingest.batch import Batch
from afterdose.ingest.normalise import (
    RECEIPT,
    SPECIMEN_TIME,
    Meaning,
    Refusal,
    SetAside,
    meaning_of,
    provider_of,
)
from afterdose.ingest.rows import Writing
from afterdose.ingest.times import parse_time
from afterdose.record.tables import SPECS

_LABS = schema_of(SPECS["labs"])
_REFUSAL = {"turn": pl.Int8, "reason": pl.String, "seen": pl.String}


class Normalised(NamedTuple):
    """What became of a batch: rows for the table of results, and rows set aside."""

    labs: pl.DataFrame
    set_aside: list[SetAside]


Understood = dict[Writing, Meaning | Refusal]
"""What writings mean, or why they mean nothing: the parts of a large file hold the same ones."""
_MOST_UNDERSTOOD = 200_000


def normalise_batch(
    batch: Batch,
    person_ids: list[str],
    *,
    landed_on: date,
    file: str,
    understood: Understood | None = None,
) -> Normalised:
    """As `afterdose.ingest.normalise.normalise`, for every row of a batch.

    Parameters
    ----------
    batch : Batch
    person_ids : list of str
        Whom the identifiers of ``batch.people`` mean.
    landed_on : date
        The day the file arrived.
    file : str
        The file's short hash, for the rows' sources.
    understood : dict, optional
        What earlier batches of the same run meant, to be added to.

    Returns
    -------
    Normalised
    """
    understood = {} if understood is None else understood
    if len(understood) > _MOST_UNDERSTOOD:
        understood.clear()
    meanings = _meanings(batch.writings, understood)
    arrivals = _arrivals(batch.times, landed_on)
    people = pl.Series("person_id", person_ids, dtype=pl.String)
    rows = pl.concat(
        [
            batch.rows.select("locator", "line", "accession", "result_id"),
            batch.rows.select(_by_distinct("provider")),
            people.gather(batch.rows["person"]).to_frame(),
            meanings[batch.rows["writing"]],
            arrivals[batch.rows["times"]],
        ],
        how="horizontal",
    ).with_columns(source=batch.locators(batch.rows, after=f"{file}:"))
    is_good = (
        pl.col("person_id").is_not_null()
        & pl.col("meaning_turn").is_null()
        & pl.col("arrival_turn").is_null()
    )
    bad = rows.filter(~is_good)
    return Normalised(
        rows.filter(is_good).select(list(_LABS)).cast(_LABS),
        [
            _set_aside(row)
            for row in bad.with_columns(locator=batch.locators(bad)).iter_rows(named=True)
        ],
    )


def _by_distinct(name: str) -> pl.Expr:
    """A laboratory's name, cleaned once however often it stands there."""
    return pl.col(name).map_batches(
        lambda names: names.replace_strict(
            distinct := names.unique(),
            pl.Series([provider_of(one) for one in distinct], dtype=pl.String),
            return_dtype=pl.String,
        ),
        return_dtype=pl.String,
    )


def _meanings(writings: list[Writing], understood: Understood) -> pl.DataFrame:
    """A row a writing: what it means, or the refusal; and how it was written."""
    fields = {name: _LABS[name] for name in Meaning._fields}
    refusals = {f"meaning_{name}": kind for name, kind in _REFUSAL.items()}
    kept = {"original_value": pl.String, "original_unit": pl.String}
    rows = []
    for writing in writings:
        if (said := understood.get(writing)) is None:
            said = understood[writing] = meaning_of(writing)
        if isinstance(said, Refusal):
            nothing = (None,) * (len(fields) - 1)
            row = (said.analyte, *nothing, said.turn, said.reason, said.seen)
        else:
            row = (*said, None, None, None)
        rows.append((*row, writing.value, writing.unit))
    return pl.DataFrame(rows, schema=fields | refusals | kept, orient="row")


def _arrivals(times: pl.DataFrame, landed_on: date) -> pl.DataFrame:
    """As `afterdose.ingest.normalise.arrival_of`: a row a pair of times, days or the refusal."""
    moments = moments_of(pl.concat([times["specimen"], times["issued"]]).drop_nulls().unique())
    taken, issued = (
        times.select(text=name).join(moments, on="text", how="left", maintain_order="left")
        for name in ("specimen", "issued")
    )
    both = pl.concat(
        [
            taken.select(specimen_date="day", specimen_time="time", taken="instant"),
            issued.select(issued_day="day", issued="instant"),
        ],
        how="horizontal",
    )
    day, issued_day, landed = pl.col("specimen_date"), pl.col("issued_day"), pl.lit(landed_on)
    is_later = (pl.col("issued") >= pl.col("taken")).fill_null(value=False)
    received = pl.when(is_later).then(pl.max_horizontal(day, issued_day)).otherwise(issued_day)
    both = both.with_columns(
        received_date=pl.min_horizontal(received.fill_null(landed), landed)
    ).with_columns(
        arrival_turn=pl.when(day.is_null())
        .then(pl.lit(SPECIMEN_TIME, pl.Int8))
        .when(pl.col("received_date") < day)
        .then(pl.lit(RECEIPT, pl.Int8))
    )
    reasons = {SPECIMEN_TIME: "no-specimen-date", RECEIPT: "received-before-specimen"}
    return both.select(
        "specimen_date",
        "specimen_time",
        "received_date",
        "arrival_turn",
        arrival_reason=pl.col("arrival_turn").replace_strict(
            list(reasons), list(reasons.values()), default=None, return_dtype=pl.String
        ),
        arrival_seen=pl.lit(""),
    )


_ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
_HL7 = (
    r"^[0-9]{8}(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
    r"(?:[+-](?:[01][0-9]|2[0-3])[0-5][0-9])?$"
)
_FRACTION = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.[0-9]+"
_MOMENTS = {"text": pl.String, "day": pl.Date, "time": pl.String, "instant": pl.Datetime}


def moments_of(texts: pl.Series) -> pl.DataFrame:
    """As `afterdose.ingest.times.parse_time`, a row a text: instants in UTC, null if not known.

    The forms most systems write are read by columns, every other by the plain function.
    """
    # A fraction of a second is not kept, and is looked for where others look for an offset.
    plain = texts.str.replace(_FRACTION, "${1}")
    both = pl.DataFrame({"text": texts, "plain": plain})
    is_recent = plain.str.slice(0, 4).ge("1900")
    is_iso = plain.str.contains(_ISO) & is_recent
    is_hl7 = plain.str.contains(_HL7) & is_recent
    one_by_one = [(written, *_moment(written)) for written in texts.filter(~(is_iso | is_hl7))]
    return pl.concat(
        [
            _by_columns(both.filter(is_iso), "%Y-%m-%dT%H:%M:%S", length=19, minutes=23),
            _by_columns(both.filter(is_hl7), "%Y%m%d%H%M%S", length=14, minutes=17),
            pl.DataFrame(one_by_one, schema=_MOMENTS, orient="row"),
        ],
        how="vertical",
    )


def _by_columns(texts: pl.DataFrame, form: str, *, length: int, minutes: int) -> pl.DataFrame:
    """Times of one form: ``length`` characters, then an offset with its minutes at ``minutes``."""
    plain, local = pl.col("plain"), pl.col("local")
    sign = pl.when(plain.str.slice(length, 1) == "-").then(-1).otherwise(1)
    hours, past = (
        plain.str.slice(place, 2).cast(pl.Int64, strict=False).fill_null(0)
        for place in (length + 1, minutes)
    )
    offset = pl.duration(minutes=sign * (60 * hours + past))
    return texts.with_columns(
        local=plain.str.slice(0, length).str.to_datetime(form, strict=False)
    ).select(
        "text",
        day=local.dt.date(),
        time=local.dt.to_string("%H:%M:%S"),
        instant=pl.when(plain.str.len_bytes() > length).then(local - offset),
    )


def _moment(written: str) -> tuple[date | None, str | None, datetime | None]:
    moment = parse_time(written)
    if moment is None:
        return None, None, None
    instant = moment.instant and moment.instant.astimezone(UTC).replace(tzinfo=None)
    return moment.day, moment.time, instant


def _set_aside(row: dict[str, object]) -> SetAside:
    """The one reason a row is given: nobody's, else the refusal whose turn comes first."""
    locator = str(row["locator"])
    if row["person_id"] is None:
        return SetAside(locator, "person-unknown")
    said = [
        (turn, str(row[f"{part}_reason"]), str(row[f"{part}_seen"]))
        for part in ("meaning", "arrival")
        if (turn := row[f"{part}_turn"]) is not None
    ]
    _, reason, seen = min(said)
    days = [
        None if row["arrival_turn"] is not None else cast("date", row[name])
        for name in ("specimen_date", "received_date")
    ]
    return SetAside(locator, reason, seen, str(row["analyte"]), str(row["person_id"]), *days)
