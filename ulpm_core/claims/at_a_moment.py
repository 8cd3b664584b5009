"""`claim_at`: the claim of a figure's value at one moment of a run or a training, of which only the config is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.claims.checks import check_of, check_of_recording, where_of
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.command import commands_of, link_of
from ulpm_core.claims.digits import DIGITS, digits_of, floor_of
from ulpm_core.claims.ideal import known_as
from ulpm_core.claims.words import WORDS, source_of
from ulpm_core.film.curves import defined_for
from ulpm_core.model.config import RunConfig
from ulpm_core.model.config_base import Described
from ulpm_core.model.versions import versions


def claim_at(
    config: Described | None,
    curve: Curve,
    value: float,
    at: Mapping[str, float],
    *,
    digest: str = "",
    interval: tuple[float, float] | None = None,
    ended: Mapping[str, object] | None = None,
    check: str | None = None,
    given: bool = False,
) -> Claim:
    """Returns the claim of a curve's value at a moment.

    `config` is None of a network that others trained, whose `digest` is that of its arrays; `ended` are the parameters
    of the run that ends where this one was stopped (:func:`ulpm_core.claims.command.ended_at`); `check` is by default
    the one that is written for the curve; `given` says that a network's features were given as a file.

    >>> from ulpm_core.analysis.curves import CURVES
    >>> claim = claim_at(RunConfig(steps=100), CURVES["norm_w"], 2.5, {"step": 100})
    >>> claim.digits, claim.command[1]
    (12, 'python -m ulpm_core claim run.npz norm_w --step 100')
    """
    run = config if isinstance(config, RunConfig) else None
    fields: dict[str, Any] | None = None if config is None else json.loads(config.to_json())
    commands = commands_of(config, curve.name, at, ended)
    if check is None:
        found = where_of(config, at, given)
        if run:
            check = check_of(known_as(run, curve.name), fields or {}, found)
        else:
            check = check_of_recording(curve.name, found, given)
    unchecked = () if check else (WORDS["no-check" if run or given else "not-held"],)
    floor = floor_of(curve)
    return Claim(
        name=curve.name,
        value=value,
        digits=digits_of(value, floor, DIGITS[run.dtype if run else "float64"]),
        floor=floor,
        at=at,
        definition=curve.definition,
        formula=curve.formula,
        source=source_of(curve.name),
        interval=interval,
        config=fields,
        digest=digest or (config.digest if config else ""),
        link="" if config is None else link_of(config),
        versions=versions(),
        command=commands.lines,
        notes=(*commands.notes, *unchecked),
        check=check,
    )


def claim_at_the_end(config: RunConfig, name: str, value: float) -> Claim:
    """Returns the claim of a curve's value at the end of a run that went as far as its config says.

    >>> claim_at_the_end(RunConfig(steps=100), "gamma", 0.5).at
    {'step': 100}
    """
    at: dict[str, float] = {"log_time": config.flow_end} if config.flows else {"step": config.steps}
    return claim_at(config, defined_for(config, CURVES[name]), value, at)
