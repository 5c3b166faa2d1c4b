"""Definitions of confirmed disability change, and how msprog's arguments map to them."""

from pathlib import Path

from afterdose.outcomes.disability import load_definition, preset_paths, render_definition
from afterdose.outcomes.disability.msprog_arguments import DEFAULTS, MAPPING, REFUSED
from afterdose.outcomes.disability.toml import definition_keys
from generators.markdown import code, escape, page, table


def pages(root: Path) -> dict[str, str]:
    """A page of presets, and the tables for the page on disability."""
    return {
        "disability-presets.md": render_presets(),
        "fragments/msprog.md": render_msprog(),
        "fragments/disability-keys.md": render_keys(),
    }


def render_presets() -> str:
    """Every definition that comes with Afterdose, in words."""
    return page(
        "# Definitions of confirmed disability",
        "The words are made from the values that are applied. A definition whose evidence is "
        "*secondary* was read in another document than the paper, one that is *unverified* was "
        "recalled; what no source states is named in its note.",
        *(_preset(name) for name in preset_paths()),
    )


def _preset(name: str) -> str:
    found = load_definition(name)
    return page(
        f"## {found.title}",
        f"{code(name)}. {escape(render_definition(found))}",
        f"Source: {escape(found.source)}. Evidence: {found.evidence}.",
        escape(found.note),
    )


def render_msprog() -> str:
    """Where each of msprog's arguments goes, and which are refused."""
    rows = [(code(name), code(_spelt(DEFAULTS[name])), keys) for name, keys in MAPPING.items()]
    refused = [(code(name), escape(instead)) for name, instead in REFUSED.items()]
    return page(
        table(("Argument", "Default there", "Key here"), rows),
        "Refused, each with its name in the message:",
        table(("Argument", "Instead"), refused),
    )


def render_keys() -> str:
    """Every key of a definition's file with the values it takes."""
    rows = [(code(key), escape(kind)) for key, kind in definition_keys().items()]
    return page(table(("Key", "Permitted"), rows))


def _spelt(value: object) -> str:
    return str(value).replace("'", "")
