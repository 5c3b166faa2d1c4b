"""The little Markdown the generated pages need."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\|*<\[\]])")
_CODE = re.compile(r"(`[^`]+`)")


def escape(text: str) -> str:
    r"""Text that is to be read as it stands; what stands between backticks stays code.

    Examples
    --------
    >>> escape("10*9/L, a | b, `10*9/L`")
    '10\\*9/L, a \\| b, `10*9/L`'
    """
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        part.replace("|", r"\|") if position % 2 else _SPECIAL.sub(r"\\\1", part)
        for position, part in enumerate(parts)
    )


def code(text: str) -> str:
    """Text between backticks, safe in a table cell."""
    return f"`{text}`".replace("|", r"\|")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a header row; cells are Markdown already.

    Examples
    --------
    >>> print(table(("Unit", "Factor"), [("`g/L`", "1")]))
    | Unit | Factor |
    | --- | --- |
    | `g/L` | 1 |
    """
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(*blocks: str) -> str:
    """Blocks with a blank line between them."""
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"


def toctree(paths: Iterable[str], *, hidden: bool = False) -> str:
    """Which pages hang below this one."""
    options = [":hidden:"] if hidden else [":maxdepth: 1"]
    return "\n".join(["```{toctree}", *options, "", *paths, "```"])
