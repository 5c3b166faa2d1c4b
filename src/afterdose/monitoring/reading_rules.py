"""Reading the rules of a protocol file: courses, checks, alerts and statements."""

from collections.abc import Mapping

from afterdose.monitoring.model import (
    Advice,
    Alert,
    Band,
    Check,
    CheckKind,
    CoursePlan,
    Evidence,
    Grounds,
    Need,
    Phase,
    Source,
)
from afterdose.monitoring.reading import Block
from afterdose.monitoring.reading_predicates import permitted_analyte, read_predicate
from afterdose.record.analytes import catalogue
from afterdose.record.dates import Period
from afterdose.record.tables import EVENT_CATEGORIES, OWNERS, SPECS

_GROUNDS = ("evidence", "sources", "says", "reading", "policy")
_BY_DEFAULT = ("courses", "respond_within")
"""Fields that say something where they are left out, so that it may be policy."""
_CHECK = ("id", "title", "kind", "needs", "sex", "window", "owner")
_OF_KIND = {
    CheckKind.REPEATED: ("every", "at", "early", "phases", "until"),
    CheckKind.BEFORE_COURSE: ("within", "courses"),
    CheckKind.DURING_COURSE: ("days", "courses"),
}
_ALERT = (
    "id", "title", "when", "check", "band", "then", "respond_within", "closes_when", "covered_by",
    "expected_for", "known_as",
)  # fmt: skip


def read_course(block: Block, sources: Mapping[str, Source]) -> CoursePlan:
    block.only(("numbers", "days", "dose", "timing", *_GROUNDS))
    return CoursePlan(
        numbers=block.text("numbers"),
        days=block.whole("days") if block.has("days") else None,
        dose=block.text("dose"),
        timing=block.text("timing"),
        grounds=_grounds(block, sources),
    )


def read_check(block: Block, sources: Mapping[str, Source]) -> Check:
    kind = CheckKind(block.one_of("kind", CheckKind))
    kinds = (kind,) if block.has_read("kind") else tuple(CheckKind)
    block.only((*_CHECK, *(key for one in kinds for key in _OF_KIND[one]), *_GROUNDS))
    is_repeated = kinds == (CheckKind.REPEATED,)
    return Check(
        id=block.text("id"),
        title=block.text("title"),
        kind=kind,
        needs=_needs(block),
        at=_times(block) if block.has("at") else (),
        early=block.period("early") if block.has("at") else Period(),
        phases=_phases(block) if is_repeated else (),
        until=block.period("until") if is_repeated else Period(),
        within=block.period("within") if kinds == (CheckKind.BEFORE_COURSE,) else Period(),
        days=block.wholes("days") if kinds == (CheckKind.DURING_COURSE,) else (),
        courses=block.wholes("courses") if block.has("courses") else (),
        sex=block.one_of("sex", ("female", "male")) if block.has("sex") else None,
        window=block.period("window"),
        owner=block.one_of("owner", OWNERS),
        grounds=_grounds(block, sources),
    )


def read_alert(block: Block, sources: Mapping[str, Source]) -> Alert:
    block.only((*_ALERT, *_GROUNDS))
    band = Band(block.one_of("band", Band))
    return Alert(
        id=block.text("id"),
        title=block.text("title"),
        when=read_predicate(block.inner("when")),
        check=block.text("check"),
        band=band,
        then=block.text("then"),
        respond_within=(
            block.period("respond_within") if block.has("respond_within") else band.respond_within
        ),
        closes_when=(
            read_predicate(block.inner("closes_when")) if block.has("closes_when") else None
        ),
        covered_by=block.texts("covered_by"),
        expected_for=block.period("expected_for") if block.has("expected_for") else None,
        known_as=block.one_of("known_as", EVENT_CATEGORIES) if block.has("known_as") else None,
        grounds=_grounds(block, sources),
    )


def read_advice(block: Block, sources: Mapping[str, Source]) -> Advice:
    block.only(("id", "title", "text", *_GROUNDS))
    return Advice(
        id=block.text("id"),
        title=block.text("title"),
        text=block.text("text"),
        grounds=_grounds(block, sources),
    )


def _times(block: Block) -> tuple[Period, ...]:
    return tuple(block.as_period("at", item, place) for place, item in enumerate(block.items("at")))


def _phases(block: Block) -> tuple[Phase, ...]:
    """The intervals: ``every`` is the short form of a single one that does not end."""
    if block.has("every"):
        if block.has("phases"):
            block.refuse("phases", "given beside every", ("one of every and phases",))
        return (Phase(block.period("every")),)
    if not block.has("phases"):
        if not block.has("at"):
            block.refuse("every", "missing", ("a period", "phases", "at"))
        return ()
    found = []
    for phase in block.inners("phases"):
        phase.only(("every", "lasting"))
        lasting = phase.period("lasting") if phase.has("lasting") else None
        found.append(Phase(phase.period("every"), lasting))
    return tuple(found)


def _needs(block: Block) -> tuple[Need, ...]:
    """What a check needs: a list of names, or of lists of which any one name will do."""
    needs = []
    for place, item in enumerate(block.items("needs")):
        names = [str(name) for name in item] if isinstance(item, list) else [str(item)]
        if not names:
            block.refuse("needs", item, ("a name, or a list of names",), place)
        for name in names:
            _known_need(block, name, place)
        needs.append(Need(tuple(names)))
    return tuple(needs)


def _known_need(block: Block, name: str, place: int) -> None:
    if name == "mri" or name in catalogue():
        return
    if name.startswith("examination:"):
        permitted = SPECS["examinations"].columns["examination"].values
        if name.removeprefix("examination:") not in permitted:
            block.refuse("needs", name, [f"examination:{value}" for value in permitted], place)
    else:
        block.refuse("needs", name, (permitted_analyte(name), "examination:…", "mri"), place)


def _grounds(block: Block, sources: Mapping[str, Source]) -> Grounds:
    evidence = Evidence(block.one_of("evidence", Evidence))
    keys = block.texts("sources")
    for key in keys:
        if key not in sources:
            block.refuse("sources", key, sources or ("a key of [sources]",))
    if not keys and evidence is not Evidence.POLICY:
        block.refuse("sources", "missing", ("at least one key of [sources]",))
    policy = block.texts("policy")
    for name in policy:
        if name not in block.body and name not in _BY_DEFAULT:
            block.refuse("policy", name, sorted(set(block.body) - set(_GROUNDS)))
    return Grounds(
        evidence=evidence,
        sources=tuple(sources[key] for key in keys if key in sources),
        says=block.text("says"),
        reading=block.text("reading") if block.has("reading") else "",
        policy=policy,
    )
