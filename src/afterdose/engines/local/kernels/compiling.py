"""How kernels are compiled, and when a compiled kernel of an earlier run may be used again.

numba keeps compiled code beside the source and compares the file a kernel stands in. Ours call
functions of other files and hold constants of others still: after an upgrade that changed only one
of those, yesterday's meaning would run. So a kept kernel counts only while no source of the engine
has changed.
"""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from numba import njit
from numba.core import caching

from afterdose.sources import stamp_of

ENGINE = Path(__file__).parents[1]
"""The folder all kernels, and the constants compiled into them, stand in."""
COLUMNS = ENGINE.parent / "extension.py"
"""The columns that kernels of outcomes fill."""


@cache
def engine_stamp() -> str:
    """What the engine says, and the columns it fills: a kernel knows their fields by place."""
    return stamp_of(ENGINE) + sha256(COLUMNS.read_bytes()).hexdigest()


class _WholeEngine:
    def get_source_stamp(self) -> str:
        return engine_stamp()


class _Provided(_WholeEngine, caching.UserProvidedCacheLocator):
    """In the folder ``NUMBA_CACHE_DIR`` names."""


class _Beside(_WholeEngine, caching.InTreeCacheLocator):
    """Beside the source."""


class _UserWide(_WholeEngine, caching.UserWideCacheLocator):
    """Where the installation may not be written to."""


class _Entry(caching.CompileResultCacheImpl):
    _locator_classes = (_Provided, _Beside, _UserWide)


class _Index(caching.IndexDataCacheFile):
    """What is kept of one function."""

    def _load_index(self) -> dict[Any, Any]:
        """Nothing, where the index names types that this version of the engine no longer has.

        numba reads the types before it compares the stamp, and would fail on them for ever.
        """
        try:
            found: dict[Any, Any] = super()._load_index()
        except (AttributeError, EOFError, ImportError, UnpicklingError):
            return {}
        return found


class KernelCache(caching.FunctionCache):
    """numba's cache of one function, fresh only while the whole engine is as it was."""

    _impl_class = _Entry

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _Index(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )


def compiled(function: Callable[..., Any]) -> Any:
    """A kernel: compiled once after every change of the engine, run without the interpreter."""
    kernel = njit(nogil=True, error_model="numpy")(function)
    kernel._cache = KernelCache(function)
    return kernel


inlined = njit(nogil=True, error_model="numpy", forceinline=True)
"""A piece of a kernel: compiled into each that calls it."""
