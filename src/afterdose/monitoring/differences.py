"""How two protocols, or two versions of one, differ: in words."""

from dataclasses import dataclass

from afterdose.monitoring.model import Advice, Alert, Check, Grounds, Protocol
from afterdose.monitoring.words import (
    needs_in_words,
    owner_in_words,
    predicate_in_words,
    schedule_in_words,
)

Rule = Check | Alert | Advice


@dataclass(frozen=True)
class Difference:
    """One rule that is not the same in both.

    Attributes
    ----------
    rule : str
        The rule's id.
    title : str
    old, new : dict of str to str
        What each says, aspect by aspect, where they differ. Empty: that protocol has no such rule.
    """

    rule: str
    title: str
    old: dict[str, str]
    new: dict[str, str]


def differences(old: Protocol, new: Protocol) -> list[Difference]:
    """Every rule that differs, in the order of ``old`` and then of ``new``.

    What a source says and where it says it are compared too, since the same rule may rest on
    different grounds.
    """
    before, after = _said(old), _said(new)
    found = []
    for rule in dict.fromkeys((*before, *after)):
        title = before[rule][0] if rule in before else after[rule][0]
        old_says = before[rule][1] if rule in before else {}
        new_says = after[rule][1] if rule in after else {}
        if old_says and new_says:
            changed = [
                key for key in {**old_says, **new_says} if old_says.get(key) != new_says.get(key)
            ]
            old_says = {key: old_says.get(key, "not stated") for key in changed}
            new_says = {key: new_says.get(key, "not stated") for key in changed}
        if old_says or new_says:
            found.append(Difference(rule, title, old_says, new_says))
    return found


def render_differences(old: Protocol, new: Protocol, found: list[Difference]) -> str:
    """The differences as text: a heading per rule, a line per aspect and side."""
    first, second = f"{old.id} {old.version}", f"{new.id} {new.version}"
    lines = [f"{first} and {second} differ in {len(found)} rules."]
    for difference in found:
        lines += ["", f"{difference.title} ({difference.rule})"]
        if not difference.new:
            lines.append(f"  only in {first}: {_summary(difference.old)}")
        elif not difference.old:
            lines.append(f"  only in {second}: {_summary(difference.new)}")
        else:
            for aspect in difference.old:
                lines.append(f"  {aspect}")
                lines.append(f"    {first}: {difference.old[aspect]}")
                lines.append(f"    {second}: {difference.new[aspect]}")
    return "\n".join(lines)


def _summary(says: dict[str, str]) -> str:
    main = next(iter(says.values()))
    return f"{main} (evidence {says['evidence']})"


def _said(protocol: Protocol) -> dict[str, tuple[str, dict[str, str]]]:
    """Every rule's title and what it says, aspect by aspect."""
    rules: tuple[Rule, ...] = (*protocol.checks, *protocol.alerts, *protocol.advice)
    return {rule.id: (rule.title, _aspects(rule, protocol)) for rule in rules}


def _aspects(rule: Rule, protocol: Protocol) -> dict[str, str]:
    if isinstance(rule, Check):
        own = {
            "when": schedule_in_words(rule, protocol.dosing),
            "needs": needs_in_words(rule.needs),
            "overdue after": rule.window.in_words(),
            "owner": owner_in_words(rule.owner),
        }
    elif isinstance(rule, Alert):
        own = {
            "holds when": predicate_in_words(rule.when),
            "urgency": str(rule.band),
            "repeat within": rule.respond_within.in_words(),
            "closed by": (
                predicate_in_words(rule.closes_when)
                if rule.closes_when is not None
                else "a later result that does not meet it"
            ),
            "next step": rule.then,
            "expected after an infusion for": (
                rule.expected_for.in_words() if rule.expected_for else "never"
            ),
        }
    else:
        own = {"text": rule.text}
    return own | _grounds(rule.grounds)


def _grounds(grounds: Grounds) -> dict[str, str]:
    return {
        "evidence": str(grounds.evidence),
        "the source says": grounds.says,
        "sources": "; ".join(source.cite for source in grounds.sources) or "none",
        "our reading": grounds.reading or "as it stands",
        "policy": ", ".join(grounds.policy) or "nothing",
    }
