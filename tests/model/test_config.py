"""RunConfig and State: round trips, the digest, and every refusal."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import example_in, refused

from ulpm_core import ConfigError, RunConfig, State
from ulpm_core.model.config import MAX_ENTRIES
from ulpm_core.model.parameter import Parameter
from ulpm_core.model.parameters import AS_FOR_W, PARAMETERS
from ulpm_core.model.saddles.gallery import SADDLES

NUMBERS = [p for p in PARAMETERS.values() if p.kind in (int, float)]
CHOICES = [p for p in PARAMETERS.values() if p.choices]


def value_of(parameter: Parameter) -> st.SearchStrategy:
    if parameter.choices:
        return st.sampled_from(parameter.choices)
    if parameter.kind is int:
        top = {"classes": 30, "dimension": 200, "per_class": 100}.get(parameter.name, int(parameter.high))
        return st.integers(int(parameter.low), top)
    return st.floats(parameter.low, parameter.high)


def saddle_sizes(values: dict) -> dict:
    """The sizes drawn, moved to where the saddle drawn exists."""
    saddle = SADDLES.get(values["initialisation"])
    if saddle is None:
        return {}
    classes = min(saddle.sizes, key=lambda K: abs(K - values["classes"]))
    return {"classes": classes, "dimension": max(values["dimension"], saddle.room(classes))}


PLAIN = {"smoothing": PARAMETERS["smoothing"].default}
UNBOUND = {"norm_bound_w": math.inf, "norm_bound_h": math.inf, "feature_norm": math.inf}


def rule(values: dict) -> dict:
    """What is minimised: the model itself where only that is known, else what was drawn."""
    return objective(values) | ({} if objective(values).get("loss", values["loss"]) == "label-smoothing" else PLAIN)


def objective(values: dict) -> dict:
    """The same, with a smoothing that may play no part."""
    if values["initialisation"] in SADDLES:
        return {"loss": "cross-entropy", "weight_decay": 0.0, "weight_decay_h": AS_FOR_W} | UNBOUND
    if values["seed"] % 2 and not (values["method"] == "gradient-flow" or values["fast_forward"]):
        unheld = ("norm_bound_w", "norm_bound_h") if values["seed"] % 3 else ("feature_norm",)
        return {"weight_decay": 0.0, "weight_decay_h": AS_FOR_W} | dict.fromkeys(unheld, math.inf)
    return UNBOUND | ({"weight_decay_h": AS_FOR_W} if values["weight_decay_h"] < 0.0 else {})


configs = st.fixed_dictionaries({p.name: value_of(p) for p in (*NUMBERS, *CHOICES)}).map(
    lambda v: RunConfig(
        **v
        | ({"dimension": max(v["dimension"], v["classes"] - 1)} if v["initialisation"] == "etf-perturbed" else {})
        | saddle_sizes(v)
        | rule(v)
        | ({"engine": "batched"} if v["device"] == "cuda" else {})
        | ({"dtype": "float64"} if v["method"] == "gradient-flow" or v["fast_forward"] else {})
        | ({"decay": "coupled"} if v["fast_forward"] else {})
    )
)


@given(configs)
def test_json_gives_the_config_back(config):
    again = RunConfig.from_json(config.to_json())
    assert again == config
    assert again.digest == config.digest
    assert list(json.loads(config.to_json())) == sorted(json.loads(config.to_json()))


@given(configs)
@settings(max_examples=100)
def test_a_link_gives_the_config_back(config):
    link = config.to_link()
    assert all(isinstance(text, str) and not set(text) & set(" &?#=%") for text in link.values())
    again = RunConfig.from_mapping(link)
    assert again == config
    assert again.digest == config.digest


def test_a_link_names_only_what_is_not_default():
    assert RunConfig().to_link() == {}
    assert RunConfig(seed=7, method="momentum").to_link() == {"method": "momentum", "seed": "7"}


def test_the_digest_is_the_same_on_every_machine():
    assert RunConfig().digest == "94e720cfe4e2827137095e826770cdac9362c92dd7b7609817cbe7fa226f110f"
    assert RunConfig(seed=1).digest != RunConfig().digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", 4.0),
        ("seed", np.int64(3)),
        ("learning_rate", 1),
        ("momentum", np.float32(0.5)),
        ("initial_scale", -0.0),
    ],
)
def test_equal_configs_have_equal_digests(name, value):
    one, two = RunConfig(**{name: value}), RunConfig(**{name: PARAMETERS[name].kind(float(value) + 0.0)})
    assert one == two
    assert one.digest == two.digest
    assert type(getattr(one, name)) is PARAMETERS[name].kind


def test_a_config_is_frozen_and_changes_by_copy():
    config = RunConfig()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.classes = 5
    assert config.with_changes(classes=5) == RunConfig(classes=5)
    assert config.classes == 4


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", NUMBERS, ids=lambda p: p.name)
def test_numbers_outside_their_range_are_refused_and_the_ends_are_not(p):
    allowed = f"use {p.low:.12g} to {p.high:.12g}"
    step = 1 if p.kind is int else 1e-3 * max(abs(p.high), 1.0)
    for value in (p.low - step, p.high + step):
        with refused(p.name, f"{p.name} = {value}", "is out of range", allowed, f"for example {p.example()}."):
            RunConfig(**{p.name: value})
    for value in (p.low, p.high):
        assert p.check(value) == value


NO_NUMBERS = [None, True, [1], {"a": 1}, "1", float("nan"), float("inf"), -float("inf"), 10**400, 1 + 1j]


@pytest.mark.parametrize(("p", "value"), [(p, value) for p in NUMBERS for value in NO_NUMBERS if value != p.default])
def test_what_is_no_number_is_refused(p, value):
    with refused(p.name, f"{p.name} = {str(value)[:20]}", f"use {p.allowed()}", "for example"):
        RunConfig(**{p.name: value})


@pytest.mark.parametrize("p", NUMBERS, ids=lambda p: p.name)
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "four",
        "0x4",
        "1e",
        "--1",
        "1 2",
        "١٢",
        "nan",
        "inf",
        "1e99999",
        "1;2",
        "9" * 41,
        "__import__('os')",
        "1\n2",
        "[1]",
        "1e999",
    ],
)
def test_text_that_is_no_number_is_refused(p, text):
    with refused(p.name, p.name, f"use {p.allowed()}", "for example"):
        RunConfig.from_mapping({p.name: text})


@pytest.mark.parametrize("p", CHOICES, ids=lambda p: p.name)
@pytest.mark.parametrize("value", ["", "adamw", "Gradient-Descent", None, 3, True, ["sum"], {"a": 1}])
def test_unknown_choices_are_refused_with_the_known_ones(p, value):
    with refused(p.name, f"{p.name} = {value}", "is not a known choice", *p.choices, f"for example {p.default}."):
        RunConfig(**{p.name: value})


@pytest.mark.parametrize("name", ["classes", "per_class", "steps", "seed"])
def test_fractions_of_whole_numbers_are_refused(name):
    for given_value in (4.5, "4.5"):
        with refused(name, f"{name} = 4.5", "is not a whole number"):
            RunConfig.from_mapping({name: given_value})


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), (" 4 ", 4), ("+4", 4), ("4.0", 4), ("1e3", 1000), ("1,000", 1000), ("1_000", 1000), ("0100", 100)],
)
def test_whole_numbers_are_read_as_people_write_them(text, value):
    assert PARAMETERS["classes"].parse(text) == value


@pytest.mark.parametrize("text", ["0,3", "1,5", "0,05", "1,0000", "1,00,000.5"])
def test_a_decimal_comma_is_refused_not_read_as_another_number(text):
    """0,3 must never quietly become 3: a comma may only group thousands."""
    with refused("learning_rate", f"learning_rate = {text}", "is not a number"):
        PARAMETERS["learning_rate"].parse(text)


def test_the_example_in_every_refusal_works():
    for name, parameter in PARAMETERS.items():
        with pytest.raises(ConfigError) as caught:
            RunConfig.from_mapping({name: "no such value"})
        example = example_in(caught.value)
        assert parameter.write(getattr(RunConfig.from_mapping({name: example}), name)) in (
            example,
            str(parameter.default),
        )


def test_too_many_numbers_are_refused_with_the_largest_that_fits():
    with pytest.raises(ConfigError) as caught:
        RunConfig(classes=1000, dimension=4096, per_class=100)
    assert caught.value.field == "per_class"
    assert "per_class = 100" in str(caught.value)
    assert "classes = 1000" in str(caught.value)
    fits = int(example_in(caught.value))
    largest = RunConfig(classes=1000, dimension=4096, per_class=fits)
    assert largest.dimension * (largest.classes + largest.label_count) <= MAX_ENTRIES["cpu"]
    with pytest.raises(ConfigError):
        RunConfig(classes=1000, dimension=4096, per_class=fits + 1)


@pytest.mark.parametrize("digest", ["x", "0" * 63, "G" * 64, "A" * 64, "0" * 65, 5, None])
def test_what_is_no_digest_is_refused(digest):
    with refused("initial_digest", "initial_digest = ", "64 hexadecimal digits", "leave it empty"):
        RunConfig.from_mapping({"initial_digest": digest})


HOSTILE = {
    "empty": "",
    "not json": "{classes: 4}",
    "array": "[1, 2]",
    "number": "4",
    "null": "null",
    "text": '"classes"',
    "deep array": "[" * 100_000,
    "deep object": '{"a":' * 100_000,
    "deep value": '{"classes": ' + "[" * 200 + "]" * 200 + "}",
    "truncated": '{"classes": 4',
    "two documents": "{} {}",
    "integer of 5,000 digits": '{"classes": ' + "9" * 5000 + "}",
    "NaN": '{"learning_rate": NaN}',
    "Infinity": '{"learning_rate": Infinity}',
    "1e999": '{"learning_rate": 1e999}',
    "big integer": '{"steps": 1' + "0" * 400 + "}",
    "true": '{"classes": true}',
    "list": '{"method": ["momentum"]}',
    "object": '{"seed": {"a": 1}}',
    "unknown key": '{"classez": 4}',
    "dunder key": '{"__class__": "x"}',
    "surrogate": '{"method": "\\ud800"}',
    "control characters": '{"method": "a\\u0000\\n\\u001b[31m"}',
    "long key": '{"' + "k" * 10_000 + '": 1}',
    "other kind": '{"kind": "landscape", "classes": 4}',
    "list kind": '{"kind": []}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_json_is_refused_in_one_short_line(text):
    with pytest.raises(ValueError) as caught:
        RunConfig.from_json(text)
    assert isinstance(caught.value, ConfigError), f"{type(caught.value).__name__}: {str(caught.value)[:100]}"
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_hostile_json_is_refused_by_name():
    with refused("classez", "classez is not a parameter", "classes", "learning_rate"):
        RunConfig.from_json('{"classez": 4}')
    with refused("config", "config is not JSON", '{"classes": 4, "dimension": 3}'):
        RunConfig.from_json("{")
    with refused("config", "config = [1]", "is not an object", '{"classes": 4'):
        RunConfig.from_json("[1]")
    with refused("kind", "kind = film is not", 'use "run".'):
        RunConfig.from_json('{"kind": "film"}')


def test_a_number_too_long_to_print_is_refused():
    with pytest.raises(ValueError) as caught:
        RunConfig(classes=10**5000)
    assert isinstance(caught.value, ConfigError)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from([*PARAMETERS, "kind", "initial_digest"]) | st.text(max_size=8), json_values, max_size=3
    )
)
def test_any_json_object_is_a_config_or_a_refusal(data):
    try:
        config = RunConfig.from_json(json.dumps(data))
    except ConfigError as refusal:
        assert str(refusal).isprintable()
    else:
        assert RunConfig.from_json(config.to_json()) == config


@given(st.text(max_size=50))
def test_any_text_is_a_config_or_a_refusal(text):
    with pytest.raises(ConfigError):
        RunConfig.from_json(text + "\x00")
    for name in ("classes", "learning_rate", "method"):
        try:
            value = PARAMETERS[name].parse(text)
        except ConfigError as refusal:
            assert str(refusal).isprintable()
        else:
            assert PARAMETERS[name].check(value) == value


# -- State ---------------------------------------------------------------------------------------------------------

W, H = np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(2, 6)
NAN, BIG = np.full((3, 2), np.nan), np.full((3, 2), 1e101)
BAD_STATES = [
    (np.array([["a"]]), H, "W", "W does not hold numbers", "float64"),
    (np.array([[object()]]), H, "W", "W does not hold numbers", "float64"),
    (W[0], H, "W", "W has shape (2,)", "(K, d)"),
    (W, H[0], "H", "H has shape (6,)", "(d, N)"),
    (np.zeros((2, 2, 2)), H, "W", "W has shape (2, 2, 2)", "(K, d)"),
    (NAN, H, "W", "NaN or infinity", "finite"),
    (W, np.full((2, 6), np.inf), "H", "NaN or infinity", "finite"),
    (BIG, H, "W", "1e+101", "-1e100 to 1e100, for example 1."),
    (W, H[:1], "H", "H has 1 rows but W has 2 columns", "dimension d"),
    (W[:1], H, "W", "W has 1 row", "2 to 1000 classes, for example 4."),
    (W, H[:, :5], "H", "H has 5 columns for 3 classes", "for example 3."),
    (W, H[:, :0], "H", "H has 0 columns for 3 classes", "for example 3."),
    (np.zeros((0, 2)), H, "W", "W has 0 row", "for example 4."),
]


@pytest.mark.parametrize("case", BAD_STATES, ids=lambda c: c[3])
def test_a_state_that_is_none_is_refused(case):
    bad_W, bad_H, field, *parts = case
    with refused(field, *parts):
        State(bad_W, bad_H)


def test_a_complex_state_is_refused_not_cut_to_its_real_part(recwarn):
    with refused("W", "W does not hold"):
        State(W * 1j, H)


def test_a_state_is_a_copy_that_cannot_be_written_to():
    mine = W.copy()
    state = State(mine, H)
    mine[0, 0] = 99.0
    assert state.W[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        state.H[0, 0] = 1.0
    assert state.shape == (3, 2, 2)


def test_a_states_digest_is_its_content():
    assert State(W, H).digest == State(W.astype(np.float32), np.asfortranarray(H)).digest
    assert State(W, H).digest != State(W + 1e-9, H).digest
    assert State(np.zeros((2, 2)), np.zeros((2, 4))).digest != State(np.zeros((2, 1)), np.zeros((1, 6))).digest
