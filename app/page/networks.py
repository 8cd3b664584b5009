"""`NETWORKS`: the page of a training, one row for each knob, with its range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.page.spec import Knob, PageSpec
from app.page.widgets import CHOICE, CLASSES, DEVICE, LADDER, NUMBER, OF_DEVICES, SLIDER, SWITCH
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.film.network_words import DATASET_WORDS
from ulpm_core.networks.config import OWN_DEPTH, NetworkConfig
from ulpm_core.networks.cost import refuse_beyond
from ulpm_core.networks.parameters import NETWORK_PARAMETERS

P: Final = NETWORK_PARAMETERS
OWN: Final = {0: "own"}
OF_PLAIN_NETWORKS: Final = ("depth", "dimension", "last_activation")


def _plain(training: NetworkConfig) -> bool:
    return training.model in OWN_DEPTH


def _settled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values without those that play no part: log time beside weight decay, the depth of a resnet18."""
    settled = dict(values)
    if settled["weight_decay"]:
        settled["log_time_steps"] = 0
    if settled["model"] not in OWN_DEPTH:
        settled |= {name: P[name].default for name in OF_PLAIN_NETWORKS}
    return settled


# fmt: off
ROWS: Final[tuple[Knob[NetworkConfig], ...]] = (
    Knob(P["dataset"], CHOICE, words=DATASET_WORDS | {"digits": "Digits, 8×8"}),
    Knob(P["classes"], CLASSES),
    Knob(P["per_class"], LADDER, 0, 7000, ladder=(0, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 7000),
         words={0: "all"}, advanced=True),
    Knob(P["model"], CHOICE, words={"mlp": "MLP: fully connected", "convnet": "Convolutional", "resnet18": "ResNet-18",
                                    "vgg13": "VGG-13"}),
    Knob(P["width"], LADDER, 0, 512, ladder=(0, 8, 16, 32, 64, 128, 256, 512), words=OWN, advanced=True),
    Knob(P["depth"], SLIDER, 0, 20, matters=_plain, advanced=True),
    Knob(P["dimension"], LADDER, 0, 512, ladder=(0, 1, 2, 3, 4, 9, 10, 16, 32, 64, 128, 256, 512), words=OWN,
         matters=_plain, advanced=True),
    Knob(P["batch_norm"], SWITCH),
    Knob(P["last_activation"], CHOICE, words={"relu": "ReLU: 0 or more", "none": "None: any sign"}, matters=_plain,
         advanced=True),
    Knob(P["bias"], SWITCH, advanced=True),
    Knob(P["epochs"], LADDER, 1, 1000, ladder=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
    Knob(P["batch_size"], LADDER, 2, 1024, ladder=(2, 8, 16, 32, 64, 128, 256, 512, 1024), advanced=True),
    Knob(P["learning_rate"], LADDER, 1e-4, 10.0,
         ladder=(1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)),
    Knob(P["schedule"], CHOICE, words={"constant": "Constant", "cosine": "Cosine", "step": "In three steps"},
         advanced=True),
    Knob(P["momentum"], NUMBER, advanced=True),
    Knob(P["weight_decay"], LADDER, 0.0, 0.1, ladder=(0.0, 1e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.1)),
    Knob(P["log_time_steps"], LADDER, 0, 5000, ladder=(0, 50, 100, 200, 400, 800, 1600, 3200, 5000),
         matters=lambda training: not training.weight_decay),
    Knob(P["relative_rate"], LADDER, 0.01, 10.0, ladder=(0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0),
         matters=lambda training: training.log_time_steps > 0, advanced=True),
    Knob(P["seed"], NUMBER),
    Knob(P["dtype"]),
    Knob(P["device"], DEVICE, choices=devices(), words=OF_DEVICES, advanced=True),
    Knob(P["snapshots"], low=4, high=200),
    Knob(P["shown_per_class"], low=1, high=100),
)
# fmt: on
NETWORKS: Final = PageSpec(
    screen="networks",
    family="networks",
    key="network",
    prefix="network-",
    config=NetworkConfig,
    rows=ROWS,
    refuse_beyond=refuse_beyond,
    example=NetworkConfig(classes="0,3,8", seed=7),
    usual=("dataset", "classes", "seed"),
    asks="Which digits stay close to each other?",
    what="training",
    a_link="this link",
    presets=NETWORK_PRESETS,
    gives_way=("weight_decay", "model", "dataset"),
    settle=_settled,
)
"""The page of the Real networks screen."""
