"""One morning's worklist of the example in the repository, as the command prints it."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

_MORNING = "2023-11-08"
_COLUMNS = "104"


def pages(root: Path) -> dict[str, str]:
    """The worklist of the three laboratories' example."""
    with TemporaryDirectory() as folder:
        record = Path(folder) / "record"
        example = str(root / "examples" / "three-laboratories")
        _run("ingest", example, "--into", str(record), "--landed-on", _MORNING)
        approval = ("--record", str(record), "--by", "Dr Example", "--on", _MORNING)
        _run("protocols", "approve", "alemtuzumab-eu", *approval)
        shown = _run("worklist", str(record), "--as-of", _MORNING)
    return {"fragments/worklist.txt": "\n".join(line.rstrip() for line in shown.splitlines())}


def _run(*arguments: str) -> str:
    command = Path(sys.executable).with_name("afterdose")
    environment = os.environ | {"COLUMNS": _COLUMNS, "NO_COLOR": "1"}
    return subprocess.run(  # noqa: S603 - our own command with fixed arguments
        [str(command), *arguments], check=True, capture_output=True, text=True, env=environment
    ).stdout
