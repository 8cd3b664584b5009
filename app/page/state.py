"""`PageState`: all that one visitor's page remembers, which is all that its link says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic

from app.page.look import Look
from app.page.spec import Config, PageSpec


@dataclass(frozen=True)
class PageState(Generic[Config]):
    """The run or training on stage, the one pinned beside it, and how a teacher or a speaker chose to show them.

    `controls` are the knobs left visible, None for all of them. `choices` are the further keys of the link that are not
    at their default.

    >>> from ulpm_core import RunConfig
    >>> PageState(RunConfig(classes=5), pinned=RunConfig(seed=7), controls=("seed",)).to_link()
    {'classes': '5', 'pin': 'seed:7', 'controls': 'seed'}
    """

    config: Config
    pinned: Config | None = None
    controls: tuple[str, ...] | None = None
    question: str = ""
    talk: bool = False
    look: Look = field(default_factory=Look)
    choices: Mapping[str, str] = field(default_factory=dict)

    def to_link(self) -> dict[str, str]:
        """Returns the keys of the link that opens this state; what is at its default is left out."""
        return self.without_look() | self.look.to_link()

    def without_look(self) -> dict[str, str]:
        """Returns the same keys without the look, which the player writes into the address bar by itself."""
        link = self.config.to_link()
        if self.pinned is not None:
            link["pin"] = pin_of(self.pinned)
        if self.controls is not None:
            link["controls"] = ",".join(self.controls) or "none"
        if self.question:
            link["question"] = self.question
        if self.talk:
            link["talk"] = "1"
        return link | dict(self.choices)

    @property
    def is_plain(self) -> bool:
        """True where neither a teacher nor a speaker chose what is shown, so that all of it is."""
        return self.controls is None and not self.talk

    def offers(self, name: str) -> bool:
        """Returns whether a visitor may turn this knob."""
        return self.controls is None or name in self.controls

    def chosen(self, spec: PageSpec[Config], name: str) -> str:
        """Returns the value of a further key of the link."""
        return self.choices.get(name, next(iter(spec.choices[name])))


State = PageState[Any]


def pin_of(config: Config) -> str:
    """Writes a config as the key `pin` of a link holds it: pairs joined by commas, the numbers of a list by points.

    >>> from ulpm_core.networks.config import NetworkConfig
    >>> pin_of(NetworkConfig(classes="0,3,8", seed=7)), pin_of(NetworkConfig())
    ('classes:0.3.8,seed:7', 'default')
    """
    return ",".join(f"{name}:{text.replace(',', '.')}" for name, text in config.to_link().items()) or "default"
