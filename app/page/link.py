"""`Lab`: everything the page shows, and its link. A link is hostile until every value in it has been checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from app.page.look import LOOK_KEYS, Look, read_look
from ulpm_core import ConfigError, RunConfig
from ulpm_core.dynamics.engines.choice import devices
from ulpm_core.dynamics.engines.cost import refuse_beyond
from ulpm_core.model.parameter import Parameter, Value
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import shown

Pinned = TypeVar("Pinned")

PAGE_RANGES: Final = {
    "classes": (2, 20),
    "dimension": (1, 64),
    "per_class": (1, 200),
    "class_sizes": (1, 200),
    "steps": (10, 1_000_000),
    "log_time": (1.0, 1e8),
    "fast_forward": (0.0, 1e8),
    "margin": (0.01, 50.0),
    "push_along": (0, 100),
}
"""What a page can show; the command line goes further."""
PAGE_SECONDS: Final = 300.0
"""How long a person may wait for a film, as foretold; the command line waits for ever."""
PAGE_HELP: Final = {
    "initialisation": (
        "Gaussian: independent normal entries. Small: the same at a hundredth of the scale, next to the saddle at the"
        " origin. Classes collapsed: every class on one point. Ideal frame plus noise: nearly there."
    ),
    "momentum": "How much of the last step is kept, where the method is momentum.",
    "push_along": "At random, or along a curvature of the saddle: 1 is the lowest, 2 the next higher one, and so on.",
    "loss_reduction": "Cross-entropy summed over samples, as in the paper, or divided by their number N = nK.",
    "device": "Where the steps are taken.",
}
"""Help in the words of the page's menus, where the command line has names of its own."""


def _on_page(p: Parameter) -> Parameter:
    low, high = PAGE_RANGES.get(p.name, (p.low, p.high))
    choices = devices() if p.name == "device" else p.choices
    return replace(p, low=low, high=high, choices=choices, help=PAGE_HELP.get(p.name, p.help))


PAGE: Final = {name: _on_page(p) for name, p in PARAMETERS.items()}
KNOBS: Final = tuple(
    name for name in PAGE if name not in ("engine", "dtype", "class_sizes") and (name != "device" or len(devices()) > 1)
)
"""The parameters that a person can turn. Code and precision leave nothing to see; class sizes come with a link."""
OTHER_KEYS: Final = ("pin", "controls", "question", "talk", "curves", "plane", *LOOK_KEYS)
CURVES: Final = ("figure-2", "figure-2-uncentred", "theorem")
"""The sets of curves that the theory screen offers, the usual one first."""
PLANES: Final = ("simplex", "curvatures")
"""The planes of the landscape screen's slice: down and towards the simplex, or down and up; the usual one first."""
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
    curves: str = CURVES[0]
    plane: str = PLANES[0]
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
        if self.curves != CURVES[0]:
            link["curves"] = self.curves
        if self.plane != PLANES[0]:
            link["plane"] = self.plane
        return link | self.look.to_link()


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
    controls = read_controls(link["controls"], refusals) if "controls" in link else None
    choices = {"talk": ("0", "1"), "curves": CURVES, "plane": PLANES}
    talk, curves, plane = (read_choice(link, name, known, refusals) for name, known in choices.items())
    question = read_question(link.get("question", ""), refusals)
    look = read_look(link, refusals)
    return Lab(config, pinned, controls, question, talk == "1", curves, plane, look), refusals


def pin_of(link: Mapping[str, str]) -> str:
    """A run's link as the value of the key `pin`; points part the numbers of a list.

    >>> pin_of({"class_sizes": "10,10,2,2", "seed": "7"}), pin_of({})
    ('class_sizes:10.10.2.2,seed:7', 'default')
    """
    return ",".join(f"{name}:{value.replace(',', '.')}" for name, value in link.items()) or "default"


