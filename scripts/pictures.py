"""Draws the pictures of the README and the documentation from the code as it stands."""

import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from afterdose.cli.approvals import approve, approved_protocols
from afterdose.cli.opening import open_cohort
from afterdose.cli.terminal import progress_bar
from afterdose.cli.worklist import as_table
from afterdose.ingest import ingest_files

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "_static" / "worklist.svg"
MORNING = date(2023, 11, 8)
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img"
  aria-label="The worklist of one morning, as printed in a terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}"
  height="{terminal_height}"/></clipPath>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="#c8c8c8"/>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""
"""As Rich draws it, without the remote font its own format loads."""


def draw_worklist() -> str:
    """The worklist of the fictional person of `examples/three-laboratories`, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "record"
        ingest_files([ROOT / "examples" / "three-laboratories"], record, landed_on=MORNING)
        approve(record, "alemtuzumab-eu", by="Dr Example", on=MORNING)
        ((protocol, approval),) = approved_protocols(record)
        opened = open_cohort(record, as_of=MORNING)
        with progress_bar("Looking at people") as bar:
            found = opened.worklist([protocol], bar)
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=112, file=nowhere, highlight=False)
        console.print("$ afterdose worklist my-record --as-of 2023-11-08")
        console.print(as_table(found, [approval], simulated=False))
        return console.export_svg(
            theme=DEFAULT_TERMINAL_THEME, code_format=FORMAT, unique_id="worklist"
        )


if __name__ == "__main__":
    PICTURE.write_text(draw_worklist(), encoding="utf-8")
    print(f"Drawn: {PICTURE.relative_to(ROOT)}")
