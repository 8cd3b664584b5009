"""`Rule`: what a file of this folder provides, so that everything else works with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self


class Rule(Protocol):
    """A rule for steps: how theta = (W, H) moves at each step, given the gradient g of the value.

    A rule is a `NamedTuple` of its own parameters beside the learning rate, each named as the field of
    :class:`RunConfig` that sets it: both engines compile for its type.
    """

    name: ClassVar[str]
    """The name on the command line and in links."""
    label: ClassVar[str]
    """The name in the page's menu."""
    words: ClassVar[str]
    """The name as the subject of a sentence."""
    definition: ClassVar[str]
    """What a step is, in words of a list of all rules."""
    kind: ClassVar[str] = ""
    """What sets its steps apart, in words behind their number."""
    memories: ClassVar[int] = 0
    """How much is kept from step to step: so many pairs of blocks shaped like (W, H), 0 at the start."""
    decomposes: ClassVar[bool] = False
    """Whether a step decomposes whole blocks, which neither a CUDA graph nor processes that share the samples can."""
    geometry: ClassVar[str] = "euclidean"
    """The norm by which a step is the steepest, and whose margin it seeks (docs/theory.md 6.8): euclidean, of the
    largest entries, or spectral."""

    @classmethod
    def of(cls, config: Any) -> Self:
        """The rule with the parameters of a config."""
        return cls(*(getattr(config, name) for name in cls._fields))  # type: ignore[attr-defined]

    def step_time(self, rate: float) -> float | None:
        """The gradient-flow time of one step; None where it depends on the gradient."""

    @property
    def crawls(self) -> bool:
        """Whether a step takes the same time everywhere, so that a run slows down as its gradient shrinks."""
        return self.step_time(1.0) is not None

    def stable_rate(self, curvature: float) -> float:
        """The learning rate beyond which a quadratic of that curvature is overshot by more at every step."""

    def decay_at_rest(self, decay: float) -> float | None:
        """The coupled decay at whose critical points a run with this decoupled one rests (docs/theory.md 6.8); None
        where it rests at no such points.
        """
        return None

    @staticmethod
    def compiled(blocks: Any) -> Callable[..., Any]:
        """The kernel of the compiled engine.

        kernel(rule, theta, memories, gradient, log_scale, rate, taken) takes one step in place, the first after
        `taken`. theta and gradient are pairs of blocks, (d, K) and (d, P), and so is each of the memories; g is
        e^log_scale times the gradient given. Columns of padding have no gradient and must stay 0. It returns the
        logarithm of the step's gradient-flow time where `step_time` is None, else -inf; the gradient may be lost. It
        makes no arrays. `blocks.sum_of_squares(block)` is ||block||^2, and `blocks.partial_isometry(block, cut)` puts
        U V^T into the place of U S V^T and returns its rank. The rest of `blocks` are the words of a loss's kernel, and
        `lane_sum`: the entries of a block lie in one row, with zeros up to whole vectors, of which sums are quick.
        """

    def batched(self, runs: Any) -> Callable[[], None]:
        """A function that takes one step of B runs in torch; it keeps to the rules of `engines/batched/step.py`.

        `runs` is the :class:`BatchedStep` whose blocks it moves. All but the blocks is (B, 1).
        """
