"""Digests and links in the wild stay: written down from commit 2c6888d, before fields were added to the config."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType

import pytest

from ulpm_core import RunConfig
from ulpm_core.model.config_base import Described
from ulpm_core.model.parameters import PARAMETERS

OF_2C6888D = [
    ({}, "94e720cfe4e2827137095e826770cdac9362c92dd7b7609817cbe7fa226f110f"),
    (
        {"classes": "5", "dimension": "4", "learning_rate": "0.3", "seed": "7"},
        "6ba08eb045fc4fe712f2dcd21d3bb79e753bf6b39655a38e72f37e1a937011dc",
    ),
    (
        {"method": "gradient-flow", "log_time": "690"},
        "645906400d60ae15e73ebe472ca7815d732a0b8c3bcf093dcb8391ed90a92886",
    ),
    (
        {"method": "momentum", "fast_forward": "50", "loss_reduction": "mean"},
        "c5d9d9d59ede54105d7f0cdc8ab2149d82f86adee0dd06398f3e671354181f52",
    ),
    ({"initialisation": "square", "push": "0.01"}, "0a04327d4861e1291f6fd2e4c7da78e2f660278b7380ebbc67dca3d14406476f"),
]


@pytest.mark.parametrize(("link", "digest"), OF_2C6888D)
def test_a_link_of_then_opens_the_same_run_with_the_same_digest(link, digest):
    config = RunConfig.from_mapping(link)
    assert config.digest == digest
    assert config.to_link() == link


@dataclass(frozen=True, repr=False)
class _Grown(Described):
    """A config to which `margin` was added."""

    KIND = "grown"
    EXAMPLE = "{}"
    PARAMETERS = MappingProxyType({name: PARAMETERS[name] for name in ("seed", "margin")})
    ADDED = frozenset({"margin"})

    seed: int = 4
    margin: float = 2.0


def test_a_field_added_later_is_in_the_json_only_where_it_is_used():
    assert json.loads(_Grown(seed=4).to_json()) == {"kind": "grown", "seed": 4}
    assert json.loads(_Grown(margin=3.0).to_json()) == {"kind": "grown", "margin": 3.0, "seed": 4}
    assert _Grown.from_json(_Grown(margin=3.0).to_json()) == _Grown(margin=3.0)
    assert _Grown(margin=3.0).digest != _Grown().digest
