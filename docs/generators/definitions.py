"""The definitions of outcomes, from the values that are applied."""

import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

from afterdose import outcomes
from afterdose.outcomes import definitions
from afterdose.outcomes.definitions import ConfirmedChange, Definition
from generators.markdown import code, escape, page


def pages(root: Path) -> dict[str, str]:
    """One page with every definition."""
    return {"definitions.md": render_definitions()}


def render_definitions() -> str:
    """Every definition, its words and its source."""
    found = {value.id: value for module in _modules() for value in _definitions_in(module)}
    return page(
        "# Definitions of outcomes",
        "The report applies these and no others. Where the source is *policy*, the choice is ours "
        "and no publication states it.",
        *(_render(definition) for definition in found.values()),
    )


def _modules() -> list[ModuleType]:
    """Every module of outcomes, the one with the shared definitions first."""
    names = [module.name for module in pkgutil.iter_modules(outcomes.__path__)]
    others = (import_module(f"{outcomes.__name__}.{name}") for name in sorted(names))
    return [definitions, *others]


def _definitions_in(module: ModuleType) -> list[Definition | ConfirmedChange]:
    values = vars(module).values()
    return [value for value in values if isinstance(value, Definition | ConfirmedChange)]


def _render(definition: Definition | ConfirmedChange) -> str:
    words = definition.words if isinstance(definition, Definition) else _in_words(definition)
    return page(
        f"## {definition.title}",
        f"{code(definition.id)}. {escape(words)}",
        f"Source: {escape(definition.source)}",
    )


def _in_words(change: ConfirmedChange) -> str:
    direction = "An increase" if change.worsening else "A decrease"
    text = (
        f"{direction} of EDSS by at least {change.step:g} from a fixed baseline "
        f"({change.step_from_zero:g} from a baseline of 0)"
    )
    if change.lowest_baseline > 0:
        text += f", for people whose baseline is at least {change.lowest_baseline:g}"
    return f"{text}, still there at a visit {change.confirmed_after.in_words()} later or more."
