"""The layers inside a model: NC1 of what each gives, over the samples that stream through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import numpy as np
from torch import Tensor, nn

from ulpm_core.analysis.depth import OnePass
from ulpm_core.model.refusal import shown, unfit
from ulpm_core.model.shapes import Array, Labels, Shaped
from ulpm_core.networks.answers import to_array

MOST: Final = 12
"""Most layers of one recorder: more curves nobody tells apart in a panel."""


def layer_names(model: nn.Module, layers: Iterable[str]) -> tuple[str, ...]:
    """The names of layers of the model, checked. Raises :class:`ConfigError` for one that it has not.

    >>> layer_names(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), ["0", "1"])
    ('0', '1')
    """
    given = (layers,) if isinstance(layers, str) else tuple(layers)
    own = [name for name, _ in model.named_modules() if name]
    names = tuple(str(name).removeprefix("_orig_mod.").removeprefix("module.") for name in given)
    for name in names:
        if name not in own or names.count(name) > 1:
            why = "is no layer of the model" if name not in own else "is named twice"
            raise unfit(
                "layers", f"{shown(name)} {why}", f"name some of {shown(', '.join(own))}", own[0] if own else None
            )
    if len(names) > MOST:
        raise unfit("layers", f"{len(names)} layers are too many", f"name {MOST} at most")
    return names


class Layers:
    """NC1 of these layers of a model as it is now: :meth:`watched` keeps what each gives of a batch, :meth:`add` takes
    it in. What a layer gives is a row for each sample, (B, d); of pictures (B, d, h, w) and of sentences (B, T, d) the
    mean over places; of several outputs the first. A layer that is run several times counts with what it gives first.
    """

    def __init__(self, model: nn.Module, names: tuple[str, ...], classes: int, precision: float):
        modules = dict(model.named_modules())
        self.modules = {name: modules[name] for name in names if name in modules}
        self.passes = {name: OnePass(classes) for name in names}
        self.precision = precision
        self.given: dict[str, Tensor] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watches the layers, and afterwards leaves no hook behind."""

        def keep(name: str) -> Any:
            def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
                first = output[0] if isinstance(output, (tuple, list)) and output else output
                if isinstance(first, Tensor) and name not in self.given:
                    self.given[name] = first.detach().clone()

            return hook

        with ExitStack() as hooks:
            for name, module in self.modules.items():
                hooks.enter_context(module.register_forward_hook(keep(name)))
            yield

    def add(self, labels: Shaped[Labels, "B"]) -> None:
        """Takes in what the layers gave of a batch with these labels."""
        for name, layer in self.passes.items():
            layer.add(self._rows(name, len(labels)), labels)
        self.given.clear()

    def trace_ratios(self) -> Shaped[Array, "L"]:
        """Tr Sigma_W / Tr Sigma_B of each layer, in their order."""
        return np.array([float(layer.trace_ratio(self.precision)) for layer in self.passes.values()])

    def _rows(self, name: str, samples: int) -> Shaped[Array, "{samples} d"]:
        H = self.given.get(name)
        if H is None or H.ndim < 2 or len(H) != samples or not H.is_floating_point():
            held = "is not run on a batch" if H is None else f"gives {shown(tuple(H.shape))} for {samples} samples"
            raise unfit("layers", f"{shown(name)} {held}", "name one that gives a row of numbers for each sample")
        sentence = H.ndim == 3 and not isinstance(self.modules[name], (nn.Conv1d, nn.BatchNorm1d))
        places = (1,) if sentence else tuple(range(2, H.ndim))
        return to_array(H.double().mean(dim=places) if places else H)
