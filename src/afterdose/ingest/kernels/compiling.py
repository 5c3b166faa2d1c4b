"""How kernels of ingest are compiled: a kept one counts while none of them has changed."""

from functools import cache
from pathlib import Path

from afterdose.compiling import called, compiler, inlined
from afterdose.sources import stamp_of

__all__ = ["called", "compiled", "inlined", "kernels_stamp"]


@cache
def kernels_stamp() -> str:
    """What the kernels say."""
    return stamp_of(Path(__file__).parent)


compiled = compiler(kernels_stamp)
"""A kernel: compiled once after every change of the kernels, run without the interpreter."""
