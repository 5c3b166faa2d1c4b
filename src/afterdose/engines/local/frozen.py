"""Arrays as the kernels take them: contiguous and read-only.

A kernel is compiled once for each kind of array it meets. A column straight from Parquet is
read-only, one that was computed is not; made alike, they share one compiled kernel, and a kernel
that tried to write into a record would not compile.
"""

from typing import NamedTuple, TypeVar

import numpy as np

_Columns = TypeVar("_Columns", bound=NamedTuple)


def frozen(array: np.ndarray) -> np.ndarray:
    """The same values, contiguous and read-only; the same memory where it already is contiguous."""
    found = np.ascontiguousarray(array).view()
    found.flags.writeable = False
    return found


def all_frozen(columns: _Columns) -> _Columns:
    """A named tuple of arrays with every one frozen."""
    return type(columns)(*(frozen(column) for column in columns))
