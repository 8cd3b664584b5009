"""`Lab`: everything the page shows, and its link. A link is hostile until every value in it has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ulpm_core import ConfigError, RunConfig
from ulpm_core.model.parameters import PARAMETERS, Parameter, Value, shown

PAGE_RANGES: Final = {"classes": (2, 20), "dimension": (1, 64), "per_class": (1, 200), "steps": (10, 1_000_000)}
"""What a page can show and a browser can wait for; the command line goes further."""
PAGE: Final[dict[str, Parameter]] = {
    name: replace(parameter, low=PAGE_RANGES[name][0], high=PAGE_RANGES[name][1]) if name in PAGE_RANGES else parameter
    for name, parameter in PARAMETERS.items()
}
KNOBS: Final = tuple(name for name in PAGE if name not in ("engine", "device", "dtype"))
"""The parameters that a person can turn; where and in which precision a run is computed leaves nothing to see."""
OTHER_KEYS: Final = ("pin", "controls", "question", "talk")
LONGEST_QUESTION: Final = 300


@dataclass(frozen=True)
class Lab:
    """The run on stage, the run pinned beside it, and what a teacher or a speaker chose to show.

    `controls` are the knobs left visible, None for all of them.

    >>> Lab(RunConfig(classes=5), pinned=RunConfig(seed=7), controls=("seed",)).to_link()
    {'classes': '5', 'pin': 'seed:7', 'controls': 'seed'}
    """

    config: RunConfig = field(default_factory=RunConfig)
    pinned: RunConfig | None = None
    controls: tuple[str, ...] | None = None
    question: str = ""
    talk: bool = False

    def to_link(self) -> dict[str, str]:
        """The keys of the link that opens this state; what is at its default is left out."""
        link = self.config.to_link()
        if self.pinned is not None:
            link["pin"] = ",".join(f"{name}:{value}" for name, value in self.pinned.to_link().items()) or "default"
        if self.controls is not None:
            link["controls"] = ",".join(self.controls) or "none"
        if self.question:
            link["question"] = self.question
        if self.talk:
            link["talk"] = "1"
        return link


def read_link(link: Mapping[str, str]) -> tuple[Lab, list[str]]:
    """The state a link asks for, and a sentence for each part of it that was refused and left at its default.

    >>> lab, refusals = read_link({"classes": "1e9", "seed": "7"})
    >>> lab.config.classes, lab.config.seed
    (4, 7)
    >>> refusals
    ['classes = 1e9 is out of range: use 2 to 20, for example 4.']
    """
    refusals: list[str] = []
    for name in link:
        if name not in PAGE and name not in OTHER_KEYS:
            known = ", ".join((*KNOBS, *OTHER_KEYS))
            refusals.append(f"{shown(name)} = {shown(link[name])} is not a key of a link: use one of {known}.")
    config = _config({name: link[name] for name in PAGE if name in link}, refusals)
    pinned = None
    if "pin" in link:
        pinned = _pinned(link["pin"], refusals)
    controls = _controls(link["controls"], refusals) if "controls" in link else None
    talk = link.get("talk", "0")
    if talk not in ("0", "1"):
        refusals.append(f"talk = {shown(talk)} is not a known choice: use 0 or 1, for example 1.")
    return Lab(config, pinned, controls, _question(link.get("question", ""), refusals), talk == "1"), refusals


def check_page(config: RunConfig) -> RunConfig:
    """The config, if the page can show it. Raises :class:`ConfigError`."""
    for name, parameter in PAGE.items():
        parameter.check(getattr(config, name))
    return config


def _config(texts: Mapping[str, str], refusals: list[str]) -> RunConfig:
    values: dict[str, Value] = {}
    for name, text in texts.items():
        try:
            values[name] = PAGE[name].parse(text)
        except ConfigError as refusal:
            refusals.append(str(refusal))
    try:
        return RunConfig.from_mapping(values)
    except ConfigError as refusal:  # each value alone is fine, together they are not
        refusals.append(str(refusal))
        values.pop(refusal.field, None)
        return RunConfig.from_mapping(values)


def _pinned(text: str, refusals: list[str]) -> RunConfig | None:
    pairs = [] if text == "default" else [pair.partition(":") for pair in text.split(",")]
    wrong = [pair for name, _, _ in pairs for pair in [name] if name not in PAGE]
    if wrong:
        refusals.append(
            f"pin = {shown(text)} names {shown(wrong[0])}, which is no parameter:"
            " use names and values, for example pin=classes:3,seed:7."
        )
        return None
    return _config({name: value for name, _, value in pairs}, refusals)


def _controls(text: str, refusals: list[str]) -> tuple[str, ...] | None:
    asked = [] if text == "none" else text.split(",")
    wrong = [name for name in asked if name not in KNOBS]
    if wrong:
        refusals.append(
            f"controls = {shown(text)} names {shown(wrong[0])}, which is no control: use none, or some of"
            f" {', '.join(KNOBS)}, for example controls=classes,seed."
        )
        return None
    return tuple(name for name in KNOBS if name in asked)


def _question(text: str, refusals: list[str]) -> str:
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_QUESTION:
        refusals.append(
            f"question = {shown(text)} has {len(text):,} letters: use 0 to {LONGEST_QUESTION},"
            " for example What happens at d = 2?"
        )
        return ""
    return text
