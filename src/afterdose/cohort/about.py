"""What a record says about itself: ``about.json`` in its folder."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from afterdose.record.errors import RecordError

FILE_NAME = "about.json"


@dataclass(frozen=True)
class About:
    """A record's own description.

    Attributes
    ----------
    simulated : bool
        Nobody in this record exists. Everything made from it says so.
    title : str
    made_by : str
    notes : str
    """

    simulated: bool = False
    title: str = ""
    made_by: str = ""
    notes: str = ""


def read_about(folder: Path) -> About:
    """The record's description; an empty one where the folder has none."""
    path = folder / FILE_NAME
    if not path.exists():
        return About()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise RecordError(f"{FILE_NAME} is not JSON. Correct it, or remove it.") from None
    known = {field.name for field in fields(About)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise RecordError(
            f"{FILE_NAME} has keys {', '.join(unknown)}. Permitted: {', '.join(sorted(known))}. "
            "Remove the others."
        )
    return About(**data)


def write_about(about: About, folder: Path) -> None:
    """Write the record's description."""
    text = json.dumps(asdict(about), indent=2) + "\n"
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
