"""The one table of a training run's parameters, in the words of :mod:`ulpm_core.model.parameters`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ulpm_core.model.parameter import Parameter, Value, knob, table
from ulpm_core.model.parameters import DEVICES
from ulpm_core.model.refusal import LONGEST

DATASETS: Final = ("digits", "mnist", "fashion-mnist", "kmnist", "cifar-10")
MODELS: Final = ("mlp", "convnet", "resnet18", "vgg13")
SCHEDULES: Final = ("constant", "cosine", "step")
ALL_CLASSES: Final = 10
"""Every data set here has ten classes, numbered from 0."""
NUMBERS: Final = re.compile(r" *\d( *, *\d)* *", re.ASCII)


@dataclass(frozen=True)
class ClassSubset(Parameter):
    """The parameter that says which classes take part: `all`, or their numbers.

    >>> NETWORK_PARAMETERS["classes"].parse("8, 0,3")
    '0,3,8'
    >>> NETWORK_PARAMETERS["classes"].check("0,1,2,3,4,5,6,7,8,9")
    'all'
    """

    def allowed(self) -> str:
        return "all, or two or more different numbers of 0 to 9"

    def check(self, value: object, written: str | None = None) -> Value:
        said = value if written is None else written
        if value == "all":
            return "all"
        if not isinstance(value, str) or len(value) > LONGEST or not NUMBERS.fullmatch(value):
            raise self.refuse(said, "names no classes")
        numbers = sorted(int(part) for part in value.split(","))
        if len(numbers) < 2 or len(set(numbers)) < len(numbers):
            raise self.refuse(said, "is not two or more different classes")
        return "all" if len(numbers) == ALL_CLASSES else ",".join(map(str, numbers))

    def parse(self, text: str) -> Value:
        return self.check(text.strip())


@dataclass(frozen=True, repr=False)
class NetworkParameters:
    """The parameters of a training run: each is a field of `NetworkConfig` and a row of the table at once."""

    dataset: str = knob(
        "Data set",
        "digits: 1,797 images of 8x8 that come with the lab. The others are fetched from openml.org once.",
        "digits",
        choices=DATASETS,
    )
    classes: str = knob(
        "Classes", "all, or the numbers of those that take part, such as 0,3,8.", "all", kind=ClassSubset
    )
    per_class: int = knob(
        "Images per class", "At most this many training images of each class; 0: all there are.", 0, (0, 100_000)
    )
    model: str = knob(
        "Network",
        "mlp: fully connected. convnet: small and convolutional. resnet18, vgg13: the paper's, for 32x32 images.",
        "mlp",
        choices=MODELS,
    )
    width: int = knob(
        "Width",
        "Units of a hidden layer, or channels of the first convolution; 0: the network's own (mlp 128, convnet 16,"
        " resnet18 and vgg13 64).",
        0,
        (0, 4096),
    )
    depth: int = knob(
        "Depth", "Layers before the last one (mlp, convnet); 0: the network's own (mlp 5, convnet 3).", 0, (0, 50)
    )
    dimension: int = knob(
        "Feature dimension d",
        "Units of the layer before the last, whose values are the features (mlp, convnet); 0: as the others.",
        0,
        (0, 4096),
    )
    batch_norm: str = knob(
        "Batch normalisation",
        "Whether each layer's inputs are standardised over the batch. Without it a small network does not collapse"
        " on easy data, even in log time.",
        "on",
        choices=("on", "off"),
    )
    last_activation: str = knob(
        "Last activation",
        "relu: features are 0 or more, as in the paper's networks. none: they may have any sign, so that three"
        " classes fit the plane (mlp, convnet).",
        "relu",
        choices=("relu", "none"),
    )
    bias: str = knob(
        "Bias of the last layer",
        "Whether the last layer adds a number to each class. The paper's networks have none.",
        "off",
        choices=("on", "off"),
    )
    epochs: int = knob("Epochs", "Passes over the training images by stochastic gradient descent.", 10, (1, 10_000))
    batch_size: int = knob(
        "Batch size",
        "Images in one step of stochastic gradient descent, or a few more where that leaves no rest.",
        64,
        (2, 100_000),
    )
    learning_rate: float = knob(
        "Learning rate", "What the gradient of a batch's mean loss is multiplied with.", 0.1, (1e-9, 1e3)
    )
    schedule: str = knob(
        "Schedule",
        "constant; cosine: down to 0 along half a cosine; step: a tenth after 1/3 and 2/3 of the epochs.",
        "constant",
        choices=SCHEDULES,
    )
    momentum: float = knob("Momentum β", "How much of the last step is kept, v ← βv + g.", 0.9, (0.0, 0.9999))
    weight_decay: float = knob(
        "Weight decay",
        "λ, on every parameter: a step follows g + λθ, with g the gradient of the mean loss. The paper has none.",
        0.0,
        (0.0, 1.0),
    )
    log_time_steps: int = knob(
        "Log-time steps",
        "Full-batch steps on log L after the epochs, each of which multiplies time; 0: none.",
        400,
        (0, 1_000_000),
    )
    relative_rate: float = knob(
        "Relative rate c",
        "A log-time step lowers log L by at most about c, by less where the loss bends: its length is c/‖∇ log L‖²,"
        " at most c.",
        2.0,
        (1e-3, 10.0),
    )
    seed: int = knob("Seed", "Picks initial weights and batches: same seed, same run.", 0, (0, 2**32 - 1))
    dtype: str = knob(
        "Precision",
        "Floating-point type of stochastic gradient descent. Log time is always float64.",
        "float64",
        choices=("float64", "float32"),
    )
    device: str = knob("Device", "Where the network is trained: cpu, or cuda for a GPU.", "cpu", choices=DEVICES)
    snapshots: int = knob("Snapshots", "At how many moments the network is measured, at most.", 120, (4, 2000))
    shown_per_class: int = knob(
        "Dots per class", "How many training images of each class are kept as dots for the film.", 30, (1, 1000)
    )


NETWORK_PARAMETERS: Final = table(NetworkParameters)
