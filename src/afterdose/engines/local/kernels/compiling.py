"""How the engine's kernels are compiled: a kept one counts while the engine is as it was."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from afterdose.compiling import compiler, inlined
from afterdose.sources import stamp_of

__all__ = ["compiled", "engine_stamp", "inlined"]

ENGINE = Path(__file__).parents[1]
"""The folder all kernels, and the constants compiled into them, stand in."""
COLUMNS = ENGINE.parent / "extension.py"
"""The columns that kernels of outcomes fill."""


@cache
def engine_stamp() -> str:
    """What the engine says, and the columns it fills: a kernel knows their fields by place."""
    return stamp_of(ENGINE) + sha256(COLUMNS.read_bytes()).hexdigest()


compiled = compiler(engine_stamp)
"""A kernel: compiled once after every change of the engine, run without the interpreter."""
