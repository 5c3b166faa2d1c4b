"""Withdrawals find what they take back, also where they name it less precisely than it did itself.

A cancellation may leave out the laboratory, give the day without the time, count its result where
the result did not, or, emptied by a server, say no more than the identifier. It is then entered
under the key of every result it takes back, whichever of the two was read first.
"""

import polars as pl

from afterdose.record.tables import CORRECTING_STATUSES, WITHDRAWING_STATUSES

KEY = (
    "analyte",
    "original_code",
    "specimen_date",
    "provider",
    "result_id",
    "accession",
    "specimen_time",
)
"""Which result of a person a row is a version of; see `afterdose.monitoring.versions`. Where there
is a ``result_id``, what stands behind it does not count."""

_ASTRAY = "astray"
_OF = "of_"


def takes_back() -> pl.Expr:
    """Rows that take back what came before: withdrawals, and corrections without a value."""
    status = pl.col("status")
    is_unread = status.is_in(list(CORRECTING_STATUSES)) & pl.col("value").is_null()
    return status.is_in(list(WITHDRAWING_STATUSES)) | is_unread


def effective_key() -> list[pl.Expr]:
    """The columns of `KEY`, empty where they do not count."""
    is_named = pl.col("result_id").is_not_null()
    return [
        *map(pl.col, KEY[:5]),
        *(pl.when(is_named).then(None).otherwise(pl.col(name)).alias(name) for name in KEY[5:]),
    ]


def taken_back(rows: pl.DataFrame, astray: pl.DataFrame) -> pl.DataFrame:
    """Withdrawals under the keys of the results they take back.

    Parameters
    ----------
    rows : polars.DataFrame
        Every result, those of the record first; columns of `afterdose.ingest.columns.INCOMING`
        and ``file``.
    astray : polars.DataFrame
        Withdrawals that lack a code or a day; a column ``astray`` numbers them.

    Returns
    -------
    polars.DataFrame
        Rows of the same columns as ``astray``; what has the key of its result already is not among
        them.
    """
    whole = _as_written(rows.filter(takes_back())).with_columns(
        pl.lit(None, pl.UInt32).alias(_ASTRAY)
    )
    taking = pl.concat([whole, astray.select(whole.columns)]).with_row_index("taking")
    if not len(taking):
        return astray
    results = _results(rows, taking)
    is_astray = pl.col(_ASTRAY).is_not_null()
    # One that has to look for its result may find it taken back already.
    pairs = _pairs(taking, results).filter(_agrees() & (is_astray | ~pl.col("of_takes_back")))
    pairs = pairs.filter(~(is_astray & _is_unclear()))
    pairs = pairs.unique(["taking", *_of(KEY)], keep="first", maintain_order=True)
    return pairs.filter(is_astray | ~_has_key()).select(
        pl.col(_OF + name).alias(name) if name in KEY else pl.col(name) for name in astray.columns
    )


def _as_written(taking: pl.DataFrame) -> pl.DataFrame:
    """Of rows that cite one position the first: it says what was written, the others what it met.

    What the others say of laboratory and time is not the withdrawal's to hold against a result.
    """
    is_first = pl.struct("source", "file").is_first_distinct()
    return taking.filter(pl.col("source").is_null() | is_first)


def _of(names: tuple[str, ...]) -> list[str]:
    return [_OF + name for name in names]


def _results(rows: pl.DataFrame, taking: pl.DataFrame) -> pl.DataFrame:
    """Results that share a person and a number with something that takes back, once a key."""

    def shares(name: str) -> pl.Expr:
        return pl.col(name).is_in(taking[name].drop_nulls().unique().implode())

    named = pl.col("result_id")
    found = (
        rows.filter(pl.col("person_id").is_in(taking["person_id"].unique().implode()))
        .with_columns(base=named.str.replace(r"/[0-9]+$", ""), takes_back=takes_back())
        .filter(shares("result_id") | shares("accession") | _in(taking, pl.col("base")))
    )
    columns = ["person_id", *KEY, "sender", "base", "takes_back"]
    return found.select(columns).unique(maintain_order=True).rename(lambda name: _OF + name)


def _in(taking: pl.DataFrame, base: pl.Expr) -> pl.Expr:
    """Parts of a panel that is taken back as a whole."""
    astray = taking.filter(pl.col(_ASTRAY).is_not_null())
    return base.is_in(astray["result_id"].drop_nulls().unique().implode())


def _pairs(taking: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """What takes back beside what it may take back."""

    def beside(left: pl.DataFrame, name: str, of: str) -> pl.DataFrame:
        on = {"left_on": ["person_id", name], "right_on": [f"{_OF}person_id", _OF + of]}
        return left.join(results, how="inner", coalesce=False, **on)  # type: ignore[arg-type]

    is_astray = pl.col(_ASTRAY).is_not_null()
    return pl.concat(
        [
            beside(taking, "result_id", "result_id").with_columns(by=pl.lit("result")),
            beside(taking.filter(is_astray), "result_id", "base")
            .filter(pl.col("of_result_id") != pl.col("of_base"))
            .with_columns(by=pl.lit("panel")),
            # A request holds many results: only with its code is one of them meant.
            beside(taking.filter(pl.col("analyte").is_not_null()), "accession", "accession")
            .filter(_agree("result_id"))
            .with_columns(by=pl.lit("request")),
        ]
    )


def _agree(name: str, *, either: bool = True) -> pl.Expr:
    """Whether both say the same, or ours, or ``either`` of the two, says nothing."""
    ours, of = pl.col(name), pl.col(_OF + name)
    found = (ours == of).fill_null(value=False) | ours.is_null()
    return found | of.is_null() if either else found


def _agrees() -> pl.Expr:
    """Whether nothing that both say differs."""
    sender, provider = pl.col("sender"), pl.col("provider")
    of_sender, of_provider = pl.col("of_sender"), pl.col("of_provider")
    # A laboratory that is not named goes by its sender's name.
    is_by_sender = pl.any_horizontal(
        (one == other).fill_null(value=False)
        for one in (sender, of_sender)
        for other in (provider, of_provider)
    )
    return (
        _agree("analyte", either=False)
        & _agree("original_code")
        & _agree("specimen_date", either=False)
        & (_agree("specimen_time") | (pl.col("by") != "request"))
        & (_agree("provider") | is_by_sender)
        & (pl.col("of_specimen_date") <= pl.col("received_date"))
    )


def _is_unclear() -> pl.Expr:
    """Whether what lacks a code or a day may mean one of several results."""
    several = pl.col("of_specimen_date").n_unique() + pl.col("of_provider").n_unique() > 2
    is_panel = (pl.col("by") == "panel").all()
    tests = pl.struct("of_analyte", "of_original_code").n_unique()
    return (several | ((tests > 1) & ~is_panel)).over("taking")


def _has_key() -> pl.Expr:
    """Whether a row is a version of the result already."""
    same = [pl.col(name).eq_missing(pl.col(_OF + name)) for name in KEY]
    is_named = pl.col("result_id").is_not_null()
    return pl.all_horizontal(same[:5]) & (is_named | pl.all_horizontal(same[5:]))
