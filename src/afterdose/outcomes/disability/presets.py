"""The definitions that come with Afterdose, each a file in ``presets/``."""

from functools import cache
from importlib import resources
from pathlib import Path

from afterdose.outcomes.disability.definition import DisabilityDefinition
from afterdose.outcomes.disability.toml import read_definition
from afterdose.record.errors import UsageError


def preset_paths() -> dict[str, Path]:
    """The files by id.

    Examples
    --------
    >>> "care-ms-cdw-6m" in preset_paths()
    True
    """
    root = Path(str(resources.files("afterdose.outcomes.disability"))) / "presets"
    return {path.stem: path for path in sorted(root.glob("*.toml"))}


def load_definition(name: str) -> DisabilityDefinition:
    """A definition by its shipped id, or from a file.

    Parameters
    ----------
    name : str
        An id such as ``care-ms-cdw-6m``, or the path of a ``.toml`` file.

    Raises
    ------
    UsageError
        There is no such preset or file.
    DefinitionError
        The file breaks the model; the message lists every problem.

    Examples
    --------
    >>> load_definition("care-ms-cdi-6m").reference.lowest
    2.0
    """
    shipped = preset_paths()
    if name in shipped:
        return _shipped(shipped[name])
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"There is no definition '{name}'. Shipped: {', '.join(shipped)}. "
            "Name one of these, or give the path of a definition's file."
        )
    return read_definition(path)


@cache
def _shipped(path: Path) -> DisabilityDefinition:
    return read_definition(path)


CARE_MS_CDW = load_definition("care-ms-cdw-6m")
CARE_MS_CDI = load_definition("care-ms-cdi-6m")
