"""Somebody else's data and model, as the recorder meets them."""

from __future__ import annotations

import torch
from torch import nn


def blobs(N=90, K=3, d=5, seed=0):
    generator = torch.Generator().manual_seed(seed)
    y = torch.arange(N) % K
    return torch.randn(K, d, generator=generator)[y] + 0.3 * torch.randn(N, d, generator=generator), y


def foreign_model(K=3, d=5):
    return nn.Sequential(
        nn.Linear(d, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 7), nn.ReLU(), nn.Linear(7, K)
    )
