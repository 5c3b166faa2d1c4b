"""Rules in words: what `protocols show`, the documentation and the reasons print."""

from collections.abc import Iterable

from afterdose.monitoring.model import (
    Advice,
    Alert,
    AllOf,
    AnyOf,
    BaselineRise,
    ByBaseline,
    Check,
    CheckKind,
    CoursePlan,
    Dosing,
    Evidence,
    Fall,
    Grade,
    Grounds,
    Lasting,
    Limit,
    Need,
    Override,
    Predicate,
    Protocol,
    RangeMultiple,
    analytes_of,
)
from afterdose.record.analytes import catalogue

_RELATIONS = {"below": "below", "at_most": "at most", "above": "above", "at_least": "at least"}
_UNITS = {
    "10*9/L": "× 10⁹/L",
    "10*12/L": "× 10¹²/L",
    "10*6/L": "× 10⁶/L",
    "umol/L": "µmol/L",
    "m[IU]/L": "mIU/L",
    "/[HPF]": "per field",
    "1": "",
}
_DIPSTICK = {0.0: "negative", 0.5: "trace", 1.0: "1+", 2.0: "2+", 3.0: "3+", 4.0: "4+"}


def need_title(name: str) -> str:
    """An analyte, examination or scan as a clinician names it."""
    if name == "mri":
        return "MRI"
    if name.startswith("examination:"):
        return name.removeprefix("examination:").replace("_", " ")
    return catalogue()[name].title


def owner_in_words(owner: str) -> str:
    """Whose move, as people say it: ``MS team``, ``GP``, ``the person``, or a team's own name."""
    return {"ms_team": "MS team", "gp": "GP", "person": "the person"}.get(
        owner, owner.replace("_", " ")
    )


def quantity(value: float, analyte: str) -> str:
    """A value of an analyte with its unit: ``100 × 10⁹/L``, or ``1+`` for a dipstick."""
    known = catalogue()[analyte]
    if known.kind == "ordinal":
        return _DIPSTICK.get(value, f"{value:g}")
    if known.kind == "presence":
        return "present" if value else "absent"
    unit = _UNITS.get(known.unit, known.unit)
    # Four digits are more than any of these tests resolves; conversion leaves a tail of others.
    return f"{value:.4g} {unit}".rstrip()


def predicate_in_words(predicate: Predicate) -> str:
    """When an alert holds, as a phrase.

    Examples
    --------
    >>> predicate_in_words(Limit("platelets", "below", 100))
    'Platelets below 100 × 10⁹/L'
    """
    match predicate:
        case Limit():
            return _limit_in_words(predicate)
        case RangeMultiple():
            return _range_in_words(predicate)
        case BaselineRise():
            return (
                f"{need_title(predicate.analyte)} more than {predicate.percent:g} % above the "
                "person's own baseline"
            )
        case Fall():
            return _fall_in_words(predicate)
        case Lasting():
            return _lasting_in_words(predicate)
        case Grade():
            return (
                f"{need_title(predicate.analyte)} of CTCAE version {predicate.version} grade "
                f"{predicate.at_least} or worse: {predicate_in_words(predicate.when)}"
            )
        case ByBaseline():
            return (
                f"{predicate_in_words(predicate.normal)} where the baseline was not above the "
                f"range, {predicate_in_words(predicate.raised)} where it was"
            )
        case AllOf():
            return _all_in_words(predicate)
        case AnyOf():
            return ", or ".join(_bracketed(part) for part in predicate.parts)


def _limit_in_words(predicate: Limit) -> str:
    value = quantity(predicate.value, predicate.analyte)
    if catalogue()[predicate.analyte].kind == "presence":
        return f"{need_title(predicate.analyte)} {value}"
    return f"{need_title(predicate.analyte)} {_RELATIONS[predicate.relation]} {value}"


def _all_in_words(predicate: AllOf) -> str:
    """Parts about one analyte are about one result, so how far apart they lie says nothing."""
    parts = " and ".join(_bracketed(part) for part in predicate.parts)
    if len(analytes_of(predicate)) == 1:
        return parts
    return f"{parts}, within {predicate.within.in_words()}"


def _range_in_words(predicate: RangeMultiple) -> str:
    limit = "lower" if predicate.relation == "below" else "upper"
    relation = _RELATIONS[predicate.relation]
    times = "" if predicate.times == 1 else f"{predicate.times:g} times "
    return f"{need_title(predicate.analyte)} {relation} {times}the laboratory's own {limit} limit"


def _fall_in_words(predicate: Fall) -> str:
    text = (
        f"{need_title(predicate.analyte)} down by {predicate.percent:g} % or more from the "
        "previous result"
    )
    if predicate.still_above is not None:
        text += f" although still above {quantity(predicate.still_above, predicate.analyte)}"
    return text


