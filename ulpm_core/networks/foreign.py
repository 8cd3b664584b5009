"""Lends a recorder someone else's model for one look, and then leaves no trace in their program."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DataParallel, DistributedDataParallel
from torch.nn.utils import parametrize

from ulpm_core.model.refusal import shown, unfit

CHANCE: Final = 0
"""Seed of all random numbers during a look: augmentation and whatever else draws does so alike each time."""
WRAPPERS: Final = (DataParallel, DistributedDataParallel)


def unwrapped(model: nn.Module) -> nn.Module:
    """The module that someone's wrappers run: of torch.compile, which would not see who looks on, and of data
    parallelism, which would call other processes. They share all parameters. Raises :class:`ConfigError` for no module.

    >>> unwrapped(DataParallel(nn.Sequential(nn.Linear(4, 2))))
    Sequential(
      (0): Linear(in_features=4, out_features=2, bias=True)
    )
    """
    if not isinstance(model, nn.Module):
        raise unfit("model", f"model of type {shown(type(model).__name__)}", "give an nn.Module", "net")
    compiled = getattr(model, "_orig_mod", None)
    if isinstance(compiled, nn.Module):
        return unwrapped(compiled)
    return unwrapped(model.module) if isinstance(model, WRAPPERS) else model


def refuse_what_cannot_be_run(model: nn.Module) -> None:
    """Raises :class:`ConfigError` for a model with no numbers in it, or with a part of them only."""
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        if nn.parameter.is_lazy(tensor):
            why, cure = "has no size yet", "run the model on a batch first"
        elif tensor.is_meta:
            why, cure = "is on the meta device and holds no numbers", "give the model as it is trained"
        elif hasattr(tensor, "full_tensor") or "_fsdp_wrapped_module" in name:
            why, cure = "is spread over processes (FSDP)", "record a whole copy of the model in one of them"
        else:
            continue
        raise unfit("model", f"its {shown(name)} {why}", cure, "model.to('cpu')")


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients, on a copy of the model's numbers, and afterwards everything as it was: modes,
    attributes, parameters and buffers of every module, and the random numbers of torch, of NumPy and of Python.

    A copy, since a look may change them: spectral norms iterate, norms are clipped, calls are counted. Submodules that
    torch.compile has compiled run as they were written.
    """
    device = next((p.device.type for p in model.parameters()), "cpu")
    modules = list(model.modules())
    modes = [(module, module.training) for module in modules]
    held = [(own, dict(own)) for module in modules for own in _dictionaries(module)]
    cached = dict(parametrize._cache)
    with ExitStack() as after:
        after.callback(_put_back, held)
        after.callback(parametrize._cache.update, cached)
        after.callback(parametrize._cache.clear)
        for module, training in modes:
            after.callback(setattr, module, "training", training)
        after.enter_context(own_chance())
        after.enter_context(torch.no_grad())
        for kind in {device, "cpu"}:  # autocast would keep copies of weights without gradients, and hand them on
            after.enter_context(torch.autocast(kind, enabled=False))
        if "torch._dynamo" in sys.modules:  # nobody has compiled anything before it is imported
            after.enter_context(torch.compiler.set_stance("force_eager"))
        parametrize._cache.clear()
        _copy_numbers(modules)
        for module in modules:
            module.training = False  # not eval(), which some models take as a sign to merge their weights
        yield


@contextmanager
def own_chance() -> Iterator[None]:
    """Lets code draw random numbers, and then puts the generators of torch, NumPy and Python back where they were."""
    numpy_state, python_state = np.random.get_state(legacy=False), random.getstate()
    with torch.random.fork_rng(range(torch.cuda.device_count())):
        try:
            yield
        finally:
            np.random.set_state(numpy_state)
            random.setstate(python_state)


def draw_alike() -> None:
    """Seeds every generator with CHANCE, so that each look draws the same; for use within :func:`own_chance`."""
    torch.default_generator.manual_seed(CHANCE)
    if torch.cuda.is_available():
        torch.cuda.manual_seed_all(CHANCE)
    np.random.seed(CHANCE)
    random.seed(CHANCE)


def _dictionaries(module: nn.Module) -> tuple[dict[str, Any], ...]:
    """Returns the dictionaries of a module's attributes, parameters and buffers; none for TorchScript."""
    scripted = isinstance(module, torch.jit.ScriptModule)
    return () if scripted else (vars(module), module._parameters, module._buffers)


def _put_back(held: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for own, before in held:
        for name in own.keys() - before.keys():
            del own[name]
        own.update({name: value for name, value in before.items() if name not in own or own[name] is not value})


def _copy_numbers(modules: list[nn.Module]) -> None:
    """Puts a copy in the place of every parameter and buffer, one for all who share it; of plain tensors only, since
    what is quantised knows better how it is stored.
    """
    copies: dict[int, Tensor] = {}
    for module in modules:
        for own in _dictionaries(module)[1:]:
            for name, tensor in own.items():
                if type(tensor) not in (Tensor, nn.Parameter):
                    continue
                if id(tensor) not in copies:
                    copy = tensor.detach().clone()
                    is_parameter = isinstance(tensor, nn.Parameter)
                    copies[id(tensor)] = nn.Parameter(copy, tensor.requires_grad) if is_parameter else copy
                own[name] = copies[id(tensor)]
