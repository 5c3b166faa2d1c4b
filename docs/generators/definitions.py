"""The definitions of outcomes, from the values that are applied."""

from pathlib import Path

from afterdose.outcomes import definitions
from afterdose.outcomes.definitions import Definition
from generators.markdown import code, escape, page


def pages(root: Path) -> dict[str, str]:
    """One page with every definition but those of confirmed disability change."""
    return {"definitions.md": render_definitions()}


def render_definitions() -> str:
    """Every definition, its words and its source."""
    found = [value for value in vars(definitions).values() if isinstance(value, Definition)]
    return page(
        "# Definitions of outcomes",
        "The report applies these, and of the "
        "[definitions of confirmed disability change](disability-presets.md) those of the CARE-MS "
        "trials. Where the source is *policy*, the choice is ours and no publication states it.",
        *(_render(definition) for definition in found),
    )


def _render(definition: Definition) -> str:
    return page(
        f"## {definition.title}",
        f"{code(definition.id)}. {escape(definition.words)}",
        f"Source: {escape(definition.source)}",
    )