def listed_in_words(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *others, last = items
    return f"{', '.join(others)} and {last}" if others else last


def range_in_words(predicate: Lasting) -> str:
    """The values of a state that lasts: ``below 0.5 × 10⁹/L``."""
    below = f"below {quantity(predicate.below, predicate.analyte)}"
    if predicate.at_least is None:
        return below
    return f"from {quantity(predicate.at_least, predicate.analyte)} to {below}"


def _lasting_in_words(predicate: Lasting) -> str:
    return (
        f"{need_title(predicate.analyte)} {range_in_words(predicate)} for more than "
        f"{predicate.lasting.in_words()}, by {predicate.results} results or more, none more than "
        f"{predicate.max_gap.in_words()} after the one before"
    )


def _bracketed(part: Predicate) -> str:
    words = predicate_in_words(part)
    return f"({words})" if isinstance(part, AllOf | AnyOf | Grade) else words


def needs_in_words(needs: Iterable[Need]) -> str:
    """What a check needs: ``Platelets, Lymphocytes`` or ``ALT or AST, Bilirubin, total``."""
    return ", ".join(" or ".join(need_title(name) for name in need.any_of) for need in needs)


def schedule_in_words(check: Check, dosing: Dosing = Dosing.COURSES) -> str:
    """When a check falls due."""
    is_continuous = dosing is Dosing.CONTINUOUS
    if check.kind is CheckKind.REPEATED:
        text = _repeated_in_words(check, "dose" if is_continuous else "infusion")
    elif check.kind is CheckKind.BEFORE_COURSE:
        before = "the first dose" if is_continuous else _courses_in_words(check)
        text = f"within {check.within.in_words()} before {before}"
    else:
        days = " and ".join(str(day) for day in check.days)
        text = f"on day {days} of {_courses_in_words(check)}"
    if check.sex:
        text += f"; {'women' if check.sex == 'female' else 'men'}"
    return text


def _courses_in_words(check: Check) -> str:
    if not check.courses:
        return "every course"
    return f"course {' and '.join(str(number) for number in check.courses)}"


def _repeated_in_words(check: Check, dose: str) -> str:
    parts = []
    if check.at:
        parts.append(f"{listed_in_words(time.in_words() for time in check.at)} after each start")
    for phase in check.phases:
        text = phase.every.as_interval()
        if phase.lasting is not None:
            text += f" for {phase.lasting.in_words()} after each start"
        parts.append(text)
    end = "the last" if check.until == (0, 0) else f"{check.until.in_words()} after the last"
    return f"{', then '.join(parts)}, from the first {dose} until {end}"


_FIELDS = {
    "at": "the times it falls due",
    "band": "how urgent it is",
    "closes_when": "what closes it",
    "courses": "which courses it belongs to",
    "covered_by": "which findings it steps back for",
    "days": "the days of the course",
    "early": "how early a test counts",
    "every": "how often",
    "expected_for": "how long it is expected",
    "kind": "what it is tied to",
    "known_as": "which diagnosis explains it",
    "limit": "the limit",
    "needs": "what the test consists of",
    "owner": "who owns it",
    "phases": "how often, and for how long",
    "respond_within": "the response time",
    "sex": "whom it concerns",
    "then": "what to do",
    "until": "how long it goes on",
    "when": "the limits",
    "window": "the tolerance after the due date",
    "within": "how long before it a test counts",
}


def field_in_words(field: str) -> str:
    """A field of a rule as a clinic speaks of it: ``the response time``."""
    return _FIELDS.get(field, field.replace("_", " "))


def override_in_words(override: Override) -> str:
    """What a site changed, on whose word."""
    own, shipped = override.own, override.shipped
    if override.field == "owner":
        own, shipped = owner_in_words(own), owner_in_words(shipped)
    return (
        f"{field_in_words(override.field)}: {own} instead of {shipped}, approved by "
        f"{override.approved_by} on {override.approved_on}. {override.why}"
    )


def closing_in_words(alert: Alert) -> str:
    """What closes an alert: its own rule, or the first later result that does not meet it."""
    if alert.closes_when is None:
        return "Closed by the first later result that does not meet it"
    return f"Closed by a later result: {predicate_in_words(alert.closes_when)}"


def evidence_in_words(grounds: Grounds) -> str:
    """The grade as it is printed beside a rule."""
    return grade_in_words(grounds.evidence)


def grade_in_words(evidence: Evidence) -> str:
    """A grade, and what it says of the source."""
    return {
        Evidence.VERIFIED: "verified: the text was read",
        Evidence.SECONDARY: "secondary: read in another text that restates it",
        Evidence.UNVERIFIED: "UNVERIFIED: recalled only, shown and never acted on",
        Evidence.POLICY: "policy: no source states it",
    }[evidence]


def render_protocol(protocol: Protocol) -> str:
    """A protocol as a Markdown page a clinic can print and check.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    str
        Every course, check, alert and statement, each with what the source says, our reading, the
        source, the evidence grade, and what is policy.
    """
    lines = [
        f"# {protocol.title}",
        "",
        f"Protocol `{protocol.id}`, version {protocol.version}, read on {protocol.read_on}.",
        "",
        protocol.basis,
        "",
        "Afterdose advises and records; it does not diagnose. A protocol monitors nobody until a "
        "named clinician has approved this version.",
        "",
        "## Dosing",
    ]
    for course in protocol.courses:
        lines += _course(course)
    lines += ["", "## Tests"]
    for check in protocol.checks:
        lines += _check(check, protocol.dosing)
    lines += ["", "## Results that need action", "", _judged(protocol)]
    for alert in protocol.alerts:
        lines += _alert(alert)
    lines += ["", "## Stated by the sources, decided by people"]
    for advice in protocol.advice:
        lines += _advice(advice)
    return "\n".join(lines) + "\n"


def _judged(protocol: Protocol) -> str:
    """From when to when results raise alerts, which no single rule says."""
    if not protocol.alerts:
        return "No result raises an alert here."
    dose = protocol.dose_word
    before = f"A result from before the first {dose} raises no alert."
    if protocol.dosing is Dosing.COURSES:
        return f"{before} After the last {dose} any result can still raise one, without end."
    return (
        f"{before} After the last {dose} a new finding raises one only as long as the test it "
        "belongs to goes on; an alert that was open then stays open until a result closes it."
    )


def _course(course: CoursePlan) -> list[str]:
    return [
        "",
        f"### Course {course.numbers}" if course.days else f"### {course.numbers}",
        "",
        f"- {f'{course.days} days, ' if course.days else ''}{course.dose}; {course.timing}",
        *_grounds(course.grounds),
    ]


def _check(check: Check, dosing: Dosing) -> list[str]:
    return [
        "",
        f"### {check.title}{_mark(check.grounds)}",
        "",
        f"- Rule `{check.id}`: {schedule_in_words(check, dosing)}",
        f"- Needs: {needs_in_words(check.needs)}",
        *_overdue(check),
        f"- Owner unless another has accepted: {owner_in_words(check.owner)}",
        *_grounds(check.grounds),
    ]


def _overdue(check: Check) -> list[str]:
    """Only what is repeated can be late: a test tied to a course is due until the course."""
    if check.kind is not CheckKind.REPEATED:
        return []
    return [f"- Overdue {check.window.in_words()} after the due date"]


def _alert(alert: Alert) -> list[str]:
    lines = [
        "",
        f"### {alert.title}{_mark(alert.grounds)}",
        "",
        f"- Rule `{alert.id}`: {predicate_in_words(alert.when)}",
        f"- {str(alert.band).capitalize()}. {alert.then}",
        f"- Escalates {alert.respond_within.in_words()} after the newest such result was received, "
        "if no repeat has come",
        f"- {closing_in_words(alert)}",
    ]
    if alert.covered_by:
        covering = ", ".join(f"`{name}`" for name in alert.covered_by)
        verb = "says" if len(alert.covered_by) == 1 else "say"
        lines.append(f"- Not listed beside {covering}, which {verb} more")
    if alert.expected_for is not None:
        lines.append(
            "- Expected, and silent, from a course's first infusion until "
            f"{alert.expected_for.in_words()} after its last"
        )
    if alert.known_as is not None:
        lines.append(f"- A recorded {alert.known_as} event makes it a known finding")
    return [*lines, *_grounds(alert.grounds)]


def _advice(advice: Advice) -> list[str]:
    return [
        "",
        f"### {advice.title}{_mark(advice.grounds)}",
        "",
        f"- `{advice.id}`: {advice.text}",
        *_grounds(advice.grounds),
    ]


def _mark(grounds: Grounds) -> str:
    return " (UNVERIFIED)" if grounds.evidence is Evidence.UNVERIFIED else ""


_WHO_SAYS = {
    Evidence.VERIFIED: "The source says",
    Evidence.SECONDARY: "The source says",
    Evidence.UNVERIFIED: "Remembered, not read",
    Evidence.POLICY: "Why it is here",
}


def _grounds(grounds: Grounds) -> list[str]:
    lines = [f"- {_WHO_SAYS[grounds.evidence]}: {grounds.says}"]
    if grounds.reading:
        lines.append(f"- Our reading: {grounds.reading}")
    lines.append(f"- Evidence {evidence_in_words(grounds)}")
    for source in grounds.sources:
        section = f", {source.section}" if source.section else ""
        lines.append(f"- Source: {source.cite}{section}")
    lines += [
        f"- **Changed by this site.** {override_in_words(override)}"
        for override in grounds.overrides
    ]
    if grounds.policy:
        fields = listed_in_words(field_in_words(field) for field in grounds.policy)
        lines.append(f"- Policy, no source states it: {fields}")
    return lines
