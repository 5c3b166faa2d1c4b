"""A definition in words, for the methods of a report: every choice is said."""

from collections.abc import Iterable, Iterator
from math import inf

from afterdose.outcomes.disability.choices import (
    Checkpoint,
    Class,
    ComparedWith,
    Direction,
    Extrema,
    Kind,
    Magnitude,
    MovesTo,
    Preceding,
    Proceed,
    RelapseDay,
    Report,
    Start,
    Strategy,
)
from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.parts import (
    Attribution,
    Distance,
    Interval,
    Window,
)
from afterdose.outcomes.disability.steps import Band, Step, StepRule, Worse

_MEASURES = {"edss": "EDSS", "sdmt": "SDMT", "t25fw_s": "T25FW", "nhpt_s": "NHPT"}
_KINDS = {
    Direction.WORSENING: "confirmed worsening",
    Direction.IMPROVEMENT: "confirmed improvement",
    Direction.BOTH: "confirmed worsening or improvement",
}
_MOVES = {
    Direction.WORSENING: "worsening",
    Direction.IMPROVEMENT: "improvement",
    Direction.BOTH: "worsening or improvement",
}

_PLACES = {
    MovesTo.CONFIRMATION: "the first confirming visit",
    MovesTo.ONSET: "the onset",
    MovesTo.BEST: "the best score from onset to the first confirming visit",
}


def render_definition(definition: DisabilityDefinition) -> str:
    """The sentences that say what a definition does.

    Examples
    --------
    >>> from afterdose.outcomes.disability.presets import CARE_MS_CDW
    >>> render_definition(CARE_MS_CDW).split(". ")[1]
    'A worsening is an increase of EDSS by at least 1.5 from 0, 1 above'
    """
    sentences = (
        *_event(definition),
        *_steps(definition),
        *_reference(definition),
        *_confirmation(definition),
        *_relapses(definition),
        *_attribution(definition),
        *_intercurrent(definition),
    )
    return " ".join(sentences)


def _event(definition: DisabilityDefinition) -> Iterator[str]:
    events = definition.events
    which = {
        Report.FIRST: "The first",
        Report.FIRST_OF_A_KIND: "The first of each kind of",
        Report.EACH: "Each",
    }[events.report]
    of_class = f" that is {events.of_class.upper()}" if events.of_class is not Class.NONE else ""
    yield f"{which} {_KINDS[events.kinds]} of {_measure(definition)}{of_class} is reported."
    if events.of_class is not Class.NONE and not definition.reference.roves.has(Kind.CDW):
        yield "A worsening of another class is passed over."
    if events.report is not Report.FIRST or definition.reference.roves is not Direction.NEITHER:
        after = "the first confirming visit" if events.proceed_from is Proceed.CONFIRMATION else (
            "the onset"
        )  # fmt: skip
        yield f"After an event the search goes on behind {after}."


def _steps(definition: DisabilityDefinition) -> Iterator[str]:
    measure, higher = _measure(definition), definition.worse is Worse.HIGHER
    worse, better = ("an increase", "a decrease") if higher else ("a decrease", "an increase")
    kinds, rule = definition.events.kinds, definition.reference
    if Direction.WORSENING in (kinds, rule.roves) or Direction.BOTH in (kinds, rule.roves):
        yield f"A worsening is {worse} of {measure} by at least {_step(definition.step)}."
    if Direction.IMPROVEMENT in (kinds, rule.roves) or Direction.BOTH in (kinds, rule.roves):
        step = definition.improvement_step or definition.step
        yield f"An improvement is {better} of {measure} by at least {_step(step)}."


def _step(step: Step) -> str:
    if not isinstance(step, StepRule):
        return "a step given as a Python function"
    if len(step.bands) == 1:
        return _size(step.bands[0])
    parts = []
    for band in step.bands:
        where = "above" if band.up_to == inf else f"up to {band.up_to:g}"
        parts.append(f"{_size(band)} {'from 0' if band.up_to == 0 else where}")
    return ", ".join(parts)


def _size(band: Band) -> str:
    points, percent = f"{band.points:g}", f"{band.percent:g} % of the reference"
    if band.percent == inf:
        return points
    return percent if band.points == inf else f"{points} or {percent}, whichever is less"


def _reference(definition: DisabilityDefinition) -> Iterator[str]:
    rules, measure = definition.reference, _measure(definition)
    if rules.start is Start.FIRST_COURSE:
        yield (
            f"The reference is the last {measure} on or before the first day of the first course "
            f"of {definition.drug}, at most {rules.at_most_before.in_words()} before it."
        )
    else:
        yield f"The reference is the first {measure}."
    if rules.lowest > -inf:
        yield f"People with a reference below {rules.lowest:g} cannot be assessed."
    if rules.extrema is not Extrema.KEEP:
        size = "by a step " if rules.extrema is Extrema.SKIP_STRICT else ""
        yield (
            f"A visit that lies {size}below or above both its neighbours is passed over as "
            "reference."
        )
    yield from _roving(definition)


def _roving(definition: DisabilityDefinition) -> Iterator[str]:
    rules = definition.reference
    if rules.roves is Direction.NEITHER and not rules.after_relapse:
        yield "It stays fixed."
    if rules.roves is not Direction.NEITHER:
        yield f"It moves to {_PLACES[rules.moves_to]} after each confirmed {_MOVES[rules.roves]}."
        if rules.improvement_moves_to is not None and rules.roves.has(Kind.CDI):
            yield f"After an improvement it moves to {_PLACES[rules.improvement_moves_to]}."
        if rules.sub_threshold is not Direction.NEITHER:
            yield (f"A confirmed {_MOVES[rules.sub_threshold]} smaller than the step moves it too.")
        if rules.compared_with is ComparedWith.NEW:
            yield "An improvement moves it only if every visit is at least as good as the onset."
    if rules.after_relapse:
        yield (
            "When the search comes to a change more than "
            f"{rules.settled_days:g} days after a relapse, the reference moves to the first visit "
            "on or after that relapse."
        )
    if rules.never_better:
        yield "Where the new score would be better than the old, the old is kept."


