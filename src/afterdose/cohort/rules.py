"""What must hold between the columns of one row, table by table."""

from dataclasses import dataclass

import polars as pl

from afterdose.record.analytes import catalogue

_UNITS = {name: analyte.unit for name, analyte in catalogue().items()}


@dataclass(frozen=True)
class Rule:
    """A condition that makes a row wrong, and how to say so."""

    column: str
    wrong: pl.Expr
    seen: str
    permitted: str
    do: str


def _ends_before_it_starts(end: str, start: str) -> Rule:
    return Rule(
        column=end,
        wrong=pl.col(end) < pl.col(start),
        seen=f"a day before {start}",
        permitted=f"{start} or later",
        do="Correct one of the two dates.",
    )


_CANONICAL_UNIT = pl.col("analyte").replace_strict(_UNITS, default=None, return_dtype=pl.String)

RULES: dict[str, tuple[Rule, ...]] = {
    "people": (
        Rule(
            "person_id",
            pl.col("person_id").is_duplicated(),
            "the same person twice",
            "one row a person",
            "Join the rows.",
        ),
        Rule(
            "death_date",
            pl.col("death_date").dt.year()
            < pl.col("birth_date").str.slice(0, 4).cast(pl.Int32, strict=False),
            "a day before the year of birth",
            "the year of birth or later",
            "Correct one of the two dates.",
        ),
    ),
    "treatments": (
        Rule(
            "drug",
            pl.col("drug") != pl.col("drug").str.to_lowercase(),
            "a name with capital letters",
            "the generic name in lower case, as protocols write it",
            "Write it in lower case.",
        ),
        _ends_before_it_starts("end_date", "start_date"),
    ),
    "labs": (
        _ends_before_it_starts("received_date", "specimen_date"),
        Rule(
            "unit",
            pl.col("unit").is_not_null() & (pl.col("unit") != _CANONICAL_UNIT),
            "a unit that is not the analyte's canonical one",
            "the canonical unit of the analyte catalogue",
            "Ingest the file, which converts units, or convert it yourself.",
        ),
        Rule(
            "unit",
            pl.col("value").is_not_null() & pl.col("unit").is_null(),
            "empty beside a value",
            "the canonical unit of the analyte catalogue",
            "State the unit.",
        ),
        Rule(
            "received_time",
            ~pl.col("received_time").str.contains(r"^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$"),
            "not a time of day",
            "HH:MM:SS, from 00:00:00 to 23:59:59: it orders the versions of a result",
            "Correct the time, or leave it empty.",
        ),
        Rule(
            "ref_high",
            pl.col("ref_high") < pl.col("ref_low"),
            "an upper limit below the lower one",
            "ref_low or more",
            "Correct the range.",
        ),
    ),
    "assessments": (
        Rule(
            "value",
            (pl.col("measure") == "edss")
            & ~(pl.col("value").is_between(0, 10) & ((pl.col("value") * 2) % 1 == 0)),
            "not an EDSS score",
            "0 to 10 by 0.5",
            "Correct the score.",
        ),
        Rule(
            "value",
            pl.col("measure").is_in(["t25fw_s", "nhpt_s", "sdmt"]) & (pl.col("value") < 0),
            "a negative time or count",
            "0 or more",
            "Correct the score.",
        ),
    ),
    "relapses": (_ends_before_it_starts("end_date", "onset_date"),),
    "follow_up": (_ends_before_it_starts("end_date", "start_date"),),
}
