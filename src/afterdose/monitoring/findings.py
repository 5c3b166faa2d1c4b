"""A finding in a few words: the newest value, how it moved, and what stands behind it."""

from math import floor

from afterdose.monitoring.alerts import AlertStatus
from afterdose.monitoring.episodes import Episode
from afterdose.monitoring.known import Known
from afterdose.monitoring.model import Alert, BaselineRise, ByBaseline, Lasting, Predicate, parts_of
from afterdose.monitoring.predicates import baseline_of, judge, previous_result
from afterdose.monitoring.verdicts import bounds_of
from afterdose.monitoring.words import need_title, predicate_in_words, quantity, range_in_words
from afterdose.record.tables import Lab


def finding_words(alert: Alert, status: AlertStatus, known: Known, *, late: int = 0) -> str:
    """The newest result behind an open episode, how it moved, what repeats said of it.

    Parameters
    ----------
    alert : Alert
    status : AlertStatus
        With an open episode.
    known : Known
    late : int, unit day
        How long a repeat has been missing; 0: it is in time.
    """
    episode = status.open_episode
    assert episode is not None
    text = _values(alert, known, episode.latest) + _repeats(alert, episode)
    if status.explained_by:
        text += f"; {status.explained_by}"
    return text + _unanswered(episode, late)


def rows_behind(alert: Alert, known: Known, latest: Lab) -> list[Lab]:
    """``latest`` and, of each other analyte it was combined with, the newest result used."""
    used = {latest.analyte: latest}
    for row in judge(alert.when, known, latest).rows:
        if row.analyte != latest.analyte:
            standing = used.setdefault(row.analyte, row)
            used[row.analyte] = max(standing, row, key=lambda one: one.specimen_date)
    return list(used.values())


def _values(alert: Alert, known: Known, latest: Lab) -> str:
    first, *others = rows_behind(alert, known, latest)
    text = value_words(first)
    if others:
        text += f" on {first.specimen_date}"
    text += _movement(alert, known, first)
    return "; ".join([text, *(f"{value_words(row)} on {row.specimen_date}" for row in others)])


def _movement(alert: Alert, known: Known, latest: Lab) -> str:
    """What the value is held to: how long the state lasts, the baseline, or the result before."""
    if isinstance(alert.when, Lasting):
        chain = judge(alert.when, known, latest).rows
        return (
            f", {range_in_words(alert.when)} since {chain[0].specimen_date} in {len(chain)} results"
        )
    held_to = _baseline(alert.when, known)
    if held_to and isinstance(alert.when, BaselineRise):
        return held_to
    previous = previous_result(known, latest)
    moved = "" if previous is None else _change(previous, latest)
    # Elsewhere a baseline only chooses the reading, which matters where it is not a real one.
    return moved + (held_to if held_to.endswith(_LATE) else "")


_LATE = "; none is recorded from before)"


def _baseline(predicate: Predicate, known: Known) -> str:
    """The person's own baseline, where the predicate rests on one; said if it is not a real one."""
    if isinstance(predicate, BaselineRise | ByBaseline):
        row, note = baseline_of(predicate.analyte, known)
        if row is None:
            return ""
        dose = "dose" if known.courses[0].is_continuous else "infusion"
        late = f" (from after the first {dose}{_LATE}" if note else ""
        return f", baseline {_amount(row)} on {row.specimen_date}{late}"
    found = (_baseline(part, known) for part in parts_of(predicate))
    return next(filter(None, found), "")


def _repeats(alert: Alert, episode: Episode) -> str:
    """What repeats said: it was seen again, or not, though what would close it has not come."""
    text = ""
    if episode.confirmed is not None and not isinstance(alert.when, Lasting):
        text = f"; confirmed {episode.confirmed}"
    answered = episode.answered
    if answered is not episode.latest and alert.closes_when is not None:
        verb = "no longer met" if text else "refuted"
        text += (
            f"; {verb} by {value_words(answered)} on {answered.specimen_date}, open until "
            f"{predicate_in_words(alert.closes_when)}"
        )
    return text


def _unanswered(episode: Episode, late: int) -> str:
    if not late:
        return ""
    newest = episode.answered.specimen_date
    since = f" {newest}" if newest > episode.opened else ""
    return f"; no repeat since{since}, {late} day{'' if late == 1 else 's'} late"


def value_words(row: Lab) -> str:
    """A result as a nurse says it: the analyte, its value and unit."""
    return f"{need_title(row.analyte)} {_amount(row)}"


def _amount(row: Lab) -> str:
    assert row.value is not None  # only usable results are looked at
    return f"{row.comparator or ''}{quantity(row.value, row.analyte)}"


def _change(previous: Lab, latest: Lab) -> str:
    """How a value moved: in percent where that is how clinicians speak of it.

    Of a result that is only a bound, no more is said than the bound allows.
    """
    days = (latest.specimen_date - previous.specimen_date).days
    is_exact = not previous.comparator and not latest.comparator
    fall = round(_fall(previous, latest)) if is_exact else floor(_fall(previous, latest))
    if fall >= _NOTABLE_FALL and latest.analyte in _COUNTED:
        return f", down {'' if is_exact else 'at least '}{fall} % in {days} days"
    if is_exact and latest.value == previous.value:
        return ", unchanged"
    return f", was {_amount(previous)} {days} days before"


def _fall(previous: Lab, latest: Lab) -> float:
    """By how many percent a value fell, at the least; negative where nobody can say."""
    before, now = bounds_of(previous).low, bounds_of(latest).high
    return 100 * (1 - now / before) if before > 0 else -1.0


_NOTABLE_FALL = 10
_COUNTED = frozenset({"platelets", "neutrophils", "haemoglobin", "leukocytes"})
