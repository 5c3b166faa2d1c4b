"""What both engines say about one person, in the same words, so that they can be compared."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from afterdose.cohort import Cohort, Record
from afterdose.cohort.frames import schema_of
from afterdose.engines import local, reference
from afterdose.engines.local import (
    Evaluation,
    Packed,
    evaluate_mornings,
    evaluate_one,
    timelines,
)
from afterdose.engines.local.days import day_of, number_of
from afterdose.engines.local.kernels.checks import DOES_NOT_CONCERN
from afterdose.engines.local.kernels.judging import (
    BASE,
    BASE_RANGE,
    EARLIER,
    EXACT,
    GAP,
    IN_TIME,
    NOT_ASSESSABLE,
    RANGE_LIMIT,
    SINCE,
)
from afterdose.monitoring import (
    AlertStatus,
    CheckState,
    Coverage,
    Protocol,
    evaluate_alerts,
    evaluate_checks,
    evaluate_coverage,
)
from afterdose.monitoring.known import known_on
from afterdose.monitoring.model import Need
from afterdose.monitoring.words import need_title
from afterdose.record.answers import Answer
from afterdose.record.history import History
from afterdose.record.tables import SPECS, Lab


def make_cohort(histories: Iterable[History]) -> Cohort:
    """A cohort of people whose identifiers are in order."""
    histories = list(histories)
    frames = {}
    for name, spec in SPECS.items():
        if any(name in history.absent for history in histories):
            continue
        rows = [
            row
            for history in histories
            for row in ([history.person] if name == "people" else getattr(history, name))
        ]
        frames[name] = pl.DataFrame(rows, schema=schema_of(spec), orient="row")
    return Cohort.of(Record(frames))


def held(history: History) -> History:
    """Rows of tables the record does not hold do not exist."""
    return replace(history, **dict.fromkeys(history.absent, ()))


STATES = list(CheckState)
ANSWERS = [Answer.NOT_MET, Answer.MET, Answer.NOT_ASSESSABLE]


def plain_answers(history: History, protocol: Protocol, as_of: date) -> dict[str, object]:
    found: dict[str, object] = {}
    for status in evaluate_checks(history, protocol, as_of=as_of):
        lacking = set(status.missing) if status.state is not CheckState.NOT_ASSESSABLE else set()
        found[status.check_id] = (
            status.state, status.due_date, status.last_done, status.ends, lacking, status.awaiting
        )  # fmt: skip
    spans: dict[str, list[Coverage]] = {}
    for coverage in evaluate_coverage(history, protocol, as_of=as_of):
        spans.setdefault(coverage.check_id, []).append(coverage)
    for check_id, parts in spans.items():
        found[f"coverage of {check_id}"] = (
            sum(part.tests_due for part in parts),
            sum(part.tests_in_window for part in parts),
            sum(part.days for part in parts),
            sum(part.days_in_window for part in parts),
            max(part.longest_gap_days for part in parts),
        )
    place_of = _places(history)
    for alert in evaluate_alerts(history, protocol, as_of=as_of):
        found[alert.alert_id] = (
            alert.answer, _kinds(alert), len(alert.expected), alert.explained_by is not None,
            alert.is_undecided, alert.repeat_due,
            tuple(
                (one.opened, one.known_since, one.confirmed, one.closed,
                 place_of(one.first), place_of(one.latest), place_of(one.answered))
                for one in alert.episodes
            ),
        )  # fmt: skip
    return found


def _places(history: History) -> Callable[[Lab], int]:
    """Where a result stands in a history; one that was lent its copy's range stands there too."""
    rows = {id(lab): place for place, lab in enumerate(history.labs)}

    def place_of(lab: Lab) -> int:
        if id(lab) in rows:
            return rows[id(lab)]
        return history.labs.index(lab._replace(ref_low=None, ref_high=None))

    return place_of


def _titles(need: Need) -> str:
    return " or ".join(need_title(name) for name in need.any_of)


REASONS = [
    (EXACT, "an exact value of"),
    (RANGE_LIMIT, "the laboratory's"),
    (BASE, "a baseline of"),
    (IN_TIME, "in time"),
    (GAP, "apart"),
    (EARLIER, "an earlier result of"),
    (BASE_RANGE, "whether the baseline"),
    (SINCE, " since "),
]


