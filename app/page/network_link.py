"""`NetworkLab`: the state of the screen of real networks, and its link, which is hostile until it has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from app.page.link import PAGE_SECONDS, pin_of, read_choice, read_controls, read_pin, read_question
from app.page.look import LOOK_KEYS, Look, read_look
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.model.parameter import Parameter, Value
from ulpm_core.model.refusal import ConfigError, shown
from ulpm_core.networks.config import OWN_DEPTH, NetworkConfig
from ulpm_core.networks.cost import refuse_beyond
from ulpm_core.networks.parameters import NETWORK_PARAMETERS

NETWORK_RANGES: Final = {
    "per_class": (0, 7000),
    "width": (0, 512),
    "depth": (0, 20),
    "dimension": (0, 512),
    "epochs": (1, 1000),
    "batch_size": (2, 1024),
    "learning_rate": (1e-4, 10.0),
    "weight_decay": (0.0, 0.1),
    "log_time_steps": (0, 5000),
    "relative_rate": (0.01, 10.0),
    "snapshots": (4, 200),
    "shown_per_class": (1, 100),
}
"""What a page can show; the command line goes further."""
NETWORK_PAGE: Final[dict[str, Parameter]] = {
    name: replace(p, low=NETWORK_RANGES[name][0], high=NETWORK_RANGES[name][1]) if name in NETWORK_RANGES else p
    for name, p in NETWORK_PARAMETERS.items()
} | {"device": replace(NETWORK_PARAMETERS["device"], choices=devices())}
NETWORK_KNOBS: Final = tuple(
    name
    for name in NETWORK_PAGE
    if name not in ("dtype", "snapshots", "shown_per_class") and (name != "device" or len(devices()) > 1)
)
"""The parameters that a person can turn."""
OTHER_KEYS: Final = ("pin", "controls", "question", "talk", *LOOK_KEYS)


@dataclass(frozen=True)
class NetworkLab:
    """The training on stage, the one pinned beside it, and what a teacher or a speaker chose to show.

    `controls` are the knobs left visible, None for all of them.

    >>> NetworkLab(NetworkConfig(classes="0,3,8"), pinned=NetworkConfig(seed=7)).to_link()
    {'classes': '0,3,8', 'pin': 'seed:7'}
    """

    config: NetworkConfig = field(default_factory=NetworkConfig)
    pinned: NetworkConfig | None = None
    controls: tuple[str, ...] | None = None
    question: str = ""
    talk: bool = False
    look: Look = field(default_factory=Look)

    def to_link(self) -> dict[str, str]:
        """The keys of the link that opens this state; what is at its default is left out."""
        link = self.config.to_link()
        if self.pinned is not None:
            link["pin"] = pin_of(self.pinned.to_link())
        if self.controls is not None:
            link["controls"] = ",".join(self.controls) or "none"
        if self.question:
            link["question"] = self.question
        if self.talk:
            link["talk"] = "1"
        return link | self.look.to_link()


def read_network_link(link: Mapping[str, str]) -> tuple[NetworkLab, list[str]]:
    """The state a link asks for, and a sentence for each part of it that was refused and left at its default.

    >>> lab, refusals = read_network_link({"epochs": "1e9", "seed": "7"})
    >>> lab.config.epochs, lab.config.seed, refusals
    (10, 7, ['epochs = 1e9 is out of range: use 1 to 1000, for example 10.'])
    """
    refusals: list[str] = []
    for name in link:
        if name not in NETWORK_PAGE and name not in OTHER_KEYS:
            known = ", ".join((*NETWORK_KNOBS, *OTHER_KEYS))
            refusals.append(f"{shown(name)} = {shown(link[name])} is not a key of this link: use one of {known}.")
    config = _config({name: link[name] for name in NETWORK_PAGE if name in link}, refusals)
    pinned = _pinned(link["pin"], refusals) if "pin" in link else None
    controls = read_controls(link["controls"], refusals, NETWORK_KNOBS) if "controls" in link else None
    talk = read_choice(link, "talk", ("0", "1"), refusals)
    question = read_question(link.get("question", ""), refusals)
    return NetworkLab(config, pinned, controls, question, talk == "1", read_look(link, refusals)), refusals


def network_relevant(name: str, config: NetworkConfig) -> bool:
    """Whether a knob changes anything in this training."""
    match name:
        case "depth" | "dimension" | "last_activation":
            return config.model in OWN_DEPTH
        case "log_time_steps":
            return not config.weight_decay
        case "relative_rate":
            return config.log_time_steps > 0
        case "schedule":
            return config.epochs > 1
    return True


def settled(values: Mapping[str, Value]) -> dict[str, Value]:
    """Values of knobs without those that no longer play a part: log time beside weight decay, depth of a resnet18."""
    changed = dict(values)
    if changed["weight_decay"]:
        changed["log_time_steps"] = 0
    if changed["model"] not in OWN_DEPTH:
        changed |= {name: NETWORK_PAGE[name].default for name in ("depth", "dimension", "last_activation")}
    return changed


def check_network_page(config: NetworkConfig) -> NetworkConfig:
    """The config, if the page can show it and a person can wait for it. Raises :class:`ConfigError`."""
    for name, parameter in NETWORK_PAGE.items():
        parameter.check(getattr(config, name))
    refuse_beyond(config, PAGE_SECONDS)
    return config


def _config(texts: Mapping[str, str], refusals: list[str]) -> NetworkConfig:
    values: dict[str, Value] = {}
    for name, text in texts.items():
        try:
            values[name] = NETWORK_PAGE[name].parse(text)
        except ConfigError as refusal:
            refusals.append(str(refusal))
    if values.get("weight_decay") and "log_time_steps" not in texts:
        values["log_time_steps"] = 0  # as on the command line
    while True:
        try:
            return check_network_page(NetworkConfig.from_mapping(values))
        except ConfigError as refusal:  # each value alone is fine, together they are not
            if str(refusal) not in refusals:
                refusals.append(str(refusal))
            if refusal.field == "log_time_steps" and values.get("weight_decay"):
                values["log_time_steps"] = 0
                continue
            given = (name for name in (refusal.field, "weight_decay", "model", "dataset", *values) if name in values)
            del values[next(given)]


def _pinned(text: str, refusals: list[str]) -> NetworkConfig | None:
    """The pinned training. Class numbers are joined by dots: classes:0.3.8."""

    def dotted(texts: Mapping[str, str], troubles: list[str]) -> NetworkConfig:
        return _config({n: t.replace(".", ",") if n == "classes" else t for n, t in texts.items()}, troubles)

    return read_pin(text, refusals, NETWORK_PAGE, dotted, "pin=classes:0.3.8,seed:7")