def _confirmation(definition: DisabilityDefinition) -> Iterator[str]:
    rules = definition.confirmation
    windows = " or ".join(map(_window, rules.windows))
    between = (
        "if it and every visit since the onset hold"
        if rules.intermediate
        else "if it holds, whatever lies between"
    )
    how_far = "the step" if rules.magnitude is Magnitude.STEP else "the step and the score at onset"
    yield f"A visit {windows} after the onset confirms, {between} {how_far}."
    if rules.sustained_days == inf:
        yield "The change has to last to the end of follow-up."
    elif rules.sustained_days:
        yield (
            f"The change has to last at least {rules.sustained_days:g} days, or to the end of "
            "follow-up."
        )
    yield _last_visit(definition)


def _last_visit(definition: DisabilityDefinition) -> str:
    rules = definition.confirmation
    if not rules.last_visit_within:
        return "A change at the last visit is not confirmed and does not count."
    within = "" if rules.last_visit_within == inf else (
        f", if follow-up ended within {rules.last_visit_within:g} days"
    )  # fmt: skip
    share = "" if rules.last_visit_share == 1 else (
        f" in a share of {rules.last_visit_share:g}, drawn with seed {rules.seed}"
    )  # fmt: skip
    return f"A worsening at the last visit counts without confirmation{share}{within}."


def _window(window: Window) -> str:
    after = window.after.in_words()
    if window.late_days == inf:
        early = f" less {window.early_days:g} days" if window.early_days else ""
        return f"{after}{early} or more"
    return f"{after} (-{window.early_days:g}, +{window.late_days:g} days)"


def _relapses(definition: DisabilityDefinition) -> Iterator[str]:
    rules = definition.relapses
    places = (
        ("The reference", rules.reference),
        ("The onset", rules.onset),
        ("A confirming visit", rules.confirmation),
    )
    asked = [text for name, distance in places if (text := _distance(name, distance))]
    yield from asked or ["Visits count whatever relapses lie around them."]
    if "relapses" in definition.tables:
        yield "A relapse recorded as not confirmed is left out."
    if rules.measured_from is RelapseDay.END:
        yield "A relapse lasts to its end where that is recorded."
    if rules.seen_before_days != inf:
        yield (
            f"Relapses more than {rules.seen_before_days:g} days before the first visit are not "
            "looked at."
        )


def _distance(name: str, distance: Distance) -> str:
    parts = []
    if distance.since_last:
        parts.append(f"{distance.since_last:g} days after the last relapse")
    if distance.until_next:
        parts.append(f"{distance.until_next:g} days before the next")
    return f"{name} has to be at least {' and '.join(parts)}." if parts else ""


def _attribution(definition: DisabilityDefinition) -> Iterator[str]:
    rules = definition.attribution
    if rules is None:
        return
    yield f"A worsening is RAW with a relapse {_intervals(rules.associated, rules, ' or ')}."
    if rules.relapse_free:
        yield (
            "Else it is PIRA with no relapse "
            f"{_intervals(rules.relapse_free, rules, ' or ')}, and otherwise undefined."
        )
    else:
        yield "Else it is PIRA."
    if rules.mri_free:
        yield (
            "A PIRA is PIRMA with a scan and no active scan "
            f"{_intervals(rules.mri_free, rules, ' and ')}. A scan is active with a new T2 or a "
            "gadolinium-enhancing lesion, and inactive only where both counts are known to be none."
        )


def _intervals(intervals: Iterable[Interval], rules: Attribution, between: str) -> str:
    names = {
        Checkpoint.PRECEDING: {
            Preceding.REFERENCE: "the reference",
            Preceding.LAST: "the visit before the onset",
            Preceding.LAST_STEP: "the last visit a step away",
        }[rules.preceding],
        Checkpoint.ONSET: "the onset",
        Checkpoint.CONFIRMATION: "the confirmation",
    }
    return between.join(
        f"from {_away(one.before_days, 'before')}{names[one.start]} to "
        f"{_away(one.after_days, 'after')}{names[one.end]}"
        for one in intervals
    )


def _away(days: float, where: str) -> str:
    return f"{days:g} days {where} " if days else ""


def _intercurrent(definition: DisabilityDefinition) -> Iterator[str]:
    rules = definition.intercurrent
    names = {"a switch": rules.switch, "retreatment": rules.retreatment, "death": rules.death}
    says = {
        Strategy.TREATMENT_POLICY: "changes nothing (treatment policy)",
        Strategy.WHILE_ON_TREATMENT: "ends observation (while on treatment)",
        Strategy.COMPOSITE: "confirms a worsening that held until then (composite)",
    }
    parts = []
    for name, strategy in names.items():
        text = says[strategy]
        if name == "death" and strategy is Strategy.WHILE_ON_TREATMENT:
            text = "ends observation (while alive)"
        parts.append(f"{name} {text}")
    yield f"Between onset and confirmation: {'; '.join(parts)}."


def _measure(definition: DisabilityDefinition) -> str:
    return _MEASURES.get(definition.measure, definition.measure)
