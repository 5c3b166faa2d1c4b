"""What settling makes of drawn versions does not depend on the order in which they came."""

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from afterdose.cohort.frames import schema_of
from afterdose.ingest.store import Store
from afterdose.monitoring.versions import current_results
from afterdose.record.tables import SPECS, Lab
from support.examples import examples

LABS = schema_of(SPECS["labs"])


@st.composite
def releases(draw: st.DrawFn) -> Lab:
    """A row of a request, named more or less precisely; somebody said when it was released."""
    status = draw(st.sampled_from(["final"] * 4 + ["corrected", "preliminary"] + ["cancelled"] * 3))
    has_value = status != "cancelled" and draw(st.integers(0, 5)) > 0
    return Lab(
        "p1",
        date(2024, 3, draw(st.sampled_from([1, 1, 1, 2]))),
        date(2024, 3, draw(st.integers(2, 4))),
        "platelets",
        draw(st.sampled_from([20.0, 210.0])) if has_value else None,
        status=status,
        provider=draw(st.sampled_from(["a", "a", "b", None])),
        accession=draw(st.sampled_from(["A1", "A1", "A2", None])),
        result_id=draw(st.sampled_from([None, None, None, "r1", "r2"])),
        specimen_time=draw(st.sampled_from(["08:00:00", "08:00:00", None])),
        original_code=draw(st.sampled_from(["LOINC:777-3", "LOINC:777-3", "LOINC:26515-7"])),
        received_time=draw(st.sampled_from([None, "09:00:00", "12:00:00"])),
    )


def settled(*runs: list[Lab]) -> pl.DataFrame:
    """A record after several runs."""
    store = Store(None)
    for rows in runs:
        store.add_labs(pl.DataFrame(rows, schema=LABS, orient="row"))
        store.settle()
    return store.labs.sort("person_id", "specimen_date", "received_date", maintain_order=True)


def stands(labs: pl.DataFrame) -> list[tuple[Any, ...]]:
    """What stands; of a result that has an identifier, its request and time do not count."""
    current = current_results(map(Lab._make, labs.rows()))
    return sorted(
        (str(lab.value), lab.status, lab.original_code, str(lab.provider), *_name(lab))
        for lab in current
    )


def _name(lab: Lab) -> tuple[str, ...]:
    name = (lab.accession, lab.specimen_time) if lab.result_id is None else (lab.result_id,)
    return tuple(map(str, name))


@examples(300)
@given(st.lists(releases(), min_size=1, max_size=6), st.data())
def test_no_order_matters(drawn: list[Lab], data: st.DataObject) -> None:
    drawn = [lab._replace(source=f"abc:row {number}") for number, lab in enumerate(drawn)]
    expected = stands(settled(drawn))
    order = data.draw(st.permutations(drawn))
    cut = data.draw(st.integers(0, len(order)))
    assert stands(settled(order)) == expected
    apart = settled(order[:cut], order[cut:])
    assert stands(apart) == expected
    assert stands(settled(*([lab] for lab in order))) == expected
    # The same again adds nothing.
    again = settled(order[:cut], order[cut:], drawn)
    assert again.rows() == apart.rows()
