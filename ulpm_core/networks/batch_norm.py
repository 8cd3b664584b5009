"""Batch normalisation measured as it is optimised: with the statistics of the whole training set.

In training every layer is standardised by its batch; afterwards torch's layers use running averages over past batches,
which lag behind, so that a network measured with them is not the one that was just stepped. Here the statistics are
those of the training set at the present weights, in both phases and for the test images: the network is then a
function of its weights alone, and in log time exactly the one whose loss goes down.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from ulpm_core.networks.models import Network

BatchNorm = (nn.BatchNorm1d, nn.BatchNorm2d)


@torch.no_grad()
def settle(network: Network, chunks: Sequence[Tensor]) -> None:
    """Puts the network in evaluation mode with the batch statistics of `chunks`, averaged over them.

    One chunk: `network(x)` is then what training mode gives for the whole of it. The variance is the one that batches
    are standardised by, with divisor n; torch's running one has n - 1.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, BatchNorm)]
    found: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {layer: [] for layer in layers}

    def look(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].transpose(0, 1).flatten(1)
        found[layer].append((x.mean(dim=1), x.var(dim=1, correction=0)))

    network.train()
    with ExitStack() as hooks:
        for layer in layers:
            hooks.enter_context(layer.register_forward_pre_hook(look))
        for x in chunks if layers else ():
            network.features(x)
    for layer in layers:
        means, variances = zip(*found[layer], strict=True)
        layer.running_mean, layer.running_var = torch.stack(means).mean(dim=0), torch.stack(variances).mean(dim=0)
    network.eval()
