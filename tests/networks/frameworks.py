"""Lightning and Hugging Face's Trainer, as far as a callback meets them: the libraries where they are installed, else
stand-ins that call the same methods in the same order with the same arguments, as lightning 2.6 and transformers 5 do.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 4


class Model(nn.Module):
    """Returns logits, or with labels a dict that has the loss, too."""

    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(5, 8), nn.Linear(8, 3)

    def forward(self, inputs, labels=None):
        logits = self.head(torch.relu(self.body(inputs)))
        return {"loss": None if labels is None else functional.cross_entropy(logits, labels), "logits": logits}


def provided(name, monkeypatch, **names):
    """The library, or a module of that name with these names in it, which the test's recipe then imports."""
    if importlib.util.find_spec(name) is not None:
        return importlib.import_module(name)
    module = ModuleType(name)
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, name, module)
    return None


def by_lightning(library, callback, x, y):
    """Trains by Lightning's Trainer, or as it would; returns the module."""
    loader = DataLoader(TensorDataset(x, y), 16, shuffle=True)
    if library is not None:

        class Module(library.LightningModule):
            def __init__(self):
                super().__init__()
                self.inner = Model()

            def forward(self, x):
                return self.inner(x)["logits"]

            def training_step(self, batch, _index):
                return functional.cross_entropy(self(batch[0]), batch[1])

            def configure_optimizers(self):
                return torch.optim.Adam(self.parameters(), lr=0.02)

        trainer = library.Trainer(
            max_epochs=EPOCHS, callbacks=[callback], accelerator="cpu", logger=False, enable_progress_bar=False,
            enable_checkpointing=False, enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(module := Module(), loader)
        return module
    module = Model()
    optimizer = torch.optim.Adam(module.parameters(), lr=0.02)
    trainer = SimpleNamespace(train_dataloader=loader, current_epoch=0, global_step=0, is_global_zero=True)
    callback.on_train_start(trainer, module)
    for trainer.current_epoch in range(EPOCHS):
        for inputs, labels in loader:
            optimizer.zero_grad()
            module(inputs, labels)["loss"].backward()
            optimizer.step()
            trainer.global_step += 1
        callback.on_train_epoch_end(trainer, module)
    callback.on_train_end(trainer, module)
    return module


def by_transformers(library, callback, x, y, folder):
    """Trains by Hugging Face's Trainer, or as it would; returns the model."""
    data, model = [{"inputs": a, "labels": b} for a, b in zip(x, y, strict=True)], Model()
    if library is not None:
        options = library.TrainingArguments(
            str(folder), num_train_epochs=EPOCHS, per_device_train_batch_size=16, learning_rate=0.05, report_to=[],
            save_strategy="no", logging_strategy="no", disable_tqdm=True, use_cpu=True,
        )  # fmt: skip
        library.Trainer(model, options, train_dataset=data, callbacks=[callback]).train()
        return model
    loader, optimizer = DataLoader(data, 16, shuffle=True), torch.optim.AdamW(model.parameters(), lr=0.05)
    args, state, control = SimpleNamespace(), SimpleNamespace(epoch=0.0, global_step=0), SimpleNamespace()
    more = {"model": model, "optimizer": optimizer, "lr_scheduler": None, "train_dataloader": loader}
    more |= {"processing_class": None, "eval_dataloader": None}
    callback.on_train_begin(args, state, control, **more)
    for epoch in range(EPOCHS):
        model.train()
        for i, batch in enumerate(loader):
            optimizer.zero_grad()
            model(**batch)["loss"].backward()
            optimizer.step()
            state.global_step += 1
            state.epoch = epoch + (i + 1) / len(loader)
        callback.on_epoch_end(args, state, control, **more)
    callback.on_train_end(args, state, control, **more)
    return model
