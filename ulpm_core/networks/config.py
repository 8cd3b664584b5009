"""`NetworkConfig`: everything that decides a training run, validated once, the same as JSON, as a link, as a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ulpm_core.model.config_base import Described
from ulpm_core.model.refusal import ConfigError, refuse, span
from ulpm_core.networks.parameters import ALL_CLASSES, NETWORK_PARAMETERS, NetworkParameters

__all__ = ["ConfigError", "NetworkConfig"]

OWN_WIDTH: Final = {"mlp": 128, "convnet": 16, "resnet18": 64, "vgg13": 64}
OWN_DEPTH: Final = {"mlp": 5, "convnet": 3}
STAGES: Final = {
    "convnet": ((1,), (2,), (4,), (8,), (16,), (32,)),
    "resnet18": ((1,) * 5, (2,) * 4, (4,) * 4, (8,) * 4),
    "vgg13": ((1, 1), (2, 2), (4, 4), (8, 8), (8, 8)),
}
"""Channels of each convolution in multiples of the width; from stage to stage images are halved. A convnet has as many
stages as its depth."""


@dataclass(frozen=True, repr=False)
class NetworkConfig(Described, NetworkParameters):
    """Everything that decides a training run. Frozen; construction refuses what cannot run.

    Raises :class:`ConfigError` naming field, value, range and a value that works.

    >>> NetworkConfig(classes="8,3,0").class_numbers
    (0, 3, 8)
    >>> NetworkConfig.from_json(NetworkConfig(seed=7).to_json()) == NetworkConfig(seed=7)
    True
    >>> NetworkConfig(classes="0,3,8", learning_rate=0.05).to_link()
    {'classes': '0,3,8', 'learning_rate': '0.05'}
    """

    KIND = "network"
    EXAMPLE = '{"dataset": "digits", "epochs": 10}'
    PARAMETERS = NETWORK_PARAMETERS

    def __post_init__(self) -> None:
        self.check_values()
        if self.weight_decay and self.log_time_steps:
            raise refuse(
                "log_time_steps",
                self.log_time_steps,
                f"does not go with weight_decay = {self.weight_decay:g}, which holds the loss above 0, where log"
                " time ends",
                "log_time_steps 0, or weight_decay 0",
            )
        deepest = len(STAGES["convnet"])
        if self.model == "convnet" and self.depth > deepest:
            raise refuse("depth", self.depth, "is too deep for a convnet", span(0, deepest), 3)
        for name in ("depth", "dimension", "last_activation") if self.model not in OWN_DEPTH else ():
            default = NETWORK_PARAMETERS[name].default
            if getattr(self, name) != default:
                raise refuse(
                    name,
                    getattr(self, name),
                    f"cannot be chosen in {self.model}",
                    f"{default}, or model mlp or convnet",
                )

    @property
    def class_numbers(self) -> tuple[int, ...]:
        """The classes that take part, by their number in the data set."""
        return tuple(range(ALL_CLASSES)) if self.classes == "all" else tuple(map(int, self.classes.split(",")))

    @property
    def class_count(self) -> int:
        """K, the number of classes that take part."""
        return len(self.class_numbers)

    @property
    def layer_width(self) -> int:
        """`width`, or the network's own."""
        return self.width or OWN_WIDTH[self.model]

    @property
    def layers(self) -> int:
        """`depth`, or the network's own; 0 for resnet18 and vgg13, whose depth is their name."""
        return self.depth or OWN_DEPTH.get(self.model, 0)

    @property
    def stages(self) -> list[list[int]]:
        """The channels of each convolution, stage by stage; an mlp has none.

        >>> NetworkConfig(model="convnet", width=4).stages
        [[4], [8], [16]]
        """
        stages = STAGES.get(self.model, ())[: self.layers or None]
        return [[times * self.layer_width for times in stage] for stage in stages]
