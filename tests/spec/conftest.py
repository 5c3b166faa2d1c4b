"""Runs a spec test: small pipe tables in, one expected answer per morning out.

The plain code gives the expected answer, and the local engine has to agree with every check and
alert of the plain code on every morning.
"""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from afterdose.monitoring import (
    Item,
    Protocol,
    evaluate_alerts,
    evaluate_checks,
    follow_person,
)
from afterdose.monitoring.load import parse_protocol
from afterdose.outcomes.disability import (
    DisabilityDefinition,
    DisabilityEvent,
    evaluate_disability,
    load_definition,
    render_toml,
)
from afterdose.outcomes.disability.toml import build_definition, merge_tables
from afterdose.record.analytes import catalogue
from afterdose.record.history import History
from afterdose.record.tables import SPECS, Assessment, Mri, Person, Relapse, Treatment
from support.agreement import engines_agree, worklists_agree
from support.disability_agreement import engines_agree_on_disability

HERE = Path(__file__).parent
COURSE_1 = """
    number | first      | last
    1      | 2021-03-08 | 2021-03-12
"""
_SHORT = {
    "specimen": "specimen_date",
    "received": "received_date",
    "low": "ref_low",
    "high": "ref_high",
    "number": "course_number",
    "first": "start_date",
    "last": "end_date",
    "recorded": "recorded_date",
    "result": "result_id",
    "at": "received_time",
    "code": "original_code",
}


def pipe_table(text: str) -> list[dict[str, str]]:
    """A table as the manual prints it: a header, then a row a line, empty cells allowed."""
    lines = [line for line in text.splitlines() if line.strip()]
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return [dict(zip(header, row, strict=True)) for row in rows]


def rows_of(table: str, text: str, **given: Any) -> tuple[Any, ...]:
    """Record rows from a pipe table, with short column names and the manual's defaults."""
    row_class = SPECS[table].row
    kinds = {name: column.kind for name, column in SPECS[table].columns.items()}
    hints = get_type_hints(row_class)
    found = []
    for cells in pipe_table(text):
        values: dict[str, Any] = {"person_id": "p1", **given}
        for short, cell in cells.items():
            name = _SHORT.get(short, short)
            if cell:
                values[name] = _value(kinds[name], cell)
        if table == "labs":
            values.setdefault("received_date", values["specimen_date"])
            values.setdefault("unit", catalogue()[values["analyte"]].unit)
        assert get_args(hints["person_id"]) == ()  # annotations were resolved
        found.append(row_class(**values))
    return tuple(found)


def _value(kind: str, cell: str) -> Any:
    return {
        "date": date.fromisoformat,
        "number": float,
        "whole": int,
        "yes_no": lambda text: text == "yes",
    }.get(kind, str)(cell)


@pytest.fixture(scope="session")
def examples() -> dict[str, list[Protocol]]:
    """The manual's protocols, by the name a spec test asks for."""
    example, continuous = (
        parse_protocol((HERE / name).read_text(encoding="utf-8"), where=name)
        for name in ("example.toml", "continuous.toml")
    )
    return {"example": [example], "continuous": [continuous], "both": [example, continuous]}


@pytest.fixture
def spec_test(examples: dict[str, list[Protocol]]) -> Callable[..., None]:
    """Ask the question on each morning and compare with what the manual promises."""

    def run(
        *,
        expected: Mapping[str, str],
        protocol: str = "example",
        check: str | None = None,
        alert: str | None = None,
        standing: bool = False,
        courses: str = COURSE_1,
        labs: str = "",
        person: Mapping[str, Any] | None = None,
        absent: frozenset[str] = frozenset(),
        **tables: str,
    ) -> None:
        protocols = examples[protocol]
        history = History(
            _person({"sex": "female"} if person is None else person),
            treatments=_treatments(courses, protocols[0].drug),
            labs=rows_of("labs", labs) if labs else (),
            absent=absent,
            **{name: rows_of(name, text) for name, text in tables.items()},
        )
        answers = {
            morning: _standing(history, protocols, date.fromisoformat(morning))
            if standing
            else _answer(history, protocols, date.fromisoformat(morning), check, alert)
            for morning in expected
        }
        assert answers == dict(expected)
        for one in protocols:
            engines_agree(history, one, map(date.fromisoformat, expected))
        for morning in map(date.fromisoformat, expected):
            worklists_agree([history], protocols, morning)

    return run


@pytest.fixture
def disability_test() -> Callable[..., None]:
    """Look for confirmed changes in scores given by day, and compare with what is promised."""

    def run(
        *,
        expected: str,
        visits: str,
        relapses: str = "",
        scans: str = "",
        happens: Mapping[str, int] | None = None,
        definition: str = "msprog-first-cdw",
        changes: str = "",
    ) -> None:
        base = tomllib.loads(render_toml(load_definition(definition)))
        chosen = build_definition(merge_tables(base, tomllib.loads(changes)), where="changes")
        history = disability_history(chosen, visits, relapses, scans, happens or {})
        engines_agree_on_disability([history], chosen, as_of=date(2030, 1, 1))
        found = evaluate_disability(history, chosen, as_of=date(2030, 1, 1))
        wanted = pipe_table(expected) if "|" in expected else []
        columns = tuple(wanted[0]) if wanted else ("event",)
        assert [event_words(event, columns) for event in found.events] == wanted
        if not wanted:
            answer = f"{found.answer}: {found.missing}" if found.missing else str(found.answer)
            assert answer == expected

    return run


