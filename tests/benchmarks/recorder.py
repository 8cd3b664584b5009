"""Measures what a record costs beside its forward pass, and how large its files are: `python -m
tests.benchmarks.recorder`.
"""

from __future__ import annotations

import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import nn

from ulpm_core.networks.recorder import CollapseRecorder

CLASSES, WIDTH, SAMPLES = 1000, 512, 50_000
EPOCHS = 300
KEPT = (30, 10, 5)


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def cost() -> None:
    """Measures the seconds of a record and of a forward pass over the same samples, one after the other in turn."""
    x, y = torch.randn(SAMPLES, WIDTH), torch.arange(SAMPLES) % CLASSES
    layers = [nn.Linear(WIDTH, 4 * WIDTH), nn.ReLU(), nn.Linear(4 * WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, CLASSES)]
    model = nn.Sequential(*layers)
    warnings.simplefilter("ignore")  # few records of so many classes fit into a file
    recorder = CollapseRecorder(model, (x, y), classes=CLASSES)

    @torch.no_grad()
    def forward() -> None:
        for batch in x.split(512):
            model(batch)

    forward()
    pairs = [(seconds(forward), seconds(lambda epoch=epoch: recorder.record(epoch))) for epoch in range(2)]
    forwards, records = map(min, zip(*pairs, strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"forward pass {forwards:.1f} s, record {records:.1f} s: {records / forwards:.1f} times; {peak:.2f} GB in all"
    )


def sizes() -> None:
    """Measures the megabytes of net.npz after some epochs on digits, by the samples shown of each class."""
    x, y = (torch.as_tensor(part) for part in load_digits(return_X_y=True))
    x = x.float() / 16.0
    model = nn.Sequential(nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    recorders = [CollapseRecorder(model, (x, y), classes=10, shown_per_class=kept) for kept in KEPT]
    for epoch in range(EPOCHS):
        for recorder in recorders:
            recorder.record(epoch)
        for some in torch.randperm(len(x)).split(128):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[some]), y[some]).backward()
            optimizer.step()
    with tempfile.TemporaryDirectory() as folder:
        for kept, recorder in zip(KEPT, recorders, strict=True):
            recorder.save(saved := Path(folder) / "net.npz")
            print(f"shown_per_class={kept}: {saved.stat().st_size / 1e6:.0f} MB for {EPOCHS} epochs at d = {WIDTH}")


if __name__ == "__main__":
    torch.manual_seed(0)
    cost()
    sizes()
