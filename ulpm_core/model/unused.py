"""Says which parameters have a part in a run: what is given and has none is named, or refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from ulpm_core.model.config import RunConfig
from ulpm_core.model.idle import decays_apart
from ulpm_core.model.losses.label_smoothing import LabelSmoothing
from ulpm_core.model.parameters import PARAMETERS
from ulpm_core.model.refusal import refuse

Part = Callable[[RunConfig], bool]

OF_THE_START: Final = ("initialisation", "margin", "push", "push_along", "initial_scale", "seed")
"""The parameters that draw a start, and have no part where a start is given."""


def _of_the_rule(name: str) -> Part:
    return lambda run: name in run.step_rule._fields  # type: ignore[attr-defined]


def _all_brought_to_length(run: RunConfig) -> bool:
    """Whether every vector of the start is drawn around 0 and brought to one length, whatever its scale; 0 stays 0."""
    return run.feature_norm < math.inf and run.initialisation != "etf-perturbed" and run.initial_scale > 0.0


_PARTS: Final[dict[str, tuple[Part, str]]] = {
    "learning_rate": (lambda run: run.method != "gradient-flow", "method"),
    "steps": (lambda run: run.method != "gradient-flow", "method"),
    "log_time": (lambda run: run.method == "gradient-flow", "method"),
    "fast_forward": (lambda run: run.method != "gradient-flow", "method"),
    "tolerance": (lambda run: run.flows, "method"),
    "momentum": (_of_the_rule("momentum"), "method"),
    "beta2": (_of_the_rule("beta2"), "method"),
    "epsilon": (_of_the_rule("epsilon"), "method"),
    "smoothing": (lambda run: run.loss == LabelSmoothing.name, "loss"),
    "decay": (lambda run: decays_apart(run.step_rule, run.decays), "method"),
    "initial_scale": (lambda run: run.saddle is None and not _all_brought_to_length(run), "initialisation"),
    "margin": (lambda run: run.saddle is not None and run.initialisation != "origin", "initialisation"),
    "push": (lambda run: run.saddle is not None, "initialisation"),
    "push_along": (lambda run: run.saddle is not None and run.push > 0.0, "initialisation"),
    "seed": (lambda run: run.initial_scale > 0.0 if run.saddle is None else run.push > 0.0, "initialisation"),
}
"""The parameters that play no part in some runs: when they do, and beside which other parameter that is decided."""

DECIDING: Final = frozenset({
    "method", "initialisation", "initial_scale", "push", "weight_decay", "weight_decay_h", "fast_forward", "loss",
    "feature_norm",
})  # fmt: skip
"""The parameters that decide which others play a part."""


def has_part(config: RunConfig, name: str) -> bool:
    """Returns whether another value of this parameter could make another run of this config.

    >>> has_part(RunConfig(), "beta2"), has_part(RunConfig(method="adam"), "beta2")
    (False, True)
    """
    return name not in _PARTS or _PARTS[name][0](config)


def unused_words(config: RunConfig, given: Iterable[str], start: bool = False) -> str:
    """One sentence that names those of the given parameters that have no part in a run, empty where all have; with
    `start` the run begins at a given state.

    >>> unused_words(RunConfig(), ["classes", "beta2", "log_time"])
    'beta2 and log_time are not used: they play no part with method = gradient-descent.'
    >>> unused_words(RunConfig(), ["seed"], start=True)
    'seed is not used: it plays no part beside initial_state.'
    """
    why: dict[str, list[str]] = {}
    for name in given:
        if start and name in OF_THE_START:
            why.setdefault("beside initial_state", []).append(name)
        elif not has_part(config, name):
            why.setdefault(without_part(config, name), []).append(name)
    said = [
        f"{_joined(names)} are not used: they play no part {place}."
        if len(names) > 1
        else f"{names[0]} is not used: it plays no part {place}."
        for place, names in why.items()
    ]
    return " ".join(said)


def without_part(config: RunConfig, name: str) -> str:
    """Returns beside what a parameter that has no part in the run has none.

    >>> without_part(RunConfig(), "smoothing")
    'with loss = cross-entropy'
    """
    beside = _decided_by(config, name)
    return f"with {beside} = {PARAMETERS[beside].write(getattr(config, beside))}"


def _decided_by(config: RunConfig, name: str) -> str:
    """The parameter beside which this one has no part in the run."""
    if name == "decay" and not any(config.decays):
        return "weight_decay"
    if config.saddle is None:
        return {"initial_scale": "feature_norm", "seed": "initial_scale"}.get(name, _PARTS[name][1])
    return "push" if name in ("seed", "push_along") else _PARTS[name][1]


def _joined(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def refuse_idle_fast_forward(config: RunConfig, given: str) -> None:
    """Raises :class:`ConfigError` for a --fast-forward that would do nothing."""
    if config.method == "gradient-flow" and PARAMETERS["fast_forward"].parse(given):
        raise refuse(
            "fast_forward",
            given,
            "is for runs by steps, and gradient-flow is the flow already",
            "log_time",
            690,
            do="leave it out, and use",
        )
    reached = math.log(config.steps * config.step_time)
    if 0.0 < config.fast_forward <= reached:
        raise refuse(
            "fast_forward",
            given,
            f"lies before log t = {reached:.4g}, which the steps reach by themselves",
            f"{math.floor(reached) + 1} to 1e9",
            "1000, or 0 for no fast-forward",
        )


def passed_words(passed: int, runs: int = 1) -> str:
    """One sentence that says in how many runs a fast-forward had no part, since their steps had passed it when they
    ended; empty where there is none.

    >>> passed_words(1), passed_words(0, 8)
    ('fast_forward is not used: the steps reached it by themselves.', '')
    """
    where = f" in {passed:,} of {runs:,} runs" if runs > 1 else ""
    return f"fast_forward is not used{where}: the steps reached it by themselves." if passed else ""
