"""One person by the kernels: for a page that recomputes when a result comes in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from afterdose.engines.local.compile import EXAMINATIONS
from afterdose.engines.local.days import NEVER, NONE, number_of
from afterdose.engines.local.evaluate import Evaluation, evaluate_labs
from afterdose.engines.local.frozen import all_frozen
from afterdose.engines.local.labs import ANALYTES, COMPARATORS, SECONDS, Labs
from afterdose.engines.local.people import SEXES, People, Spans
from afterdose.monitoring.known import Known, known_on
from afterdose.monitoring.model import Protocol
from afterdose.record.dates import PartialDate
from afterdose.record.history import History
from afterdose.record.tables import EVENT_CATEGORIES, Lab

_ANALYTE = {name: code for code, name in enumerate(ANALYTES)}


def evaluate_one(history: History, protocols: Sequence[Protocol], *, as_of: date) -> Evaluation:
    """Evaluate every protocol for one person on the morning of ``as_of``.

    The same answers as for the person's row in `evaluate`, without a cohort around it.

    Parameters
    ----------
    history : History
    protocols : sequence of Protocol
    as_of : date

    Returns
    -------
    Evaluation
        Of one person; ``labs.row`` counts the results known on that morning.
    """
    known = known_on(history, protocols[0], as_of=as_of)
    return evaluate_labs(
        _person(history, known),
        _labs(known.results),
        _labs(known.pending),
        protocols,
        as_of=as_of,
        threads=1,
    )


def _labs(results: Mapping[str, Sequence[Lab]]) -> Labs:
    """One person's results, which `known_on` gives by analyte and in order."""
    names = sorted(results)
    rows = [row for name in names for row in results[name]]
    sizes = [len(results[name]) for name in names]
    nothing = float("nan")
    columns = {
        "moment": (np.int64, [_moment(row) for row in rows]),
        "received": (np.int32, [number_of(row.received_date) for row in rows]),
        "value": (np.float64, [nothing if row.value is None else row.value for row in rows]),
        "low": (np.float64, [nothing if row.ref_low is None else row.ref_low for row in rows]),
        "high": (np.float64, [nothing if row.ref_high is None else row.ref_high for row in rows]),
        "comparator": (np.int8, [COMPARATORS.index(row.comparator or "") for row in rows]),
        "row": (np.int64, range(len(rows))),
        "run_analyte": (np.int16, [_ANALYTE[name] for name in names]),
        "run_start": (np.int64, np.append(0, np.cumsum(sizes))),
        "person_run": (np.int64, [0, len(names)]),
    }
    return all_frozen(
        Labs(**{name: np.array(values, kind) for name, (kind, values) in columns.items()})
    )


def _moment(row: Lab) -> int:
    seconds = 0
    if row.specimen_time:
        hours, minutes, rest = (int(part) for part in row.specimen_time.split(":"))
        seconds = 3600 * hours + 60 * minutes + rest + 1
    return (number_of(row.specimen_date) << SECONDS) + seconds


def _person(history: History, known: Known) -> People:
    person = history.person
    born = NONE if not person.birth_date else _earliest(person.birth_date)
    died = NEVER if person.death_date is None else number_of(person.death_date)
    treatments = sorted(history.treatments, key=lambda row: row.start_date)
    drugs = tuple(sorted({row.drug for row in treatments}))
    return People(
        born=np.array([born], np.int32),
        died=np.array([died], np.int32),
        sex=np.array([SEXES.index(person.sex or "")], np.int8),
        treatments=_spans(
            drug=[drugs.index(row.drug) for row in treatments],
            start=[number_of(row.start_date) for row in treatments],
            end=[NONE if row.end_date is None else number_of(row.end_date) for row in treatments],
            known=[number_of(row.recorded_date or row.start_date) for row in treatments],
            number=[row.course_number or 0 for row in treatments],
        ),
        drugs=drugs,
        follow_up=_spans(
            start=[number_of(row.start_date) for row in history.follow_up],
            end=[
                NEVER if row.end_date is None else number_of(row.end_date)
                for row in history.follow_up
            ],
            cut=[row.end_reason == "data_cut" for row in history.follow_up],
        ),
        examinations={name: _done(known.dates_of(name)) for name in EXAMINATIONS},
        events=_spans(
            category=[EVENT_CATEGORIES.index(row.category) for row in known.events],
            onset=[_earliest(row.onset_date) for row in known.events],
            known=[number_of(known.as_of)] * len(known.events),
        ),
        absent=history.absent,
    )


def _earliest(day: str) -> int:
    return number_of(PartialDate.parse(day).earliest())


def _done(days: Iterable[date]) -> Spans:
    numbers = [number_of(day) for day in days]
    return _spans(date=numbers, known=numbers)


def _spans(**columns: Sequence[int]) -> Spans:
    size = len(next(iter(columns.values())))
    arrays = {name: np.array(values, np.int32) for name, values in columns.items()}
    return Spans(np.array([0, size], np.int64), arrays)
