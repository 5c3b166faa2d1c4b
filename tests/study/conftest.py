"""Small cohorts for the report, table by table."""

from datetime import date

import polars as pl
import pytest

from afterdose.cohort import About, Cohort, Record
from afterdose.cohort.frames import schema_of
from afterdose.record.tables import SPECS

AS_OF = date(2016, 6, 30)


def cohort_of(tables, *, simulated=True, title="Six people of a test"):
    """A cohort from ``{table: [row as a dict, ...]}``; dates as text."""
    frames = {}
    for table, rows in tables.items():
        schema = schema_of(SPECS[table])
        full = [
            {
                name: date.fromisoformat(row[name])
                if kind == pl.Date and row.get(name)
                else row.get(name)
                for name, kind in schema.items()
            }
            for row in rows
        ]
        frames[table] = pl.DataFrame(full, schema=schema)
    return Cohort.of(Record(frames, About(simulated=simulated, title=title)))


def _rows(tables, table, *rows):
    tables[table] += rows


@pytest.fixture
def tables():
    """The tables of `six_people`, to be changed at will."""
    return six_people()


def six_people():
    """Six people with a first course on 1 January 2010, and one never treated.

    P1 retreated in year 3; P2 in year 4; P3 withdrew in year 3; P4 died in year 4; P5 had thyroid
    disease before treatment and again after it; P6 has thyroid disease in year 3. N1 had no course.
    """
    people = ("P1", "P2", "P3", "P4", "P5", "P6")
    found = {name: [] for name in SPECS if name not in ("labs", "owners", "examinations")}
    for person in people:
        prior = {"P5": "thyroid", "P6": None}.get(person, "none")
        died = "2013-07-01" if person == "P4" else None
        end, why = {"P3": ("2012-06-30", "withdrawn"), "P4": ("2013-07-01", "death")}.get(
            person, ("2015-12-31", "data_cut")
        )
        _rows(
            found, "people",
            {"person_id": person, "prior_autoimmunity": prior, "death_date": died},
        )  # fmt: skip
        _rows(
            found, "follow_up",
            {"person_id": person, "start_date": "2009-12-01", "end_date": end, "end_reason": why},
        )  # fmt: skip
        for number, start in enumerate(("2010-01-01", "2011-01-01"), 1):
            _rows(
                found, "treatments",
                {"person_id": person, "drug": "alemtuzumab", "start_date": start,
                 "course_number": number},
            )  # fmt: skip
        for year, edss in enumerate((2.0, 2.0, 2.0, 3.0 if person == "P1" else 2.0)):
            _rows(
                found, "assessments",
                {"person_id": person, "date": f"{2010 + year}-01-01", "measure": "edss",
                 "value": edss},
            )  # fmt: skip
            _rows(
                found, "mri",
                {"person_id": person, "date": f"{2010 + year}-01-01", "bpf": 0.8 - 0.002 * year,
                 "method": "M 1", "scanner": "A"},
            )  # fmt: skip
    _rows(found, "people", {"person_id": "N1"})
    for person, start in (("P1", "2012-06-01"), ("P2", "2013-06-01")):
        _rows(
            found, "treatments",
            {"person_id": person, "drug": "alemtuzumab", "start_date": start, "course_number": 3},
        )  # fmt: skip
    _rows(
        found, "relapses",
        {"person_id": "P1", "onset_date": "2012-03-01", "confirmed": True},
        {"person_id": "P2", "onset_date": "2012-04-01"},
        {"person_id": "P3", "onset_date": "2012-09-01", "confirmed": True},  # after withdrawal
    )  # fmt: skip
    _rows(
        found, "events",
        {"person_id": "P5", "onset_date": "2012-02-01", "category": "thyroid"},
        {"person_id": "P6", "onset_date": "2012-09", "category": "thyroid"},
    )  # fmt: skip
    return found
