"""`PageSpec`: everything that is particular to one kind of page, said once: knobs and their ranges, repair rules, link,
presets.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Generic, Self, TypeVar

from app.jobs.films import PAGE_SECONDS
from app.views.presets import Preset
from ulpm_core import ConfigError
from ulpm_core.model.config_base import Described
from ulpm_core.model.parameter import Parameter, Value

Config = TypeVar("Config", bound=Described)


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Widget:
    """A kind of widget: `draw` puts it on the page, `held` turns a parameter's value into the widget's, `value` turns
    it back.
    """

    draw: Callable[[Spec, Row], object]
    held: Callable[[Any], Any] = _same
    value: Callable[[Any], Any] = _same


BY_LINK: Final = Widget(lambda spec, knob: None)
"""The kind of knobs without a widget: only a link can set them."""


@dataclass(frozen=True)
class Knob(Generic[Config]):
    """One row of a page's table: a parameter of the core, with the page's own range, help and choices where they
    differ. `most` is the page's own number of entries of a list.

    `ladder` holds round values to choose from; a link may hold others, and then they stand on the ladder too. `words`
    say what a choice, or 0, is called on screen. `matters` answers whether the knob changes anything in a run; where it
    does not, it is hidden. `advanced` knobs are folded away, but for runs that have them `unfolded`: under their rule.

    >>> from ulpm_core import RunConfig
    >>> Knob(RunConfig.PARAMETERS["classes"], high=20).parameter.allowed()
    '2 to 20'
    """

    core: Parameter
    widget: Widget = BY_LINK
    low: float | None = None
    high: float | None = None
    help: str | None = None
    choices: tuple[str, ...] | None = None
    most: int | None = None
    ladder: tuple[float, ...] = ()
    words: Mapping[Any, str] = field(default_factory=dict)
    matters: Callable[[Config], bool] = lambda config: True
    advanced: bool = False
    unfolded: Callable[[Config], bool] = lambda config: False

    @cached_property
    def parameter(self) -> Parameter:
        """The parameter as the page offers it, often in a narrower range than the command line's."""
        own = {name: getattr(self, name) for name in ("low", "high", "help", "choices", "most")}
        return replace(self.core, **{name: value for name, value in own.items() if value is not None})

    @property
    def name(self) -> str:
        return self.core.name


@dataclass(frozen=True)
class PageSpec(Generic[Config]):
    """A screen's description, from which its state, link, knobs and share panel follow; screens of one kind differ in a
    few fields.

    `screen` names it, screens of one `family` share a state, and `key` is where the session keeps the one shown last;
    `prefix` begins the keys of its widgets. `shows` turns the config of the state into the one on stage. `fit` turns a
    config with which the screen can do nothing into one with which it can, in state and link too.

    `settle` gets the values of all rows and resets those that play no part beside the others; so it also fills in what
    a link leaves unsaid. `whole` sets values that have only one sensible choice, and so no knob. Where values of a link
    clash, the one that the refusal names is dropped first, then those of `gives_way` in their order. Where knobs clash
    with an `unseen` value, which only a link can set and which leaves nothing to see, that one is dropped.
    `refuse_beyond` raises where a person would wait too long. `note` is the text over the knobs.

    `derived` are knobs without a parameter of their own, which write several.

    `choices` are further keys of the link with their possible values in words, the usual one first. `example` is the
    config in the words that refuse a pin, `usual` names the controls that a class keeps, and `asks` is an example of a
    teacher's question.
    """

    screen: str
    family: str
    key: str
    config: type[Config]
    rows: tuple[Knob[Config], ...]
    refuse_beyond: Callable[[Config, float], None]
    example: Config
    usual: tuple[str, ...]
    asks: str
    what: str
    prefix: str = ""
    a_link: str = "a link"
    presets: tuple[Preset[Config], ...] = ()
    derived: tuple[Any, ...] = ()
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    gives_way: tuple[str, ...] = ()
    settle: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    unseen: tuple[str, ...] = ()
    whole: Callable[[Config], Config] = _same
    fit: Callable[[Config], Config] = _same
    shows: Callable[[Config], Config] = _same
    note: Callable[[Config], str] = lambda config: ""
    seconds: float = PAGE_SECONDS

    @cached_property
    def knobs(self) -> dict[str, Knob[Config]]:
        """The rows by the names of their parameters."""
        return {row.name: row for row in self.rows}

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters as the page offers them."""
        return {row.name: row.parameter for row in self.rows}

    @cached_property
    def turnable(self) -> tuple[str, ...]:
        """The parameters that a person can turn."""
        return tuple(row.name for row in self.rows if row.widget is not BY_LINK)

    @cached_property
    def linked(self) -> tuple[str, ...]:
        """The parameters that a link may set and that leave something to see."""
        return tuple(name for name in self.knobs if name not in self.unseen)

    def in_order(self, kept: Collection[str]) -> tuple[str, ...]:
        """Returns the parameters that a person can turn and that are kept, as they stand on the page."""
        return tuple(name for name in self.turnable if name in kept)

    def unusual(self, chosen: Mapping[str, str | None]) -> dict[str, str]:
        """Returns the further keys of a link that are chosen, without those at their usual value."""
        return {name: value for name, value in chosen.items() if value and value != next(iter(self.choices[name]))}

    def with_row(self, name: str, **changes: Any) -> Self:
        """Returns the same page with one row changed."""
        return replace(self, rows=tuple(replace(row, **changes) if row.name == name else row for row in self.rows))

    def check(self, config: Config) -> Config:
        """Returns the config, if the page can show it and a person can wait for it. Raises :class:`ConfigError`."""
        for row in self.rows:
            row.parameter.check(getattr(config, row.name))
        self.refuse_beyond(config, self.seconds)
        return self.whole(config)

    def turned(self, config: Config, values: Mapping[str, Value]) -> Config:
        """Returns the config with some knobs turned. Raises :class:`ConfigError` where a page cannot show that.

        >>> from app.page.runs import RUNS
        >>> RUNS.turned(RUNS.config(dtype="float32"), {"seed": 7}).dtype
        'float32'
        >>> RUNS.turned(RUNS.config(dtype="float32"), {"method": "gradient-flow"}).dtype
        'float64'
        """
        changed = self.settle({name: getattr(config, name) for name in self.knobs} | dict(values))
        try:
            return self.check(config.with_changes(**changed))
        except ConfigError as refusal:
            if refusal.field not in self.unseen:
                raise
            plain = {name: self.parameters[name].default for name in self.unseen}
            return self.check(config.with_changes(**changed | plain))


Spec = PageSpec[Any]
"""The page of a run or of a training, where it makes no difference which."""
Row = Knob[Any]
