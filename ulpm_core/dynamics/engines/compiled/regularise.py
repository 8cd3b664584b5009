"""The kernel of a regulariser, found by its type: steps and flows add it to the gradient of the loss."""

from __future__ import annotations

from inspect import unwrap
from typing import Any

from numba.extending import overload


def regularise(regulariser: Any, Wt: Any, H: Any, gradient_Wt: Any, gradient_H: Any, log_scale: Any) -> Any:
    """`Regulariser.compiled` of the regulariser whose type it gets. Compiled code only."""
    raise NotImplementedError


@overload(regularise, jit_options={"fastmath": {"reassoc", "contract"}})
def _regularise(regulariser, Wt, H, gradient_Wt, gradient_H, log_scale):  # type: ignore[no-untyped-def]
    return unwrap(regulariser.instance_class.compiled())
