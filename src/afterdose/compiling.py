"""How kernels are compiled, and when a compiled kernel of an earlier run may be used again.

numba keeps compiled code beside the source and compares the file a kernel stands in. Ours call
functions of other files and hold constants of others still: after an upgrade that changed only one
of those, yesterday's meaning would run. So a kept kernel counts only while none of the sources it
was made from has changed.
"""

from collections.abc import Callable
from pickle import UnpicklingError
from typing import Any

from numba import njit
from numba.core import caching


class _Index(caching.IndexDataCacheFile):
    """What is kept of one function."""

    def _load_index(self) -> dict[Any, Any]:
        """Nothing, where the index names types that this version no longer has.

        numba reads the types before it compares the stamp, and would fail on them for ever.
        """
        try:
            found: dict[Any, Any] = super()._load_index()
        except (AttributeError, EOFError, ImportError, UnpicklingError):
            return {}
        return found


class KernelCache(caching.FunctionCache):
    """numba's cache of one function, fresh only while all its sources are as they were."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = _Index(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )


def compiler(stamp: Callable[[], str]) -> Callable[[Callable[..., Any]], Any]:
    """How kernels of one family are compiled: once after every change of what they are made from.

    Parameters
    ----------
    stamp : callable
        What their sources say, as one hash.

    Returns
    -------
    callable
        Makes a kernel of a function; it runs without the interpreter.
    """

    class Stamped:
        def get_source_stamp(self) -> str:
            return stamp()

    class Provided(Stamped, caching.UserProvidedCacheLocator):
        """In the folder ``NUMBA_CACHE_DIR`` names."""

    class Beside(Stamped, caching.InTreeCacheLocator):
        """Beside the source."""

    class UserWide(Stamped, caching.UserWideCacheLocator):
        """Where the installation may not be written to."""

    class Entry(caching.CompileResultCacheImpl):
        _locator_classes = (Provided, Beside, UserWide)

    class Own(KernelCache):
        _impl_class = Entry

    def compiled(function: Callable[..., Any]) -> Any:
        kernel = njit(nogil=True, error_model="numpy")(function)
        kernel._cache = Own(function)
        return kernel

    return compiled


inlined = njit(nogil=True, error_model="numpy", forceinline=True)
"""A piece of a kernel: compiled into each that calls it."""
called = njit(nogil=True, error_model="numpy")
"""A larger piece: compiled with each that calls it, and called."""
