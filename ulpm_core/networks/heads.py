"""The last layer of anyone's model: the one whose W h + b the model returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ulpm_core.model.refusal import ConfigError, refuse, shown, unfit
from ulpm_core.model.shapes import Array, Shaped
from ulpm_core.networks.answers import agree, answer, logits_in, refusing, rows, to_array, watched
from ulpm_core.networks.recording import LARGEST

CONVOLUTIONS: Final = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
SAY_HEAD: Final = "give head=lambda model, x: (features, W, bias), whose W h + b the model returns"

Given = Callable[[nn.Module, Any], tuple[Any, ...]]
"""The type of `head`: from a model and a batch to features (B, d), W (K, d) and, if there is one, bias (K,)."""
Weights = tuple[Array, Array | None]


class Head(NamedTuple):
    """The last layer as it is now: W (K, d), bias (K,), and the source of W h + b, a module or the function `given`."""

    W: Shaped[Array, "K d"]
    bias: Shaped[Array, "K"] | None
    module: nn.Module | None = None
    given: Given | None = None

    def features(self, model: nn.Module, x: Any, samples: int) -> Shaped[Tensor, "{samples} d"]:
        """Returns h (B, d) of a batch. Raises :class:`ConfigError` where the model does not return W h + b."""
        if self.module is None:
            return _given(self.given, model, x, samples)[0]
        inputs, returned = watched(model, [self.module], x)
        H, logits = rows(inputs[self.module], samples, self.W.shape[1]), logits_in(returned, samples, len(self.W))
        if H is None or not any(agree(self.W, self.bias, H, Z) for Z in logits):
            raise _refuse(model, self.module, inputs[self.module], samples, logits)
        return H


def candidates(model: nn.Module, classes: int, layer: str | nn.Module | None) -> list[nn.Module]:
    """Returns the modules that may be the last layer: the one of that name, that one, or, of None, every linear layer
    with an output for each class (nn.Linear, and convolutions of one pixel). Raises :class:`ConfigError` for none.

    >>> candidates(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), 2, None)
    [Linear(in_features=3, out_features=2, bias=True)]
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise unfit(
            "model",
            "model is TorchScript, whose layers nobody can watch",
            f"give the module that it was made from, which shares its weights, or {SAY_HEAD}",
        )
    named = dict(model.named_modules())
    fits = {name: module for name, module in named.items() if _outputs(module) == classes}
    if layer is None:
        if fits:
            return list(fits.values())
        if classes == 2 and any(_outputs(module) == 1 for module in named.values()):
            raise unfit(
                "layer",
                "one output stands for two classes",
                "say what each of them gets, half of it each way",
                "head=lambda model, x: (features, torch.cat([-w, w]) / 2) with its weight w",
            )
        raise unfit("layer", f"no linear layer of the model has {classes} outputs", f"use as many, or {SAY_HEAD}")
    if isinstance(layer, str):
        found = named.get(layer, named.get(layer.removeprefix("_orig_mod.").removeprefix("module.")))
        found = None if found is model and _outputs(model) is None else found
    else:
        found = next((module for module in named.values() if module is layer), None)
    if found is None or _outputs(found) not in (None, classes):
        name = type(layer).__name__ if isinstance(layer, nn.Module) else layer
        names = ", ".join(name or "the model itself" for name in fits)
        allowed, example = (f"one of {shown(names)}", names.split(", ")[-1]) if fits else (f"one, or {SAY_HEAD}", None)
        raise refuse("layer", name, f"is no linear layer with {classes} outputs", allowed, example)
    return [found]


def _outputs(module: nn.Module) -> int | None:
    """Returns the number of outputs of a linear layer; None for any other module, or one that has no size yet."""
    if isinstance(module, nn.Linear) and not isinstance(module, nn.LazyLinear):
        return module.out_features
    if isinstance(module, CONVOLUTIONS) and set(module.kernel_size) == {1} and module.groups == 1:
        return module.out_channels
    return None


def find_head(among: list[nn.Module], model: nn.Module, x: Any, samples: int, classes: int) -> tuple[Head, Tensor]:
    """Returns the head and h (B, d): the head is that of these modules whose W h + b the model returns for a batch or,
    failing that, a module around one that gets the same h, as where LoRA adds to it or a temperature divides it.

    Raises :class:`ConfigError` where there is none, or more than one, and where the model has diverged.
    """
    around = [m for m in reversed([*model.modules()]) if m not in among and any(c in among for c in m.modules())]
    ran, returned = watched(model, among + around, x)
    logits = logits_in(returned, samples, classes)
    own = {module: _weights(module) for module in among if ran[module]}
    if not all(bool(Z.isfinite().all()) for Z in logits):
        raise unfit("data", "the model answers with NaN or infinity", "record before the loop diverges")

    def heads(module: nn.Module) -> list[tuple[Head, Tensor]]:
        for weights in filter(None, (own.get(module), _probed(module, ran[module]))):
            H = rows(ran[module], samples, weights[0].shape[1])
            if H is not None and any(agree(*weights, H, Z) for Z in logits):
                return [(Head(*weights, module), H)]
        return []

    found = [head for module in among for head in heads(module)]
    for module in [] if found else around:
        if any(_same(ran[module], ran[inner]) for inner in among if inner in module.modules()):
            found = found or heads(module)
    if len(found) > 1:
        names = [_name(model, head.module) for head, _ in found]
        raise unfit(
            "layer",
            f"{shown(' and '.join(names))} make logits that the model returns",
            "name one",
            f"layer={names[0]!r}",
        )
    if not found:
        raise _refuse(model, among[-1], ran[among[-1]], samples, logits)
    return found[0]


