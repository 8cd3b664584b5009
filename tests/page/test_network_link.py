"""Links of the screen of real networks: what they open, and every way in which they are refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page import link as links
from app.page.link import other_keys
from app.page.networks import NETWORKS
from app.page.state import PageState
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core import ConfigError
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import predicted_seconds

NETWORK_KNOBS, NETWORK_PAGE, OTHER_KEYS = NETWORKS.turnable, NETWORKS.parameters, other_keys(NETWORKS)
DECAY = NetworkConfig(weight_decay=5e-4, log_time_steps=0)
LABS = [
    PageState(NetworkConfig()),
    PageState(NetworkConfig(classes="0,3,8", learning_rate=0.05, batch_norm="off", seed=7)),
    PageState(DECAY, pinned=NetworkConfig(classes="0,1,2", dimension=2, log_time_steps=0)),
    PageState(
        NetworkConfig(), pinned=NetworkConfig(), controls=("classes", "seed"), question="Which are close?", talk=True
    ),
    PageState(NetworkConfig(), controls=()),
    *(PageState(preset.config, preset.pinned) for preset in NETWORK_PRESETS),
]


def read_network_link(link):
    return links.read_link(NETWORKS, link)


def network_relevant(name, config):
    return NETWORKS.knobs[name].matters(config)


@pytest.mark.parametrize("lab", LABS, ids=range(len(LABS)))
def test_a_link_opens_the_state_that_wrote_it(lab):
    assert read_network_link(lab.to_link()) == (lab, [])


def test_every_preset_can_be_waited_for():
    for preset in NETWORK_PRESETS:
        assert NETWORKS.check(preset.config) == preset.config
        assert predicted_seconds(preset.config) < 60.0


@pytest.mark.parametrize(
    ("link", "refusal"),
    [
        ({"epochs": "0"}, "epochs = 0 is out of range: use 1 to 1000, for example 10."),
        ({"epochs": "many"}, "epochs = many is not a whole number: use 1 to 1000, for example 10."),
        ({"classes": "3"}, "classes = 3 is not two or more different classes: use all, or two or more"),
        ({"classes": "1,1"}, "classes = 1,1 is not two or more different classes"),
        ({"dataset": "imagenet"}, "dataset = imagenet is not a known choice: use one of digits,"),
        ({"learning_rate": "nan"}, "learning_rate = nan is not a number: use 0.0001 to 10, for example 0.1."),
        ({"initialisation": "square"}, "initialisation = square is not a key of this link: use one of dataset,"),
        ({"talk": "yes"}, "talk = yes is not a known choice: use one of 0, 1, for example 1."),
        ({"controls": "width,epochs;"}, "names epochs;, which is no control: use none, or some of dataset,"),
        ({"pin": "epochs:-1"}, "pin = epochs:-1 is refused (epochs = -1 is out of range"),
        ({"pin": "seed:1,seed:2"}, "pin = seed:1,seed:2 is refused (it names seed, twice)"),
        ({"pin": "steps:10"}, "it names steps, which is no parameter"),
        ({"question": "x" * 301}, "question = " + "x" * 37 + "... has 301 letters"),
    ],
)
def test_what_is_refused_is_left_at_its_default_and_said(link, refusal):
    lab, refusals = read_network_link(link)
    assert lab == PageState(NetworkConfig())
    assert len(refusals) == 1
    assert refusal in refusals[0]


def test_weight_decay_alone_means_no_log_time_as_on_the_command_line():
    lab, refusals = read_network_link({"weight_decay": "0.001"})
    decayed = NetworkConfig(weight_decay=1e-3, log_time_steps=0)
    assert (lab.config, refusals) == (decayed, [])
    lab, (refusal,) = read_network_link({"weight_decay": "0.001", "log_time_steps": "100"})
    assert lab.config == decayed
    assert refusal.startswith("log_time_steps = 100 does not go with weight_decay = 0.001")


def test_a_pinned_subset_of_classes_is_written_with_dots():
    link = PageState(NetworkConfig(), pinned=NetworkConfig(classes="0,3,8", seed=7)).to_link()
    assert link == {"pin": "classes:0.3.8,seed:7"}


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ({"dataset": "mnist"}, "log_time_steps = 400 would take about 15 minutes here: use 0 to "),
        ({"dataset": "mnist", "log_time_steps": "0", "epochs": "1000"}, "epochs = 1000 would take about"),
        ({"model": "resnet18", "dataset": "cifar-10"}, "model = resnet18 would take more than two days here"),
    ],
)
def test_a_training_that_nobody_can_wait_for_is_refused_with_the_nearest_that_fits(link, named):
    lab, refusals = read_network_link(link)
    assert refusals[0].startswith(named)
    assert predicted_seconds(lab.config) <= 300.0


def test_the_nearest_setting_fits():
    config = NetworkConfig(dataset="mnist")
    with pytest.raises(ConfigError) as refusal:
        NETWORKS.check(config)
    nearest = int(str(refusal.value).removesuffix(".").rpartition(" ")[2])
    assert NETWORKS.check(config.with_changes(log_time_steps=nearest))
    with pytest.raises(ConfigError):
        NETWORKS.check(config.with_changes(log_time_steps=nearest + 2))


def test_knobs_that_change_nothing_are_hidden_and_settled():
    assert {name for name in NETWORK_KNOBS if not network_relevant(name, NetworkConfig())} == set()
    assert not network_relevant("log_time_steps", DECAY)
    assert not network_relevant("relative_rate", DECAY)
    assert not network_relevant("depth", NetworkConfig(model="resnet18"))
    values = {name: getattr(NetworkConfig(depth=3), name) for name in NETWORK_KNOBS}
    changed = NETWORKS.settle(values | {"weight_decay": 1e-3, "model": "vgg13"})
    assert (changed["log_time_steps"], changed["depth"]) == (0, 0)
    assert NETWORKS.settle(values) == values


@given(st.dictionaries(st.sampled_from([*NETWORK_PAGE, *OTHER_KEYS, "x"]), st.text(max_size=60), max_size=6))
def test_no_link_does_more_than_be_refused(link):
    lab, refusals = read_network_link(link)
    assert NETWORKS.check(lab.config) == lab.config
    assert all(refusal.isprintable() and len(refusal) < 800 for refusal in refusals)
    assert read_network_link(lab.to_link()) == (lab, [])
    json.dumps(lab.to_link())
