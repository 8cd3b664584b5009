"""Calls a model on a batch, and checks whether its answer is W h + b."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import is_dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from ulpm_core.model.refusal import ConfigError, unfit
from ulpm_core.model.shapes import Array, Shaped

COMPARED: Final = 2**15
"""Most logits of a batch that are compared, of samples evenly spread over it."""
SLACK: Final = 1e-4
"""Share of the logits' size by which two ways to compute them in float32 may differ."""


def answer(model: nn.Module, x: Any) -> Any:
    """Returns the model's output for a batch: a tensor, a mapping of named inputs, or a sequence of inputs.

    Raises :class:`ConfigError` where it cannot be run on them.
    """
    form, example = "bring them into the form it takes by adapter", "adapter=lambda batch: (batch[0].float(), batch[1])"
    with refusing("data", "data cannot be given to the model as they come", form, example):
        if isinstance(x, Mapping):
            return model(**x)
        return model(*x) if isinstance(x, (tuple, list)) else model(x)


@contextmanager
def refusing(field: str, what: str, do: str, example: str | None = None) -> Iterator[None]:
    """Makes of any error of someone else's code a :class:`ConfigError` that says it on one short printable line."""
    try:
        yield
    except ConfigError:
        raise
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())
        said = "".join(c for c in text if c.isprintable())[:160]
        raise unfit(field, f"{what} ({said})", do, example) from error


def placed(x: Any, model: nn.Module) -> Any:
    """Moves a batch, or every part of one, to the model's device, and real numbers to the model's precision.

    >>> placed({"a": torch.zeros(2, dtype=torch.float64), "b": torch.arange(2)}, nn.Linear(2, 3))
    {'a': tensor([0., 0.]), 'b': tensor([0, 1])}
    """
    like = next((p for p in model.parameters() if p.is_floating_point()), None)
    if isinstance(x, Mapping):
        return {name: placed(part, model) for name, part in x.items()}
    if isinstance(x, (tuple, list)):
        return [placed(part, model) for part in x]
    if like is None or not hasattr(x, "to"):
        return x
    if isinstance(x, Tensor):
        return x.to(like.device, like.dtype if x.is_floating_point() else None)
    return x.to(like.device)  # graphs and sentences of other libraries move themselves


def precision_of(model: nn.Module) -> float:
    """The eps of the coarsest real numbers that the model is made of."""
    return max((torch.finfo(p.dtype).eps for p in model.parameters() if p.is_floating_point()), default=0.0)


def watched(model: nn.Module, modules: list[nn.Module], x: Any) -> tuple[dict[nn.Module, list[Tensor]], Any]:
    """Runs the model on x and returns the inputs of each of these modules, in the order of its calls, and the model's
    output. Leaves no hook behind.
    """
    inputs: dict[nn.Module, list[Tensor]] = {module: [] for module in modules}

    def keep(module: nn.Module, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        first = next(iter((*args, *named.values())), None)
        if isinstance(first, Tensor):
            inputs[module].append(first.clone())  # what follows may change it in place

    with ExitStack() as hooks:
        for module in modules:
            hooks.enter_context(module.register_forward_pre_hook(keep, with_kwargs=True))
        return inputs, answer(model, x)


def rows(given: list[Tensor], samples: int, dimension: int) -> Shaped[Tensor, "{samples} {dimension}"] | None:
    """Returns features (B, d) from the inputs of a layer: one row a sample, or the mean over the places of a picture
    (B, d, h, w) or of a sentence (B, T, d), which commutes with W h + b. None for inputs of any other shape.
    """
    if len(given) != 1 or len(given[0]) != samples:
        return None
    H = given[0]
    if H.ndim == 2:
        return H if H.shape[1] == dimension else None
    places = H.transpose(1, 2) if H.ndim == 3 and H.shape[2] == dimension else H.flatten(2)
    return places.double().mean(dim=2) if H.ndim > 2 and places.shape[1] == dimension else None


def logits_in(returned: Any, samples: int, classes: int) -> list[Shaped[Tensor, "{samples} {classes}"]]:
    """Returns every tensor (B, K) in the output of a model; the one called `logits` alone where there is one."""
    found = (part for part in _parts(returned) if part.is_floating_point() and part.shape[:1] == (samples,))
    return [part.flatten(1) for part in found if part.numel() == samples * classes]


def _parts(returned: Any) -> Iterator[Tensor]:
    if isinstance(returned, Tensor):
        yield returned
        return
    named = returned if isinstance(returned, Mapping) else getattr(returned, "_asdict", dict)()
    if is_dataclass(returned) and not named:
        named = vars(returned)
    parts = [named["logits"]] if "logits" in named else named.values() if named else returned
    for part in parts if isinstance(returned, (tuple, list)) or named else ():
        yield from _parts(part)


def agree(
    W: Shaped[Array, "K d"],
    bias: Shaped[Array, "K"] | None,
    H: Shaped[Tensor, "B d"],
    logits: Shaped[Tensor, "B K"],
    probabilities: bool = False,
) -> bool:
    """Returns whether W h + b equals these logits (B, K) up to rounding and up to a term common to all classes, such as
    a log-softmax adds; with `probabilities`, whether its softmax does. NaN and inf pass: they are refused elsewhere.
    """
    every = 1 + H.shape[0] * len(W) // COMPARED
    h, Z = to_array(H[::every]).T, to_array(logits[::every]).T
    with np.errstate(over="ignore", invalid="ignore"):
        own = W @ h if bias is None else W @ h + bias[:, None]
        size = np.abs(own).max() + np.abs(Z).max() + math.sqrt((W**2 @ h**2).max())
        if probabilities:
            own, size = np.exp(own - np.logaddexp.reduce(own)), 1.0
        gaps = Z - own
        apart = np.abs(gaps - (0.0 if probabilities else gaps.mean(axis=0))).max()
    if not np.isfinite(size):
        return True
    eps = max(torch.finfo(kind).eps for kind in (H.dtype, logits.dtype))
    if torch.get_float32_matmul_precision() != "highest":
        eps = max(eps, 2.0**-8)
    elif logits.is_cuda:
        eps = max(eps, 2.0**-10)  # TF32
    return bool(apart <= max(8.0 * eps, SLACK) * size)


def to_array(tensor: Shaped[Tensor, "*T"]) -> Shaped[Array, "*T"]:
    """The numbers as float64, a copy that nobody shares."""
    return tensor.detach().cpu().to(torch.float64, copy=True).numpy()
