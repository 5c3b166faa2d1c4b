"""Where a repeated check, or an alert, stands: as sentences."""

from datetime import date

from afterdose.monitoring.episodes import Episode
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Alert, Check
from afterdose.monitoring.schedule import phase_on
from afterdose.monitoring.spans import Span
from afterdose.monitoring.words import closing_in_words


def repeated_words(
    check: Check,
    known: Known,
    span: Span,
    last_done: date | None,
    due: date | None,
    missing: tuple[str, ...],
) -> str:
    """What was done last, when the next test is due and why, and when monitoring ends."""
    sentences = [_due_words(check, span, last_done, due)]
    if missing:
        sentences.append(f"The newest result lacks {', '.join(missing)}.")
    sentences += _end_words(check, known, span)
    return " ".join(sentences)


def _due_words(check: Check, span: Span, last_done: date | None, due: date | None) -> str:
    if last_done is None:
        text = f"No satisfactory test since {_start_words(span)}"
    else:
        text = f"Last satisfactory test {last_done}"
    if due is None:
        return text + "; every stated test has been done."
    if not span.holds(due):
        return text + "; no further test falls before monitoring ends."
    for time in check.at:
        if time.after(span.began) == due:
            return text + f"; {time.in_words()} after the start on {span.began}, so due {due}."
    every = phase_on(check, span, last_done or span.start).every
    return text + f"; {every.as_interval()}, so the next is due {due}."


def _start_words(span: Span) -> str:
    course = span.last_course
    first = "dose" if course is not None and course.is_continuous else "infusion"
    return f"the first {first} on {span.start}"


def _end_words(check: Check, known: Known, span: Span) -> list[str]:
    course = span.last_course
    if span.end is None or course is None:
        return ["Monitoring goes on while the drug is taken."]
    after = check.until.in_words() + " after " if check.until != (0, 0) else "with "
    if course.is_continuous:
        sentences = [f"Monitoring ends {span.end}, {after}the last dose on {course.last_infusion}."]
    else:
        sentences = [
            f"Monitoring ends {span.end}, {after}the last infusion on "
            f"{course.last_infusion} (course {course.number})."
        ]
        if course.end_is_assumed:
            sentences.append(
                "The course's last day is not recorded; its first day stands in for it."
            )
    if span.is_over(known.as_of):
        sentences.append(
            "Scheduled testing has ended; the risk has not: test on symptoms."
            if not course.is_continuous
            else "Scheduled testing has ended: test on symptoms."
        )
    return sentences


def alert_words(
    alert: Alert,
    standing: Episode | None,
    episodes: list[Episode],
    expected: list[date],
    missing: tuple[str, ...],
    explained_by: str | None,
    repeat_due: date | None,
    as_of: date,
) -> str:
    """Since when an alert holds and what comes next; or why it does not, and when it did."""
    if standing is not None:
        text = f"Open since the specimen of {standing.opened}, known since {standing.known_since}."
        if standing.note:
            text += f" {standing.note}"
        if standing.confirmed is not None:
            text += f" Confirmed by the specimen of {standing.confirmed}."
        if standing.answered is not standing.latest and alert.closes_when is not None:
            verb = "Not met any more" if standing.confirmed is not None else "Refuted"
            text += f" {verb} by the specimen of {standing.answered.specimen_date}."
        if explained_by:
            text += f" Recorded: {explained_by}."
        else:
            text += _repeat_words(alert, standing, repeat_due, as_of)
        return text + f" Next: {alert.then} {closing_in_words(alert)}."
    text = f"Missing: {', '.join(missing)}." if missing else "Not met by the newest result."
    closed = [
        f"{episode.opened} to {episode.closed}" + (", refuted" if episode.is_refuted else "")
        for episode in episodes
    ]
    if closed:
        text += f" Earlier episodes: {'; '.join(closed)}."
    if expected:
        text += f" Expected after an infusion, raised nothing: {len(expected)} results."
    return text


def _repeat_words(alert: Alert, standing: Episode, due: date | None, as_of: date) -> str:
    if due is None or as_of <= due:
        return f" A repeat is expected by {due}."
    return (
        f" No repeat since the result received on {standing.answered.received_date}: it was "
        f"expected within {alert.respond_within.in_words()}, by {due}."
    )
