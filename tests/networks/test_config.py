"""A training run's config: the round trips, and what it refuses in which words."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import example_in, refused

from ulpm_core import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.parameters import NETWORK_PARAMETERS


def drawn(name: str) -> st.SearchStrategy:
    p = NETWORK_PARAMETERS[name]
    if name == "classes":
        subsets = st.sets(st.integers(0, 9), min_size=2)
        return st.just("all") | subsets.map(lambda numbers: ",".join(map(str, numbers)))
    if p.choices:
        return st.sampled_from(p.choices)
    return st.integers(int(p.low), int(p.high)) if p.kind is int else st.floats(p.low, p.high)


configs = st.fixed_dictionaries({}, optional={name: drawn(name) for name in NETWORK_PARAMETERS})


@given(configs)
def test_a_config_survives_json_link_and_mapping(values):
    try:
        config = NetworkConfig(**values)
    except ConfigError as refusal:
        assert refusal.field in ("log_time_steps", "depth", "dimension", "last_activation")
        return
    assert NetworkConfig.from_json(config.to_json()) == config
    assert NetworkConfig.from_mapping(config.to_link()) == config
    assert NetworkConfig.from_mapping(config.to_link()).digest == config.digest


def test_the_table_and_the_fields_are_one():
    assert list(NETWORK_PARAMETERS) == [f.name for f in fields(NetworkConfig)]
    assert all(getattr(NetworkConfig(), name) == p.default for name, p in NETWORK_PARAMETERS.items())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dataset", "imagenet"), ("classes", "3"), ("classes", "3,3"), ("classes", "0,10"), ("classes", 4),
        ("classes", "0;8"), ("classes", "0," * 30), ("classes", None), ("model", "vgg16"), ("width", -1),
        ("depth", 2.5), ("epochs", 0), ("epochs", True), ("batch_size", 1), ("learning_rate", math.nan),
        ("learning_rate", 0), ("schedule", "linear"), ("momentum", 1.0), ("weight_decay", -0.1),
        ("log_time_steps", "many"), ("relative_rate", 100), ("seed", -1), ("dtype", "float16"), ("device", "tpu"),
        ("snapshots", 1), ("bias", True), ("batch_norm", "yes"),
    ],
)  # fmt: skip
def test_a_refusal_names_field_value_range_and_a_value_that_works(field, value):
    parameter = NETWORK_PARAMETERS[field]
    with refused(field, f"{field} = {value}"[:40], parameter.allowed()):
        NetworkConfig(**{field: value})
    with pytest.raises(ConfigError) as caught:
        NetworkConfig(**{field: value})
    parameter.parse(example_in(caught.value))


def test_log_time_and_weight_decay_exclude_each_other():
    with refused("log_time_steps", "weight_decay", "use log_time_steps 0"):
        NetworkConfig(weight_decay=5e-4)
    assert NetworkConfig(weight_decay=5e-4, log_time_steps=0).weight_decay == 5e-4


@pytest.mark.parametrize(("field", "value"), [("depth", 5), ("dimension", 2), ("last_activation", "none")])
def test_what_a_network_fixes_cannot_be_chosen(field, value):
    with refused(field, "resnet18"):
        NetworkConfig(model="resnet18", **{field: value})


def test_a_convnet_has_a_depth_that_fits():
    with refused("depth", "convnet", "0 to 6"):
        NetworkConfig(model="convnet", depth=7)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"kind": "run"}', '{"wings": 2}', '{"seed": {}}', "1" * 5000, "[" * 9999]
)
def test_hostile_json_is_refused(text):
    with pytest.raises(ConfigError) as caught:
        NetworkConfig.from_json(text)
    assert str(caught.value).isprintable()


def test_classes_are_sorted_and_all_is_one_spelling():
    assert NetworkConfig(classes="8, 0,3").classes == "0,3,8"
    assert NetworkConfig(classes="9,8,7,6,5,4,3,2,1,0").digest == NetworkConfig().digest
