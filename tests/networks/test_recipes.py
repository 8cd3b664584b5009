"""The recipes of docs/recording.md, run as they stand there, by the libraries or by stand-ins for their hooks."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from networks.foreign_program import blobs
from networks.frameworks import EPOCHS, by_lightning, by_transformers, provided

from ulpm_core.files.recording import load_recording
from ulpm_core.networks.answers import to_array

NOTES = Path(__file__).parents[2] / "docs" / "recording.md"


def recipe(library):
    """What the block of the notes that imports this library defines."""
    blocks = re.findall(r"```python\n(.*?)```", NOTES.read_text(encoding="utf-8"), re.DOTALL)
    (block,) = (block for block in blocks if re.search(rf"^(import|from) {library}\b", block, re.MULTILINE))
    names: dict = {}
    exec(compile(block, str(NOTES), "exec"), names)
    return names["Collapse"]


@pytest.mark.parametrize("library", ["lightning", "transformers"])
def test_a_recipe_records_as_it_stands(library, tmp_path, monkeypatch):
    torch.manual_seed(0)
    x, y = blobs(96)
    base = {"Callback": object} if library == "lightning" else {"TrainerCallback": object}
    found = provided(library, monkeypatch, **base)
    callback = recipe(library)(classes=3, path=tmp_path / "net.npz")
    train = by_lightning if library == "lightning" else partial(by_transformers, folder=tmp_path)
    trained = train(found, callback, x, y)
    net = load_recording(tmp_path / "net.npz")
    assert net.epoch.tolist() == list(range(EPOCHS + 1))
    assert net.step.tolist() == [6 * epoch for epoch in range(EPOCHS + 1)]
    assert net.train_accuracy[-1] > 0.9
    assert int(net.counts.sum()) == 96
    head = next(module for module in trained.modules() if getattr(module, "out_features", 0) == 3)
    assert np.array_equal(net.W[-1], to_array(head.weight))