def present_head(
    layer: str | nn.Module | None, model: nn.Module, x: Any, samples: int, classes: int
) -> tuple[Head, Shaped[Tensor, "{samples} d"]]:
    """Returns the head and h (B, d) among the :func:`candidates` that there are now: people swap heads on the way."""
    return find_head(candidates(model, classes, layer), model, x, samples, classes)


def given_head(
    head: Given, model: nn.Module, x: Any, samples: int, classes: int
) -> tuple[Head, Shaped[Tensor, "{samples} d"]]:
    """Returns what `head` gives for a batch, checked against the logits or probabilities that the model returns."""
    H, weight, shift = _given(head, model, x, samples)
    W, bias = to_array(weight), None if shift is None else to_array(shift)
    if W.shape != (classes, H.shape[1]) or (bias is not None and bias.shape != (classes,)):
        shapes = [W.shape, None if bias is None else bias.shape]
        raise unfit(
            "head",
            f"head gives W and bias of shapes {shown(shapes)}",
            f"return W ({classes}, {H.shape[1]}) and, if there is one, bias ({classes},)",
            "(features, W)",
        )
    refuse_diverged(W, bias)
    logits = logits_in(answer(model, x), samples, classes)
    if logits and not any(agree(W, bias, H, Z) or agree(W, bias, H, Z, probabilities=True) for Z in logits):
        raise unfit(
            "head",
            "the model's answers are not its W h + b",
            "return what makes them",
            "W = fc.weight / 0.1 where the model returns fc(h) / 0.1",
        )
    return Head(W, bias, given=head), H


def _given(head: Any, model: nn.Module, x: Any, samples: int) -> tuple[Tensor, Tensor, Tensor | None]:
    take = "let it take the model and a batch and return three tensors"
    with refusing("head", "head fails", take, "(features, W, bias)"):
        returned = head(model, x)
    parts: list[Any] = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    H, W, bias, *more = parts + [None] * (3 - len(parts))
    fits = isinstance(H, Tensor) and H.ndim == 2 and len(H) == samples
    if not fits or not isinstance(W, Tensor) or not isinstance(bias, (Tensor, type(None))) or more:
        held = [tuple(part.shape) if isinstance(part, Tensor) else type(part).__name__ for part in parts]
        raise unfit(
            "head",
            f"head returns {shown(held)} for {samples} samples",
            "return tensors, a row of features for each sample",
            "(features, W, bias)",
        )
    return H, W, bias


def refuse_diverged(W: Shaped[Array, "K d"], bias: Shaped[Array, "K"] | None) -> None:
    """Raises :class:`ConfigError` for weights that no film could hold."""
    if not all(np.abs(block).max() <= LARGEST for block in (W, bias) if block is not None):  # NaN neither
        raise unfit("layer", f"its weights hold NaN, or entries beyond {LARGEST:g}", "record before the loop diverges")


def _weights(module: nn.Module) -> Weights | None:
    """W (K, d) and bias of a linear layer; of parametrised weights, what they are at the moment. Raises
    :class:`ConfigError` where they have diverged.
    """
    if _outputs(module) is None:
        return None
    weight, bias = module.weight, module.bias
    assert isinstance(weight, Tensor)
    W, b = to_array(weight.flatten(1)), to_array(bias) if isinstance(bias, Tensor) else None
    refuse_diverged(W, b)
    return W, b


def _probed(module: nn.Module, given: list[Tensor]) -> Weights | None:
    """W and bias of a module that makes W h + b in whatever way, from what it makes of 0 and of the unit vectors."""
    if len(given) != 1 or given[0].ndim != 2:
        return None
    d = given[0].shape[1]
    try:
        b = to_array(module(given[0].new_zeros(1, d)))
        W = to_array(module(torch.eye(d, dtype=given[0].dtype, device=given[0].device)))
        return ((W - b).T.copy(), b[0] if b.any() else None) if b.shape == (1, W.shape[1]) and len(W) == d else None
    except Exception:  # noqa: BLE001 - someone else's module may fail anywhere; then it is no layer of this kind
        return None


def _same(some: list[Tensor], others: list[Tensor]) -> bool:
    return len(some) == len(others) == 1 and torch.equal(some[0], others[0])


def _name(model: nn.Module, module: nn.Module | None) -> str:
    return next(name or "the model itself" for name, found in model.named_modules() if found is module)


def _refuse(
    model: nn.Module, module: nn.Module, given: list[Tensor], samples: int, logits: list[Tensor]
) -> ConfigError:
    name, held = shown(_name(model, module)), shown([tuple(h.shape) for h in given])
    if not given:
        what = f"{name} is not run on a batch, as where its weight alone is used"
        do = f"name one that is run once, or {SAY_HEAD}"
    elif len(given) != 1 or len(given[0]) != samples:
        what = f"{name} is given {held} for {samples} samples"
        do = f"name one that is run once, on a row for each sample, or {SAY_HEAD}"
    elif not logits:
        rows_of = f"a row for each of {samples} samples, that W h + b of {name} could be compared with"
        what, do = f"the model returns no logits, {rows_of}", f"let it return them, or {SAY_HEAD}"
    else:
        other = "as where logits are cosines, divided by a temperature, or probabilities"
        what, do = f"what the model returns is not W h + b of {name}, {other}", SAY_HEAD
    return unfit("layer", what, do)
