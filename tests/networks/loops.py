"""Training loops as people write them, each with the three lines of a recorder in it: what `test_loops.py` runs.

`LOOPS` are to work, `REFUSED` to be refused in words. A loop returns its recorder, the module whose weight is W, and a
function from inputs to logits, by which the recording is judged. All learn three blobs in five dimensions.
"""

from __future__ import annotations

import copy
from functools import partial

import torch
from networks.foreign_program import blobs
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split

from ulpm_core.networks.recorder import CollapseRecorder

X, Y = blobs(N=96)
EPOCHS = 4


def loader(**options):
    return DataLoader(TensorDataset(X, Y), batch_size=16, shuffle=True, **options)


class Net(nn.Module):
    def __init__(self, hidden=16, classes=3):
        super().__init__()
        self.fc1, self.bn, self.dropout = nn.Linear(5, hidden), nn.BatchNorm1d(hidden), nn.Dropout(0.1)
        self.fc2, self.fc = nn.Linear(hidden, 8), nn.Linear(8, classes)

    def embed(self, x):
        return functional.relu(self.fc2(self.dropout(functional.relu(self.bn(self.fc1(x))))))

    def forward(self, x):
        return self.fc(self.embed(x))


def plain():
    model, data = Net(), loader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


def gradient_accumulation():
    model, data, steps = Net(), loader(), 3
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(2 * EPOCHS):
        for i, (x, y) in enumerate(data):
            (functional.cross_entropy(model(x), y) / steps).backward()
            if (i + 1) % steps == 0 or i + 1 == len(data):
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            elif i == 1:
                recorder.record(epoch + i / len(data))  # gradients are half gathered
        recorder.record(epoch + 1)
    return recorder, model.fc, model


def mixed_precision():
    model, data = Net(), loader(drop_last=True)
    optimizer, scaler = torch.optim.Adam(model.parameters(), lr=0.02), torch.amp.GradScaler("cpu")
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = functional.cross_entropy(model(x), y)
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            recorder.record(epoch)
    return recorder, model.fc, model


def bfloat16_throughout():
    model, data = Net().to(torch.bfloat16), loader()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x.bfloat16()), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, lambda x: model(x.bfloat16())


def compiled():
    inner, data = Net(), loader(drop_last=True)
    model = torch.compile(inner, backend="eager")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        model.train()
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, inner.fc, inner


def data_parallel():
    model, data = nn.DataParallel(Net()), loader()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.module.fc, model


def scheduler_for_each_batch():
    model, data = Net(), loader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.3, epochs=EPOCHS, steps_per_epoch=len(data))
    recorder, step = CollapseRecorder(model, data, classes=3), 0
    recorder.record(0, step=0)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            scheduler.step()
            step += 1
        recorder.record(epoch + 1, step=step)
    return recorder, model.fc, model


def label_smoothing():
    model, data = Net(), loader()
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=["cat", "dog", "frog"])
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


def mixup():
    model, data = Net(), loader()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(2 * EPOCHS):
        for x, y in data:
            share, order = torch.distributions.Beta(0.2, 0.2).sample(), torch.randperm(len(x))
            targets = functional.one_hot(y, 3).float()
            x = share * x + (1 - share) * x[order]
            targets = share * targets + (1 - share) * targets[order]
            optimizer.zero_grad()
            functional.cross_entropy(model(x), targets).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


class Wrapped(nn.Module):
    """A head some modules deep, behind a token of its own."""

    def __init__(self):
        super().__init__()
        block = nn.TransformerEncoderLayer(8, 2, 16, 0.1, batch_first=True)
        self.backbone = nn.ModuleDict({"stem": nn.Linear(5, 8), "block": block})
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.head = nn.Sequential(nn.LayerNorm(8), nn.Sequential(nn.Dropout(0.1), nn.Linear(8, 3)))

    def forward(self, x):
        tokens = torch.cat([self.token.expand(len(x), -1, -1), self.backbone["stem"](x)[:, None]], dim=1)
        return self.head(self.backbone["block"](tokens)[:, 0])


