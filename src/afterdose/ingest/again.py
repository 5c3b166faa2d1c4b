"""Which rows say again what the record holds: duplicates.

A laboratory that releases a value, takes it back and releases it anew says three things. A row is a
duplicate only of the version that stood at its place.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from afterdose.ingest.withdrawals import KEY, effective_key
from afterdose.monitoring.versions import levels, standing
from afterdose.record.tables import RESULT_STATUSES, Lab

_SAID = ("value", "comparator", "status")
_SAME = ("person_id", *KEY, *_SAID)
"""Rows alike in these say the same of one result."""
_RELEASED = ("received_date", "received_time")


def find_again(rows: pl.DataFrame) -> pl.Series:
    """Whether each row is a duplicate.

    Parameters
    ----------
    rows : polars.DataFrame
        Every result, those of the record first: columns of `afterdose.ingest.columns.INCOMING` and
        ``file``, which is negative for what is in the record. None of these is a duplicate.

    Returns
    -------
    polars.Series
        Where the sender said when a version was released, one that says the same and was released
        at the same time is. Where nobody said so, the day it landed tells nothing: it is one if it
        says what stood before that day.
    """
    hashed = rows.select(pl.struct(_SAME).hash()).to_series()
    # Rows whose keys have the same hash are few; only these are compared word by word.
    several = (
        rows.select(*_SAME, *_RELEASED, "file", "is_dated")
        .with_row_index("place")
        .filter(hashed.is_duplicated())
    )
    is_again = np.zeros(len(rows), bool)
    if not len(several):
        return pl.Series(is_again)
    first = several.unique([*_SAME, *_RELEASED], keep="first", maintain_order=True)
    is_again[several["place"].to_numpy()] = True
    is_again[first["place"].to_numpy()] = False
    is_new = rows["file"].to_numpy() >= 0
    is_again &= is_new
    may_be = is_new & ~is_again & ~rows["is_dated"].to_numpy()
    told_before = several["place"].to_numpy()
    undated = told_before[may_be[told_before]]
    if len(undated):
        is_again[_undated(rows, undated, is_again)] = True
    return pl.Series(is_again)


def _undated(rows: pl.DataFrame, undated: np.ndarray, is_again: np.ndarray) -> list[int]:
    """Of rows whose release nobody dated, the places of those that say what stood already."""
    key = ["person_id", *KEY]
    may_go = np.zeros(len(rows), bool)
    may_go[undated] = True
    keyed = rows.select("person_id", *effective_key())
    wanted = keyed[undated].unique()
    members = (
        rows.with_columns(keyed)
        .with_row_index("place")
        .with_columns(may_go=pl.Series(may_go))
        .filter(~pl.Series(is_again))
        .join(wanted, on=key, how="semi", nulls_equal=True)
        .sort("received_date", "place")
        .with_columns(
            sayings=pl.struct(_SAID).n_unique().over(key),
            turn=pl.int_range(pl.len()).over(key),
        )
    )
    # Most say one thing only, over and over.
    one = members.filter(pl.col("sayings") == 1)
    found = one.filter(pl.col("may_go") & (pl.col("turn") > 0))["place"].to_list()
    results: dict[tuple[object, ...], list[_Version]] = {}
    several = members.filter(pl.col("sayings") > 1).select("place", "may_go", *Lab._fields)
    for place, goes, *cells in several.iter_rows():
        lab = Lab._make(cells)
        group = tuple(getattr(lab, name) for name in key)
        results.setdefault(group, []).append(_Version(place, goes, lab))
    for versions in results.values():
        found += _restated(versions)
    return found


class _Version(NamedTuple):
    """A row: its place in the table, whether it may be a duplicate, and what it says."""

    place: int
    may_go: bool
    lab: Lab

    @property
    def said(self) -> tuple[object, ...]:
        return self.lab.value, self.lab.comparator, self.lab.status

    @property
    def stage(self) -> int:
        return RESULT_STATUSES.index(self.lab.status)


def _restated(versions: Sequence[_Version]) -> list[int]:
    """Of one result's versions by day of arrival, the undated ones that say nothing new.

    A table that is sent again holds what was said before, and what is said now. Of what came on one
    day the versions furthest on are said now: they are new if they do not stand. One less far on is
    new if it was never said.
    """
    gone: list[int] = []
    kept: list[_Version] = []
    for _, group in groupby(versions, key=lambda version: version.lab.received_date):
        day = list(group)
        before = {version.said for version in kept}
        stand = _said_now([version.lab for version in kept])
        undated = [version for version in day if version.may_go]
        newest = max((version.stage for version in undated), default=0)
        same_day = {version.said for version in day if not version.may_go}
        for version in undated:
            said_already = stand if version.stage == newest else before
            if version.said in said_already | same_day:
                gone.append(version.place)
            else:
                same_day.add(version.said)
        kept += [version for version in day if version.place not in gone]
    return gone


def _said_now(labs: Sequence[Lab]) -> set[tuple[object, ...]]:
    """What stands of one result; where nothing does, what took it back."""
    if not labs:
        return set()
    rows = standing(labs) or levels(labs)[-1]
    return {(lab.value, lab.comparator, lab.status) for lab in rows}