def _kinds(alert: AlertStatus) -> set[int]:
    """The reasons an alert is not assessable, as the kernels number them."""
    if alert.answer is not Answer.NOT_ASSESSABLE:
        return set()
    found = {bit for text in alert.missing for bit, words in REASONS if words in text}
    return found if found or not alert.missing else {-1}


def _lacking(result: np.void) -> set[int]:
    if result["answer"] != NOT_ASSESSABLE:
        return set()
    if result["missing"] < 0:
        return {-1}
    return {bit for bit, _ in REASONS if result["missing"] & bit}


def _worded(results: Evaluation, protocol: Protocol, places: list[int]) -> dict[str, object]:
    """The kernels' answers about the first person; ``places`` of results as the plain code's."""
    found: dict[str, object] = {}
    for column, check in enumerate(protocol.checks):
        one = results.checks[0, column]
        if one["state"] == DOES_NOT_CONCERN:
            continue
        lacking = {
            _titles(need) for bit, need in enumerate(check.needs) if one["missing"] >> bit & 1
        }
        found[check.id] = (
            STATES[one["state"]], day_of(one["due"]), day_of(one["last_done"]), day_of(one["ends"]),
            lacking, day_of(one["awaiting"]),
        )  # fmt: skip
        if one["days"]:
            names = ("tests_due", "in_window", "days", "days_in_window", "longest_gap")
            found[f"coverage of {check.id}"] = tuple(int(one[name]) for name in names)
    for column, alert in enumerate(protocol.alerts):
        one = results.alerts[0, column]
        episodes = results.episodes[results.episodes["alert"] == column]
        found[alert.id] = (
            ANSWERS[one["answer"]], _lacking(one), int(one["expected"]),
            bool(results.explained()[0, column]), bool(one["is_undecided"]),
            results.repeat_due(0, column),
            tuple(
                (day_of(e["opened"]), day_of(e["known"]), day_of(e["confirmed"]),
                 day_of(e["closed"]),
                 *(places[e[name]] for name in ("first", "latest", "answered")))
                for e in episodes
            ),
        )  # fmt: skip
    return found


def engines_agree(history: History, protocol: Protocol, mornings: Iterable[date]) -> None:
    """Fail where the local engine answers anything else than the plain code."""
    history = held(history)
    packed = Packed.of(make_cohort([history]))
    # The cohort sorts rows by specimen and receipt, keeping the order of equals.
    order = sorted(
        range(len(history.labs)),
        key=lambda at: (history.labs[at].specimen_date, history.labs[at].received_date),
    )
    mornings = list(mornings)
    every = evaluate_mornings(packed, [protocol], mornings)
    for as_of, results in zip(mornings, every, strict=True):
        expected = plain_answers(history, protocol, as_of)
        assert _worded(results, protocol, [order[row] for row in results.labs.row]) == expected
        assert _answers_of_one(history, protocol, as_of) == expected


def worklists_agree(histories: Iterable[History], protocols: list[Protocol], as_of: date) -> None:
    """Fail where the local engine builds another worklist than the plain code."""
    people = [held(history) for history in histories]
    found = local.build_worklist(make_cohort(people), protocols, as_of=as_of)
    assert found == reference.build_worklist(people, protocols, as_of=as_of)


def _answers_of_one(history: History, protocol: Protocol, as_of: date) -> dict[str, object]:
    """The same without a cohort around the person."""
    known = known_on(history, protocol, as_of=as_of)
    place_of = _places(history)
    places = [place_of(lab) for name in sorted(known.results) for lab in known.results[name]]
    return _worded(evaluate_one(history, [protocol], as_of=as_of), protocol, places)


def local_timelines(
    packed: Packed, protocol: Protocol, as_of: date
) -> dict[str, list[tuple[CheckState, date | None]]]:
    labs, _ = packed.labs.known_on(number_of(as_of))
    found: dict[str, list[tuple[CheckState, date | None]]] = {}
    for one in timelines(packed.people, labs, [protocol], as_of=as_of):
        name = protocol.checks[one["check"]].id
        found.setdefault(name, []).append((STATES[one["state"]], day_of(one["first"])))
    return found
