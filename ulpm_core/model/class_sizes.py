"""Class sizes n_k: how a list of them is read and written, and the labels that follow from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from ulpm_core.model.limits import MOST_CLASSES
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.refusal import LONGEST, PHRASES, ConfigError, refuse, shown, span, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped

SIZES: Final = re.compile(r"\s*\d{1,9}((\s*,\s*\d{1,9})*|(\.\d{1,9})*)\s*", re.ASCII)
EXAMPLE: Final = "10,10,2,2"
LONGEST_LIST: Final = 7 * MOST_CLASSES
"""Most characters of a list that is read."""
WHY: Final = {
    "list": "is no list of whole numbers",
    "one-size": "holds 1 size",
    "count": "holds {count} sizes",
    "size": "holds a size out of range",
    "contradicts": "contradicts class_sizes = {sizes}",
    "fits": "up to {fits} of each class",
    "each": "{fits} of each",
}
"""Why sizes are refused, and what is allowed in their place."""


@dataclass(frozen=True)
class SizeList(Parameter):
    """The parameter `class_sizes`: one whole number for each of 2 to `most` classes, each within `low` and `high`; none
    at all where the classes have one size. Points part the numbers as well as commas do, for links in which commas
    part parameters, but not both in one list: 1.5,2 is no list of three.

    >>> from ulpm_core.model.parameters import PARAMETERS
    >>> PARAMETERS["class_sizes"].parse("10, 10,2,2"), PARAMETERS["class_sizes"].parse("6.4.2")
    ((10, 10, 2, 2), (6, 4, 2))
    """

    default: Any = ()
    most: int = MOST_CLASSES

    def allowed(self) -> str:
        return f"2 to {self.most} numbers of {self.low:.12g} to {self.high:.12g} with commas between"

    def example(self) -> object:
        return EXAMPLE

    def check(self, value: object, written: str | None = None) -> Any:
        """The sizes as a tuple of whole numbers; empty for none. Raises :class:`ConfigError`."""
        said = value if written is None else written
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if not isinstance(value, (list, tuple)):
            raise self.refuse(said, WHY["list"])
        sizes = [size.item() if isinstance(size, np.generic) else size for size in value]
        if not all(type(size) is int for size in sizes):
            raise self.refuse(said, WHY["list"])
        if sizes and not 2 <= len(sizes) <= self.most:
            raise self.refuse(said, WHY["one-size" if len(sizes) == 1 else "count"].format(count=len(sizes)))
        if not all(self.low <= size <= self.high for size in sizes):
            raise self.refuse(said, WHY["size"])
        return tuple(sizes)

    def write(self, value: Any) -> str:
        return written(value)

    def parse(self, text: str) -> Any:
        if len(text) > LONGEST_LIST or not SIZES.fullmatch(text):
            raise self.refuse(text, WHY["list"])
        return self.check([int(part) for part in re.split("[,.]", text)], written=text)


def written(sizes: Sequence[int]) -> str:
    """The sizes as a person types them.

    >>> written((10, 10, 2, 2))
    '10,10,2,2'
    """
    return ",".join(map(str, sizes))


def grouped_labels(sizes: Sequence[int]) -> Shaped[Labels, "N"]:
    """The class of each sample, all of class 0 first.

    >>> grouped_labels((3, 1)).tolist()
    [0, 0, 0, 1]
    """
    return np.repeat(np.arange(len(sizes)), sizes)


@lru_cache(4)
def encoding_factors(
    sizes: tuple[int, ...],
) -> tuple[Shaped[Array, "K K-1"], Shaped[Array, "K-1"], Shaped[Array, "K K-1"]]:
    """U, S and V with Pi D^(1/2) = U diag(S) V^T, for D = diag(n_k) and Pi = I - 11^T/K: S are the singular values of
    simplex-encoded labels Pi Y = U diag(S) V^T D^(-1/2) Y (docs/theory.md 6.1).

    >>> encoding_factors((9, 9, 9))[1].round(12).tolist()
    [3.0, 3.0]
    """
    K = len(sizes)
    U, S, Vt = np.linalg.svd((np.eye(K) - 1.0 / K) * np.sqrt(sizes))
    for factor in (U, S, Vt):
        factor.setflags(write=False)
    return U[:, : K - 1], S[: K - 1], Vt[: K - 1].T


def refuse_contradiction(sizes: Sequence[int], classes: object = None, per_class: object = None) -> None:
    """Raises :class:`ConfigError` where a number of classes, or of samples a class, is given beside sizes that say
    another; beside sizes that differ, `per_class` can only be the smallest of them. No sizes contradict nothing.

    >>> refuse_contradiction((5, 5, 5), classes=3, per_class=5)
    """
    if not sizes:
        return
    for name, value, held in (("classes", classes, len(sizes)), ("per_class", per_class, min(sizes))):
        if isinstance(value, (int, float, np.integer)) and value != held:  # what is no number is refused elsewhere
            why = WHY["contradicts"].format(sizes=shown(written(sizes)))
            raise refuse(name, value, why, f"{held}", do=PHRASES["leave-out"])


def refuse_uneven_saddle(sizes: Sequence[int], saddle: str) -> None:
    """Raises :class:`ConfigError` for sizes that differ beside a saddle, which is known for classes of one size."""
    if sizes:
        raise unfit(
            "class_sizes",
            f"{sizes_in_words(sizes)} differ, and the saddle {saddle} is known for classes of one size",
            "use initialisation gaussian, or one size",
            written([min(sizes)] * len(sizes)),
        )


def sizes_in_words(sizes: Sequence[int]) -> str:
    """The one size, or the sizes that differ, by the name of their parameter.

    >>> sizes_in_words((5, 5, 5)), sizes_in_words((6, 4, 2))
    ('per_class = 5', 'class_sizes = 6,4,2')
    """
    return f"per_class = {sizes[0]}" if len(set(sizes)) == 1 else f"class_sizes = {shown(written(sizes))}"


def too_many_samples(sizes: Sequence[int], why: str, fits: int) -> ConfigError:
    """The refusal of so many samples, which `why` completes, where up to `fits` of each class would do.

    >>> print(too_many_samples((6, 4, 2), "would take a week", 3))
    class_sizes = 6,4,2 would take a week: use up to 3 of each class, for example 3,3,2.
    """
    if len(set(sizes)) == 1:
        return refuse("per_class", sizes[0], why, span(1, fits), fits)
    capped = written([min(size, fits) for size in sizes])
    example = capped if len(capped) <= LONGEST else WHY["each"].format(fits=fits)
    return refuse("class_sizes", written(sizes), why, WHY["fits"].format(fits=fits), example)