def relevant(name: str, config: RunConfig) -> bool:
    """Whether a knob changes anything in this run."""
    flow = config.method == "gradient-flow"
    match name:
        case "learning_rate" | "steps" | "momentum" | "fast_forward" | "device":
            return not flow
        case "log_time":
            return flow
        case "tolerance":
            return config.flows
        case "classes":
            return not config.class_sizes and (config.saddle is None or len(config.saddle.sizes) > 1)
        case "per_class":
            return not config.class_sizes
        case "initial_scale":
            return config.saddle is None
        case "margin":
            return config.saddle is not None and config.initialisation != "origin"
        case "push":
            return config.saddle is not None
        case "push_along" | "seed":
            return config.push > 0.0 if config.saddle is not None else name == "seed"
    return True


def check_page(config: RunConfig) -> RunConfig:
    """The config, if the page can show it and a person can wait for it. Raises :class:`ConfigError`."""
    for name, parameter in PAGE.items():
        parameter.check(getattr(config, name))
    refuse_beyond(config, PAGE_SECONDS)
    return config.with_changes(device="cpu", engine="auto") if config.method == "gradient-flow" else config


def read_choice(link: Mapping[str, str], name: str, known: tuple[str, ...], refusals: list[str]) -> str:
    """One of the known values of a key, the first where the link has another."""
    chosen = link.get(name, known[0])
    if chosen in known:
        return chosen
    words = f"use one of {', '.join(known)}, for example {known[-1]}."
    refusals.append(f"{name} = {shown(chosen)} is not a known choice: {words}")
    return known[0]


def _config(texts: Mapping[str, str], refusals: list[str]) -> RunConfig:
    values: dict[str, Value] = {}
    for name, text in texts.items():
        try:
            values[name] = PAGE[name].parse(text)
        except ConfigError as refusal:
            refusals.append(str(refusal))
    while True:
        try:
            return check_page(RunConfig.from_mapping(values))
        except ConfigError as refusal:  # each value alone is fine, together they are not
            refusals.append(str(refusal))
            given = [name for name in (refusal.field, "class_sizes", "initialisation") if name in values]
            if not given:
                return RunConfig()
            del values[given[0]]


def _pinned(text: str, refusals: list[str]) -> RunConfig | None:
    return read_pin(text, refusals, PAGE, _config, "pin=classes:3,seed:7")


def read_pin(
    text: str,
    refusals: list[str],
    page: Mapping[str, Parameter],
    read: Callable[[Mapping[str, str], list[str]], Pinned],
    example: str,
) -> Pinned | None:
    """What is pinned; one bad part refuses the whole pin, since half of it would be another."""
    pairs = [] if text == "default" else [pair.partition(":")[::2] for pair in text.split(",")]
    names = [name for name, _ in pairs]
    wrong = next((name for name in names if name not in page or names.count(name) > 1), None)
    troubles: list[str] = []
    config = None
    if wrong is not None:
        why = "twice" if wrong in page else "which is no parameter"
        troubles.append(f"it names {shown(wrong) or 'nothing'}, {why}")
    else:
        config = read(dict(pairs), troubles)
    if not troubles:
        return config
    why = troubles[0].removesuffix(".")
    refusals.append(f"pin = {shown(text)} is refused ({why}): use names and values, for example {example}.")
    return None


def read_controls(text: str, refusals: list[str], knobs: tuple[str, ...] = KNOBS) -> tuple[str, ...] | None:
    """The knobs that a link leaves visible."""
    asked = [] if text == "none" else text.split(",")
    wrong = [name for name in asked if name not in knobs]
    if wrong:
        refusals.append(
            f"controls = {shown(text)} names {shown(wrong[0]) or 'nothing'}, which is no control: use none, or some of"
            f" {', '.join(knobs)}, for example controls=classes,seed."
        )
        return None
    return tuple(name for name in knobs if name in asked)


def read_question(text: str, refusals: list[str]) -> str:
    """A teacher's question: one line of printable text."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_QUESTION:
        refusals.append(
            f"question = {shown(text)} has {len(text):,} letters: use 0 to {LONGEST_QUESTION},"
            " for example What happens at d = 2?"
        )
        return ""
    return text