def nested_head():
    model, data = Wrapped(), loader()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.01)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(2 * EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.head[1][1], model


def evaluation_between():
    model = Net()
    train, val = random_split(TensorDataset(X, Y), [72, 24], generator=torch.Generator().manual_seed(1))
    data, held_out = DataLoader(train, 16, shuffle=True), DataLoader(val, 24)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder, best, kept = CollapseRecorder(model, data, classes=3, test=held_out), -1.0, None
    for epoch in range(EPOCHS):
        model.train()
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            right = sum((model(x).argmax(1) == y).sum().item() for x, y in held_out)
            recorder.record(epoch)
        if right > best:
            best, kept = right, copy.deepcopy(model.state_dict())
    assert recorder.snapshots[-1].confusion.sum() == 24
    model.load_state_dict(kept)
    recorder.record(EPOCHS)
    return recorder, model.fc, model


def parameter_groups():
    model, data = Net(), loader()
    for p in model.fc1.parameters():
        p.requires_grad_(False)
    slow = [p for name, p in model.named_parameters() if not name.startswith("fc.") and p.requires_grad]
    groups = [{"params": slow, "lr": 0.02, "weight_decay": 0.0}, {"params": model.fc.parameters(), "lr": 0.05}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.1)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        if epoch == 1:  # thawed on the way
            for p in model.fc1.parameters():
                p.requires_grad_(True)
            optimizer.add_param_group({"params": model.fc1.parameters(), "lr": 0.01})
        recorder.record(epoch)
    return recorder, model.fc, model


def closure():
    model = nn.Sequential(nn.Linear(5, 16), nn.Tanh(), nn.Linear(16, 3))
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)
    recorder = CollapseRecorder(model, (X, Y), classes=3)

    def evaluate():
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(X), Y)
        loss.backward()
        return loss

    for epoch in range(EPOCHS):
        optimizer.step(evaluate)
        recorder.record(epoch)
    return recorder, model[2], model


def averaged_weights():
    model, data = Net(), loader()
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.8))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(average, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            average.update_parameters(model)
        torch.optim.swa_utils.update_bn(data, average)
        recorder.record(epoch)
    return recorder, average.module.fc, average


class Batches(Dataset):
    """Samples as dicts, as data sets of text come."""

    def __len__(self):
        return len(X)

    def __getitem__(self, i):
        return {"inputs": X[i], "labels": Y[i]}


class WithLoss(Net):
    """Returns a dict with its loss, as models of transformers do."""

    def forward(self, inputs, labels=None):
        logits = super().forward(inputs)
        return {"loss": None if labels is None else functional.cross_entropy(logits, labels), "logits": logits}


def loss_inside_the_model():
    model, data = WithLoss(), DataLoader(Batches(), 16, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3, adapter=lambda batch: (batch["inputs"], batch["labels"]))
    for epoch in range(EPOCHS):
        for batch in data:
            optimizer.zero_grad()
            model(**batch)["loss"].backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, lambda x: model(x)["logits"]


class Experiment:
    """A trainer of one's own, which keeps model, data and hooks in itself."""

    def __init__(self):
        self.model, self.data = Net(), loader()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.02)
        self.recorder = CollapseRecorder(self.model, self.data, classes=3)
        self.hooks = [lambda epoch: self.recorder.record(epoch)]

    def fit(self):
        for epoch in range(EPOCHS):
            for x, y in self.data:
                self.optimizer.zero_grad()
                functional.cross_entropy(self.model(x), y).backward()
                self.optimizer.step()
            self.validate(epoch)

    @torch.inference_mode()
    def validate(self, epoch):
        for hook in self.hooks:
            hook(epoch)


def trainer_class_in_inference_mode():
    experiment = Experiment()
    experiment.fit()
    return experiment.recorder, experiment.model.fc, experiment.model


class TwoTasks(Net):
    def __init__(self):
        super().__init__()
        self.depth = nn.Linear(8, 1)

    def forward(self, x):
        h = self.embed(x)
        return self.fc(h), self.depth(h)


def two_tasks():
    model, data = TwoTasks(), DataLoader(TensorDataset(X, Y, X.sum(1, keepdim=True)), 16, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3, adapter=lambda batch: (batch[0], batch[1]))
    for epoch in range(EPOCHS):
        for x, y, depth in data:
            optimizer.zero_grad()
            logits, guess = model(x)
            (functional.cross_entropy(logits, y) + 0.1 * functional.mse_loss(guess, depth)).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, lambda x: model(x)[0]


class Loud(Net):
    def forward(self, x):
        return functional.log_softmax(super().forward(x), dim=1)