_DAY_0 = date(2020, 1, 1)


def disability_history(
    definition: DisabilityDefinition,
    visits: str,
    relapses: str,
    scans: str,
    happens: Mapping[str, int],
) -> History:
    """A history from days after 1 January 2020, which is day 0."""

    def on(day: str | int) -> date:
        return _DAY_0 + timedelta(int(day))

    treatments = [Treatment("p1", definition.drug, on(0), 1)] if definition.drug else []
    if "retreatment" in happens:
        treatments.append(Treatment("p1", definition.drug, on(happens["retreatment"]), 3))
    if "switch" in happens:
        treatments.append(Treatment("p1", "another drug", on(happens["switch"])))
    return History(
        Person("p1", death_date=on(happens["death"]) if "death" in happens else None),
        treatments=tuple(treatments),
        assessments=tuple(
            Assessment("p1", on(row.pop("day")), measure, float(value))
            for row in pipe_table(visits)
            for measure, value in [next((k, v) for k, v in row.items() if k != "day")]
        ),
        relapses=tuple(_relapse(on, days) for days in relapses.replace("day", "").split()),
        mri=tuple(
            Mri("p1", on(row["day"]), new_t2_lesions=int(row["new T2"]), gd_lesions=0)
            for row in (pipe_table(scans) if scans else [])
        ),
    )


def _relapse(on: Callable[[str], date], days: str) -> Relapse:
    """A relapse from ``90`` or, with its end, ``90-120``."""
    first, _, last = days.partition("-") if not days.startswith("-") else (days, "", "")
    return Relapse("p1", on(first), on(last) if last else None)


def event_words(event: DisabilityEvent, columns: tuple[str, ...]) -> dict[str, str]:
    """The cells of an event the manual shows, days counted from day 0."""

    def days(day: date | None) -> str:
        return "none" if day is None else str((day - _DAY_0).days)

    cells = {
        "event": event.event.value,
        "class": event.event_class.value,
        "onset": days(event.onset_date),
        "confirmed": days(event.confirmation_date),
        "reference": days(event.reference_date),
        "score": f"{event.reference_value:g}",
        "sustained": str(event.sustained_days),
    }
    return {column: cells[column] for column in columns}


def _person(facts: Mapping[str, Any]) -> Person:
    died = facts.get("death_date")
    if isinstance(died, str):
        facts = {**facts, "death_date": date.fromisoformat(died)}
    return Person("p1", **facts)


def _treatments(courses: str, drug: str) -> tuple[Any, ...]:
    """Treatment rows; the first protocol's drug where the table does not name one."""
    if not courses:
        return ()
    given = {} if "drug" in pipe_table(courses)[0] else {"drug": drug}
    return rows_of("treatments", courses, **given)


def _answer(
    history: History,
    protocols: list[Protocol],
    as_of: date,
    check: str | None,
    alert: str | None,
) -> str:
    if check is not None:
        return _check_answer(history, protocols[0], as_of, check)
    if alert is not None:
        return _alert_answer(history, protocols[0], as_of, alert)
    _, entry = follow_person(history, protocols, as_of=as_of)
    if entry is None:
        return "not listed"
    return "; ".join(map(_item_words, entry.items))


def _standing(history: History, protocols: list[Protocol], as_of: date) -> str:
    place, _ = follow_person(history, protocols, as_of=as_of)
    return ": ".join([place.standing, *filter(None, [", ".join(place.uncovered)])])


def _item_words(item: Item) -> str:
    words = f"{item.urgency}: {item.what} ({item.why})"
    return "".join([words, *(f", and with it {_item_words(other)}" for other in item.also)])


def _check_answer(history: History, protocol: Protocol, as_of: date, check: str) -> str:
    found = [s for s in evaluate_checks(history, protocol, as_of=as_of) if s.check_id == check]
    if not found:
        return "does not concern this person"
    (status,) = found
    words = status.state.value
    if status.state.value == "not assessable":
        words += f": {', '.join(status.missing)}"
    elif status.due_date is not None:
        words += f", due {status.due_date}"
    if status.awaiting is not None:
        words += f", specimen of {status.awaiting} not received"
    if status.missing and status.state.value != "not assessable":
        words += f", lacks {', '.join(status.missing)}"
    if status.owner.state != "default":
        words += f", {status.owner.owner} ({status.owner.state})"
    return words


def _alert_answer(history: History, protocol: Protocol, as_of: date, alert: str) -> str:
    (status,) = (s for s in evaluate_alerts(history, protocol, as_of=as_of) if s.alert_id == alert)
    words = status.answer.value
    if status.open_episode is not None:
        words += f" since {status.open_episode.opened}"
        if status.open_episode.confirmed is not None:
            words += f", confirmed {status.open_episode.confirmed}"
        if status.explained_by:
            words += f", known: {status.explained_by}"
    elif status.missing:
        words += f": {', '.join(status.missing)}"
    elif status.episodes and status.episodes[-1].is_refuted:
        words += f", refuted {status.episodes[-1].closed}"
    if status.expected:
        words += f", expected {len(status.expected)}"
    return words
