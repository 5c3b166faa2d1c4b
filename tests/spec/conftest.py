"""Runs a spec test: small pipe tables in, one expected answer per morning out.

The plain code gives the expected answer, and the local engine has to agree with every check and
alert of the plain code on every morning.
"""

from collections.abc import Callable, Mapping
from datetime import date
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
from afterdose.record.analytes import catalogue
from afterdose.record.history import History
from afterdose.record.tables import SPECS, Person
from support.agreement import engines_agree, worklists_agree

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