def negative_log_likelihood():
    model, data = Loud(), loader()
    optimizer = torch.optim.RMSprop(model.parameters(), lr=0.005)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(2 * EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.nll_loss(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


def checkpointed_activations():
    class Saving(Net):
        def embed(self, x):
            return torch.utils.checkpoint.checkpoint(super().embed, x, use_reentrant=False)

    model, data = Saving(), loader()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


def squared_error():
    model, data = Net(), loader()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    recorder = CollapseRecorder(model, data, classes=3)
    for epoch in range(EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            functional.mse_loss(model(x), functional.one_hot(y, 3).float()).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, model.fc, model


def linear_probe():
    backbone, head, train = Net().eval(), nn.Linear(8, 3), Subset(TensorDataset(X, Y), range(0, 96, 2))
    data = DataLoader(train, 16, shuffle=True)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.1)
    both = nn.Sequential(backbone, head)
    backbone.fc = nn.Identity()
    recorder = CollapseRecorder(both, data, classes=3)
    for epoch in range(4 * EPOCHS):
        for x, y in data:
            with torch.no_grad():
                h = backbone(x)
            optimizer.zero_grad()
            functional.cross_entropy(head(h), y).backward()
            optimizer.step()
        recorder.record(epoch)
    return recorder, head, both


def two_models():
    """A teacher beside the student, each with a recorder of its own."""
    teacher, student, data = Net(), Net(hidden=12), loader()
    optimizer = torch.optim.Adam([*teacher.parameters(), *student.parameters()], lr=0.02)
    recorders = [CollapseRecorder(model, data, classes=3) for model in (teacher, student)]
    for epoch in range(3 * EPOCHS):
        for x, y in data:
            optimizer.zero_grad()
            told = teacher(x)
            distilled = functional.kl_div(student(x).log_softmax(1), told.detach().softmax(1), reduction="batchmean")
            (functional.cross_entropy(told, y) + distilled).backward()
            optimizer.step()
        for recorder in recorders:
            recorder.record(epoch)
    return recorders[1], student.fc, student


def resumed():
    """Killed and begun again: epochs go on, since the recorder only asks that they do not fall."""
    model, data = Net(), loader()
    for start in (0, EPOCHS):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        recorder = CollapseRecorder(model, data, classes=3)
        for epoch in range(start, start + EPOCHS):
            for x, y in data:
                optimizer.zero_grad()
                functional.cross_entropy(model(x), y).backward()
                optimizer.step()
            recorder.record(epoch)
    return recorder, model.fc, model


LOOPS = [
    plain, gradient_accumulation, mixed_precision, bfloat16_throughout, compiled, data_parallel,
    scheduler_for_each_batch, label_smoothing, mixup, nested_head, evaluation_between, parameter_groups, closure,
    averaged_weights, loss_inside_the_model, trainer_class_in_inference_mode, two_tasks, negative_log_likelihood,
    checkpointed_activations, squared_error, linear_probe, two_models, resumed,
]  # fmt: skip


class Cosines(Net):
    def forward(self, x):
        return 16.0 * functional.linear(functional.normalize(self.embed(x)), functional.normalize(self.fc.weight))


class Probabilities(Net):
    def forward(self, x):
        return super().forward(x).softmax(1)


def once(model, data, **options):
    recorder = CollapseRecorder(model, data, **{"classes": 3, **options})
    recorder.record(0)
    return recorder


def swapped_head():
    model = Net()
    recorder = CollapseRecorder(model, (X, Y), classes=3)
    recorder.record(0)
    model.fc = nn.Linear(8, 5)  # for fine-tuning on other classes
    recorder.record(1)


def epochs_from_the_start():
    model = Net()
    recorder = CollapseRecorder(model, (X, Y), classes=3)
    for _phase in range(2):
        for epoch in range(2):
            recorder.record(epoch)


REFUSED = {
    "cosine logits": (lambda: once(Cosines(), (X, Y)), "layer", "give head=lambda model, x: (features, W, bias)"),
    "probabilities": (lambda: once(Probabilities(), (X, Y)), "layer", "give head=lambda model, x"),
    "one logit": (lambda: once(Net(classes=1), (X, Y % 2), classes=2), "layer", "head=lambda model, x"),
    "a generator": (lambda: once(Net(), (batch for batch in loader())), "data", "give what makes it"),
    "one-hot labels": (lambda: once(Net(), (X, functional.one_hot(Y, 3))), "classes", "adapter=lambda batch"),
    "labels from 1": (lambda: once(Net(), (X, Y + 1)), "classes", "batch[1] - 1"),
    "dicts without an adapter": (lambda: once(WithLoss(), DataLoader(Batches(), 16)), "data", "adapter=lambda batch"),
    "a state dict": (lambda: once(Net().state_dict(), (X, Y)), "model", "give an nn.Module"),
    "a function": (lambda: once(partial(torch.matmul, X), (X, Y)), "model", "give an nn.Module"),
    "a swapped head": (swapped_head, "layer", "no linear layer of the model has 3 outputs"),
    "epochs that fall": (epochs_from_the_start, "epoch", "count upwards from epoch 1"),
    "another number of classes": (lambda: once(Net(), (X, Y), classes=10), "layer", "has 10 outputs"),
}
