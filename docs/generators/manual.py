"""The manual of monitoring, from the spec tests: read as text, never run.

A chapter is an entry of ``tests/spec/toc.py``, a section a file, a paragraph a test. A test's
docstring is the paragraph; the arguments of its ``spec_test(...)`` call are the example.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from afterdose.monitoring.load import parse_protocol
from afterdose.monitoring.words import render_protocol
from generators.markdown import code, escape, page, table

_PROTOCOLS = {
    "continuous": "By the rules of the [continuous drug](continuous-protocol.md).",
    "both": "By the rules of [both](example-protocol.md) [drugs](continuous-protocol.md).",
}
_TITLES = {
    "labs": "Laboratory results",
    "mri": "MRI",
    "definition": "By the definition",
    "relapses": "Relapses on",
}
_TESTS = ("spec_test", "disability_test")

Names = Mapping[str, ast.expr]


class ManualError(ValueError):
    """A spec test cannot become a paragraph; the message says which and why."""


@dataclass(frozen=True)
class Paragraph:
    """One test: its name, its sentence and its examples as Markdown."""

    test: str
    text: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One file of spec tests."""

    module: str
    title: str
    introduction: str
    paragraphs: tuple[Paragraph, ...]


def pages(root: Path) -> dict[str, str]:
    """A page per chapter, and the protocols the examples use."""
    folder = root / "tests" / "spec"
    found = {
        f"manual/{number}-{_slug(chapter)}.md": render_chapter(chapter, sections)
        for number, (chapter, sections) in enumerate(read_chapters(folder).items(), start=1)
    }
    for name in ("example", "continuous"):
        text = (folder / f"{name}.toml").read_text("utf-8")
        protocol = parse_protocol(text, where=f"{name}.toml")
        found[f"manual/{name}-protocol.md"] = render_protocol(protocol)
    return found


# Reading ----------------------------------------------------------------------------------------


def read_chapters(folder: Path) -> dict[str, list[Section]]:
    """The sections of every chapter, in the order of ``toc.py``.

    Raises
    ------
    ManualError
        A file is not listed in ``toc.py``, or listed and not there, or cannot be printed.
    """
    names = _assigned(ast.parse((folder / "toc.py").read_text("utf-8")))
    order: dict[str, list[str]] = ast.literal_eval(names["CHAPTERS"])
    listed = [module for modules in order.values() for module in modules]
    there = [path.stem for path in folder.glob("test_*.py")]
    if sorted(listed) != sorted(there):
        odd = sorted(set(listed) ^ set(there)) or "one is listed twice"
        raise ManualError(f"toc.py and the spec files differ: {odd}. List every file once.")
    return {
        chapter: [
            read_section((folder / f"{module}.py").read_text("utf-8"), module) for module in modules
        ]
        for chapter, modules in order.items()
    }


def read_section(source: str, module: str) -> Section:
    """A file of spec tests as a section; ``module`` is its name without ``.py``."""
    tree = ast.parse(source)
    names = _assigned(tree)
    if not isinstance(names.get("title"), ast.Constant):
        raise ManualError(f'{module}.py has no title. Add a line: title = "..."')
    return Section(
        module=module,
        title=ast.literal_eval(names["title"]),
        introduction=ast.get_docstring(tree) or "",
        paragraphs=tuple(
            _paragraph(node, names, module)
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ),
    )


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    """The module's constants by name."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _paragraph(node: ast.FunctionDef, names: Names, module: str) -> Paragraph:
    text = ast.get_docstring(node)
    if not text:
        raise ManualError(f"{module}.py, {node.name}: no docstring, so the manual has no sentence.")
    calls = [
        call
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _TESTS
    ]
    return Paragraph(node.name, text, tuple(_example(call, names) for call in calls))


# Rendering --------------------------------------------------------------------------------------


def render_chapter(title: str, sections: list[Section]) -> str:
    """A chapter as a page."""
    return page(f"# {title}", *(_render_section(section) for section in sections))


def _render_section(section: Section) -> str:
    blocks = [f"## {section.title}", section.introduction]
    for paragraph in section.paragraphs:
        heading = paragraph.test.removeprefix("test_").replace("_", " ").capitalize()
        where = code(f"tests/spec/{section.module}.py::{paragraph.test}")
        blocks += [
            f"### {heading}",
            paragraph.text,
            *paragraph.examples,
            f"Held by {where}.",
        ]
    return page(*blocks)


def _example(call: ast.Call, names: Names) -> str:
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    expected = given.pop("expected", None)
    blocks = [_argument(name, value, names) for name, value in given.items()]
    if expected is not None:
        blocks.append(_expected(expected, names))
    return page(*blocks)


def _argument(name: str, node: ast.expr, names: Names) -> str:
    value = _value(node, names)
    title = _TITLES.get(name, name.replace("_", " ").capitalize())
    if name == "changes":
        return page("Changed in it:", f"```toml\n{dedent(str(value)).strip()}\n```")
    if name in ("check", "alert", "definition"):
        return f"{title} {code(str(value))}."
    if name == "protocol":
        return _PROTOCOLS[str(value)]
    if name == "absent":
        return f"Tables the record does not hold: {_listed(value)}."
    if isinstance(value, dict):
        facts = (f"{key.replace('_', ' ')} {fact}" for key, fact in value.items())
        return f"{title}: {', '.join(facts) or 'nothing recorded'}."
    if isinstance(value, str) and "|" in value:
        return page(f"{title}:", _pipe_table(value))
    return f"{title}: {value or 'none'}."


def _expected(node: ast.expr, names: Names) -> str:
    value = _value(node, names)
    if isinstance(value, str):
        found = page("Events:", _pipe_table(value)) if "|" in value else f"Answer: {value}."
        return found.strip()
    if not isinstance(value, dict):
        return page("Expected:", f"```python\n{value}\n```")
    rows = [(morning, escape(str(answer))) for morning, answer in value.items()]
    return table(("On the morning of", "Answer"), rows)


def _pipe_table(text: str) -> str:
    header, *rows = (
        [escape(cell.strip()) for cell in line.split("|")]
        for line in text.splitlines()
        if line.strip()
    )
    return table(header, rows)


def _listed(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, list) else str(value)


def _value(node: ast.expr, names: Names) -> object:
    """What an argument stands for: text, a mapping or a list; else its source."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name(id=name) if name in names:
            return _value(names[name], names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{_value(left, names)}{_value(right, names)}"
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            return {_value(key, names): _value(value, names) for key, value in pairs if key}
        case ast.Set(elts=items) | ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, names) for item in items]
        case ast.Call(func=ast.Name(id="frozenset"), args=[items]):
            return _value(items, names)
        case ast.Call(func=ast.Name(id="date"), args=[year, month, day]):
            parts = (ast.literal_eval(part) for part in (year, month, day))
            return "{:04d}-{:02d}-{:02d}".format(*parts)
    return ast.unparse(node)


def _slug(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
