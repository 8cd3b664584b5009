"""`State`: one point (W, H) of the model, frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from ulpm_core.model.brief import Brief
from ulpm_core.model.class_sizes import grouped_labels, written
from ulpm_core.model.refusal import refuse, shown, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped

MAX_ENTRY: Final = 1e100
"""Logits of such entries, and the step after them, are still finite in float64."""


@dataclass(frozen=True, eq=False, repr=False, init=False)
class State(Brief):
    """Classifiers W (K, d) and features H (d, N), columns grouped by class: all of class 0 first.

    Given `labels` (N,), the class of each column, columns in any order are put into that one and keep their own within
    a class: `order` (N,) says which given column each is. Without labels the classes have one size.
    The arrays are float64 copies that cannot be written to. Raises :class:`ConfigError` for wrong shapes,
    N not a multiple of K where no labels are given, empty classes, or entries that are not finite.

    >>> State(np.eye(2), np.eye(2)).shape
    (2, 2, 1)
    >>> mixed = State(np.eye(2), np.eye(2, 3), np.array([1, 0, 0]))
    >>> mixed.sizes, mixed.order.tolist()
    ((2, 1), [1, 2, 0])
    """

    W: Shaped[Array, "K d"]
    H: Shaped[Array, "d N"]

    def __init__(self, W: ArrayLike, H: ArrayLike, labels: ArrayLike | None = None) -> None:
        for name, block in (("W", W), ("H", H)):
            try:
                given = np.asarray(block)
                if np.iscomplexobj(given):
                    raise TypeError
                array = np.array(given, dtype=np.float64, order="C")
            except (TypeError, ValueError):
                raise unfit(name, f"{name} does not hold numbers", "save it as a float64 array") from None
            if array.ndim != 2:
                want = "(K, d)" if name == "W" else "(d, N)"
                last = f", for example {name}[-1]" if array.ndim == 3 else ""
                raise unfit(name, f"{name} has shape {array.shape}", f"save it with shape {want}{last}")
            if not np.isfinite(array).all():
                raise unfit(name, f"{name} holds NaN or infinity", "use finite numbers only", 1)
            if array.size and np.abs(array).max() > MAX_ENTRY:
                raise unfit(name, f"{name} holds {np.abs(array).max():.3g}", "use entries from -1e100 to 1e100", 1)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        (K, d), (rows, N) = self.W.shape, self.H.shape
        if rows != d:
            raise unfit("H", f"H has {rows} rows but W has {d} columns", "both are the dimension d")
        if K < 2:
            rows_of = "1 row" if K == 1 else f"{K} rows"
            raise unfit("W", f"W has {rows_of}", "use one for each of 2 to 1000 classes", 4)
        if labels is not None:
            self._group(labels)
        elif N == 0 or N % K:
            fits = max(1, N // K) * K
            raise unfit(
                "H",
                f"H has {N} columns for {K} classes",
                "use n for each class, or say in labels (N,) which column is of which class",
                fits,
            )

    def _group(self, labels: ArrayLike) -> None:
        """Puts the columns of H into the order of their classes, and remembers sizes and order."""
        K, N = len(self.W), self.H.shape[1]
        labels = np.asarray(labels)
        if labels.shape != (N,) or labels.dtype.kind not in "iu":
            raise unfit("labels", f"labels are no {N} whole numbers, one a column of H", "save them so")
        if not ((labels >= 0) & (labels < K)).all():
            raise unfit(
                "labels",
                f"labels hold the classes {shown(np.unique(labels))}",
                f"use 0 to {K - 1}, one for each row of W",
            )
        sizes = np.bincount(labels, minlength=K)
        if sizes.min() == 0:
            raise unfit("labels", f"labels leave class {sizes.argmin()} empty", "use 1 or more samples of each")
        order = np.argsort(labels, kind="stable")
        if (np.diff(order) != 1).any():
            H = self.H[:, order]
            H.setflags(write=False)
            object.__setattr__(self, "H", H)
            object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_sizes", tuple(sizes.tolist()))

    @classmethod
    def reached(
        cls, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"], labels: Shaped[Labels, "N"] | None = None
    ) -> State:
        """A state that a run reached: the first one past divergence may be larger than a start may be. `labels`, where
        they are given, are grouped already.
        """
        state = object.__new__(cls)
        if labels is not None:
            object.__setattr__(state, "_sizes", tuple(np.bincount(labels, minlength=len(W)).tolist()))
        for name, block in (("W", W), ("H", H)):
            array = np.array(block, dtype=np.float64, order="C")
            array.setflags(write=False)
            object.__setattr__(state, name, array)
        return state

    def at(self, W: Shaped[Array, "K d"], H: Shaped[Array, "d N"]) -> State:
        """The same columns elsewhere, in the order that they were given in."""
        state = State.reached(W, H, self.labels)
        object.__setattr__(state, "_order", self.order)
        return state

    @property
    def sizes(self) -> tuple[int, ...]:
        """n_k, the number of columns of each class."""
        K, N = len(self.W), self.H.shape[1]
        return self.__dict__.get("_sizes", (N // K,) * K)

    @property
    def labels(self) -> Shaped[Labels, "N"]:
        """The class of each column."""
        return grouped_labels(self.sizes)

    @property
    def order(self) -> Shaped[Labels, "N"] | None:
        """Which column each was as it was given; None where they were grouped already."""
        return self.__dict__.get("_order")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(K, d, n). Raises :class:`ConfigError` for classes whose sizes differ: they have no n."""
        K, d = self.W.shape
        if len(set(self.sizes)) > 1:
            raise refuse(
                "class_sizes",
                written(self.sizes),
                "differ, and what is asked for is known for classes of one size",
                "one",
                shown(written([min(self.sizes)] * K)),
            )
        return K, d, self.sizes[0]

    @property
    def digest(self) -> str:
        """SHA-256 of shapes, of sizes that differ, and of entries."""
        shapes = (self.W.shape, self.H.shape, *([self.sizes] if len(set(self.sizes)) > 1 else []))
        sha = hashlib.sha256(repr(shapes).encode())
        for array in (self.W, self.H):
            sha.update(array.tobytes())
        return sha.hexdigest()
