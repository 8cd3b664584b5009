"""`Shaped`: the shape of an array, said in its annotation. `W: Shaped[Array, "K d"]` reads: W is (K, d).

Letters are those of the paper: K classes, d dimension, N samples in all, T snapshots; `...` stands for any number of
axes and `*T` for any number that is the same wherever it is said again. A number is itself, and K-1 what it says.
Annotations are text that nobody evaluates, and cost nothing. Where tests ask for it (docs/architecture.md) jaxtyping
reads them, and within one call a letter has one size: a test then fails at the first function that is given W (K, d)
with H (d + 1, N).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Flags", "Labels", "Shaped"]

if TYPE_CHECKING or "jaxtyping" not in sys.modules:
    from typing import Annotated as Shaped

    Array = NDArray[np.float64]
    Labels = NDArray[np.int64]
    Flags = NDArray[np.bool_]
else:
    from jaxtyping import Shaped

    Array = Labels = Flags = np.ndarray | np.generic  # NumPy's sums of a vector are scalars: arrays without axes
