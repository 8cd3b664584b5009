"""The claims of what a film says, made from its header alone, so that a page can make them where it no longer holds the
run or the training.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ulpm_core.analysis.curve import Curve
from ulpm_core.analysis.curves import CURVES
from ulpm_core.claims.at_a_moment import claim_at
from ulpm_core.claims.claim import Claim
from ulpm_core.claims.command import UNFINISHED, ended_at
from ulpm_core.claims.theorem import interval_of, theorem_claims
from ulpm_core.model.config import RunConfig
from ulpm_core.networks.analysis import GIVEN
from ulpm_core.networks.config import NetworkConfig


class Moment(NamedTuple):
    """A frame of a film as claims name it: its step, log time or epoch, and the parameters that end the run where it
    was stopped, None where it was not stopped there.
    """

    at: dict[str, float]
    ended: dict[str, object] | None


def sentence_claims(header: Mapping[str, Any]) -> list[Claim]:
    """Returns the claims of the figures in the sentences of a film's header, in their order.

    >>> from ulpm_core import simulate
    >>> from ulpm_core.film.film import build_film
    >>> (claim,) = sentence_claims(build_film(simulate(RunConfig(steps=100))).header)
    >>> claim.command[1]
    'python -m ulpm_core claim run.npz nc2_angles --step 100'
    """
    config, curves = config_of(header), {row["name"]: Curve(**row) for row in header["curves"]}
    given, theory = is_given(header), header["theory"]
    claims = []
    for figure in header["figures"]:
        name, frame = figure["curve"], figure["frame"]
        at, ended = moment_of(header, frame, config)
        formula = CURVES[name].formula if name in CURVES else ""
        proves = theory is not None and frame == header["frames"] - 1
        claim = claim_at(
            config,
            curves[name]._replace(formula=formula),
            figure["value"],
            at,
            digest=header["digest"],
            interval=interval_of(name, theory["theorem"]) if proves else None,
            ended=ended,
            given=given,
        )
        claims.append(claim)
    return claims


def flow_claims(header: Mapping[str, Any]) -> dict[str, Claim]:
    """Returns the claims of what a film's header says of its flow, by their names."""
    config = config_of(header)
    assert isinstance(config, RunConfig)
    at, ended = moment_of(header, header["frames"] - 1, config)
    return theorem_claims(config, header["theory"], at, ended)


def config_of(header: Mapping[str, Any]) -> RunConfig | NetworkConfig | None:
    """Returns the config of a film; None of a network that others trained."""
    if header["config"] is None:
        return None
    kind = NetworkConfig if header.get("kind") == "network" else RunConfig
    return kind.from_json(json.dumps(header["config"]))


def is_given(header: Mapping[str, Any]) -> bool:
    """Whether a film is of features that were given as a file."""
    return header["config"] is None and str(header["stop_reason"]).startswith(GIVEN)


def moment_of(header: Mapping[str, Any], frame: int, config: RunConfig | NetworkConfig | None) -> Moment:
    """Returns a frame of a film, whose config is :func:`config_of` it, as claims name it."""
    clock, last = header["clock"], header["frames"] - 1
    if is_given(header):
        return Moment({"moment": clock["step"][frame]}, None)
    at = {name: clock[name][frame] for name in ("step", "log_time", "epoch") if name in clock}
    at = {name: value for name, value in at.items() if value is not None}
    if config is None or header["outcome"] not in UNFINISHED or frame < last or at["step"] <= 0:
        return Moment(at, None)
    flowing = header["flow_from"] is not None and header["flow_from"] <= last
    return Moment(at, ended_at(config, at, flowing) if isinstance(config, RunConfig) else {})
