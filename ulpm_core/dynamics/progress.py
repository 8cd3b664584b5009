"""`Progress`: how far a run, a training or many runs are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Result = TypeVar("Result", covariant=True)


@dataclass(frozen=True)
class Progress(Generic[Result]):
    """Says how far a computation is, as a share of its work and in words; `so_far` gives its result up to now.

    >>> half = Progress(0.5, "step 500 of 1,000", lambda: "all that there is")
    >>> half.fraction, half.so_far()
    (0.5, 'all that there is')
    """

    fraction: float
    words: str
    so_far: Callable[[], Result]


ProgressCallback = Callable[[Progress[Result]], bool | None]
"""Told between two pieces of work; answers False to stop."""
