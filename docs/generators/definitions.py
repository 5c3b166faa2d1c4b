"""The definitions of outcomes, from the values that are applied."""

import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

from afterdose import outcomes
from afterdose.outcomes import definitions
from afterdose.outcomes.definitions import Definition
from generators.markdown import code, escape, page


def pages(root: Path) -> dict[str, str]:
    """One page with every definition but those of confirmed disability change."""
    return {"definitions.md": render_definitions()}


def render_definitions() -> str:
    """Every definition, its words and its source."""
    found = {value.id: value for module in _modules() for value in _definitions_in(module)}
    return page(
        "# Definitions of outcomes",
        "The report applies these, and of the "
        "[definitions of confirmed disability change](disability-presets.md) those of the CARE-MS "
        "trials. Where the source is *policy*, the choice is ours and no publication states it.",
        *(_render(definition) for definition in found.values()),
    )


def _modules() -> list[ModuleType]:
    """Every module of outcomes, the one with the shared definitions first."""
    names = [module.name for module in pkgutil.iter_modules(outcomes.__path__)]
    others = (import_module(f"{outcomes.__name__}.{name}") for name in sorted(names))
    return [definitions, *others]


def _definitions_in(module: ModuleType) -> list[Definition]:
    values = vars(module).values()
    return [value for value in values if isinstance(value, Definition)]


def _render(definition: Definition) -> str:
    return page(
        f"## {definition.title}",
        f"{code(definition.id)}. {escape(definition.words)}",
        f"Source: {escape(definition.source)}",
    )
