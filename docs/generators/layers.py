"""The picture of who may import whom, from the contract that enforces it."""

import ast
import tomllib
from html import escape as html
from pathlib import Path

from generators.markdown import code, escape, page, table

_WIDTH, _BOX_HEIGHT, _GAP, _MARGIN = 480, 38, 30, 12


def pages(root: Path) -> dict[str, str]:
    """The drawing and the table below it."""
    layers = read_layers(root)
    return {
        "layers.svg": render_svg(layers),
        "fragments/layers.md": _render_table(layers, root),
    }


def read_layers(root: Path) -> list[list[str]]:
    """The packages of each layer, the highest first, from the import contract."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    (contract,) = (
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    return [
        [name.strip().removeprefix("afterdose.") for name in layer.split("|")]
        for layer in contract["layers"]
    ]


def render_svg(layers: list[list[str]]) -> str:
    """A row of boxes per layer, with an arrow from each row to the one it may import."""
    height = 2 * _MARGIN + len(layers) * _BOX_HEIGHT + (len(layers) - 1) * _GAP
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Layers of Afterdose: arrows point from the importer to the imported</title>",
        f'<rect width="{_WIDTH}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    for position, layer in enumerate(layers):
        top = _MARGIN + position * (_BOX_HEIGHT + _GAP)
        shapes += _row(layer, top)
        if position < len(layers) - 1:
            shapes += _arrow(top + _BOX_HEIGHT)
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _row(layer: list[str], top: int) -> list[str]:
    width = (_WIDTH - 2 * _MARGIN - 8 * (len(layer) - 1)) / len(layer)
    shapes = []
    for position, name in enumerate(layer):
        left = _MARGIN + position * (width + 8)
        shapes += [
            f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{_BOX_HEIGHT}" rx="5" '
            'fill="#eef4fb" stroke="#1d4f8b"/>',
            f'<text x="{left + width / 2:.0f}" y="{top + 24}" text-anchor="middle" '
            f'font-family="sans-serif" font-size="15" fill="#12263f">{html(name)}</text>',
        ]
    return shapes


def _arrow(top: int) -> list[str]:
    middle, tip = _WIDTH // 2, top + _GAP - 4
    return [
        f'<path d="M{middle} {top + 4} V{tip}" stroke="#1d4f8b" stroke-width="2"/>',
        f'<path d="M{middle - 5} {tip - 7} L{middle} {tip} L{middle + 5} {tip - 7}" fill="none" '
        'stroke="#1d4f8b" stroke-width="2"/>',
    ]


def _render_table(layers: list[list[str]], root: Path) -> str:
    rows = [
        (code(package), str(number), escape(first_sentence(root, package)))
        for number, layer in enumerate(layers, start=1)
        for package in layer
    ]
    return page(table(("Package", "Layer", "What it is for"), rows))


def first_sentence(root: Path, package: str) -> str:
    """The first paragraph of a package's docstring."""
    path = root / "src" / "afterdose" / package / "__init__.py"
    text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    if not text:
        raise ValueError(f"{package} has no docstring that says what it is for. Add one.")
    return text.split("\n\n")[0].replace("``", "`")
