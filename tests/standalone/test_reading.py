"""Links, knobs and words of the lab in one file, held to the page's own."""

from __future__ import annotations

import json
from itertools import product
from urllib.parse import parse_qsl, unquote

import pytest

from app.page.difference import difference
from app.page.link import read_link
from app.page.runs import RUNS
from app.standalone.table import page_table
from app.views.actions import GAVE_WAY
from app.views.words import setting
from tests.javascript import run_node
from ulpm_core import RunConfig
from ulpm_core.model.parameters import RANDOM_STARTS

TABLE = json.loads(json.dumps(page_table()))
MODULES = ("standalone/link.js", "standalone/facts.js", "standalone/compared.js", "player/engine/config.js")
LINKS = (
    "",
    "classes=5&dimension=4&learning_rate=0.3&seed=7",
    "classes=1e9&seed=7",
    "classes=four&dimension=&per_class=-3&steps=1e400&seed=0x10&learning_rate=nan",
    "classes=6,4&classes=5",
    "class_sizes=6,4,2&per_class=9",
    "class_sizes=6.4.2&classes=3",
    "weight_decay=0.1&method=gradient-flow",
    "weight_decay=0.1&norm_bound_w=2",
    "norm_bound_w=none&norm_bound_h=0.5&loss=squared-error",
    "initialisation=etf-perturbed&classes=6&dimension=2",
    "method=momentum&momentum=0.5&loss_reduction=mean&tolerance=1e-6",
    "fast_forward=300&weight_decay=0.1",
    "pin=seed:7&talk=1&question=Why+at+d+%3D+2%3F",
    "pin=default&controls=none",
    "pin=class_sizes:6.4.2,learning_rate:0.02&controls=seed,classes",
    "pin=seed:7,seed:8",
    "pin=seed:7,sed:8",
    "pin=classes:99",
    "pin=",
    "controls=seed,steeps&talk=yes&question=" + "long%20" * 60,
    "question=a%00b%0Ac%E2%80%A8d",
    "view=polygon&camera=0.5,0.4,0.3&at=step:1200&speed=2",
    "view=under&camera=0,0,0&at=2&speed=3",
    "at=log_time:35.5&speed=0.50&camera=.5,-1.,2",
    "at=zero-training-error&view=tour",
    "talk=1&theme=dark&captions=0&curve=nc2_angles",
    "theme=blue&captions=yes&curve=figure-2",
    "at=" + "a" * 50,
)


def in_the_browser(tmp_path, links):
    code = """for (const text of given.links) {
      const { state, refusals } = readLink("#" + text, given.table);
      say([linkOf(state, {}, given.table), refusals, state.look]);
    }"""
    return run_node(tmp_path, code, *MODULES, links=links, table=TABLE)


def test_a_link_is_read_as_the_page_reads_it(tmp_path):
    for text, (link, refusals, look) in zip(LINKS, in_the_browser(tmp_path, LINKS), strict=True):
        lab, said = read_link(RUNS, dict(parse_qsl(text, keep_blank_values=True)))
        assert read_link(RUNS, dict(parse_qsl(link[1:])))[0].without_look() == lab.without_look(), text
        assert look == lab.look.to_player(), text
        refusals = sorted(one for one in refusals if "times in the link" not in one)
        assert refusals == sorted(one.replace("margin, push, push_along, ", "") for one in said), text


def test_keys_that_are_none_bring_their_list_once_and_it_has_what_only_a_link_sets(tmp_path):
    ((link, said, _),) = in_the_browser(tmp_path, ["foo=1&seed=7&bar=&baz=3"])
    assert link == "#seed=7" and "classes, " in said[0] and "class_sizes" in said[0] and "weight_decay_h" in said[0]
    assert said[1:] == ["bar = '' is not a key of a link either.", "baz = 3 is not a key of a link either."]
    assert read_link(RUNS, {"foo": "1", "seed": "7", "bar": "", "baz": "3"})[1][1:] == said[1:]


def test_a_run_by_steps_has_the_usual_curves_alone_and_a_link_that_asks_for_others_is_told(tmp_path):
    steps, flow, both = in_the_browser(
        tmp_path, ["curves=theorem", "method=gradient-flow&curves=theorem", "fast_forward=300&curves=figure-2"]
    )
    assert steps[:2] == [
        "",
        [
            "curves = theorem shows what the flow of cross-entropy alone has: use method=gradient-flow and nothing"
            " beside that loss with it."
        ],
    ]
    assert flow[:2] == ["#method=gradient-flow&curves=theorem", []]
    assert both[:2] == ["#fast_forward=300&curves=figure-2", []]


def test_what_is_hostile_leaves_the_default_and_a_sentence(tmp_path):
    links = (
        "__proto__=1&constructor=2&toString=3",
        "%E0%A4%A&=&&==&classes",
        "seed=" + "9" * 100_000,
        "<script>alert(1)</script>=<img src=x onerror=alert(2)>",
        "initialisation=square&margin=3",
        "dtype=float32&device=cuda",
        "curves=loss",
        "classes=5&classes=6",
    )
    for text, (link, refusals, _) in zip(links, in_the_browser(tmp_path, links), strict=True):
        assert link in ("", "#margin=3", "#classes=6"), text
        assert refusals and all(len(said) < 700 and "\n" not in said for said in refusals), text
    assert "classes stands 2 times in the link: use it once, like classes=6." in refusals


def test_a_link_that_was_written_reads_the_same_again(tmp_path):
    once = in_the_browser(tmp_path, LINKS)
    again = in_the_browser(tmp_path, [unquote(link[1:]).replace("?", "%3F").replace("=+", "") for link, *_ in once])
    assert [link for link, *_ in again] == [link for link, *_ in once]
    assert all(not refusals for _, refusals, _ in again)


def runs():
    """Runs that differ in all that a knob's part may depend on."""
    methods, losses = ("gradient-descent", "momentum", "gradient-flow"), ("cross-entropy", "squared-error")
    for method, loss, sizes, start in product(methods, losses, ((), (6, 4, 2)), RANDOM_STARTS):
        for changes in ({}, {"weight_decay": 0.1}, {"norm_bound_w": 2.0}, {"fast_forward": 300.0}):
            asked = {"method": method, "loss": loss, "class_sizes": sizes, "initialisation": start, **changes}
            yield RUNS.turned(RunConfig(), asked | ({"classes": 3, "per_class": 2} if sizes else {}))


def test_the_same_knobs_play_a_part_and_the_same_values_give_way(tmp_path):
    configs = list(dict.fromkeys(runs()))
    assert len(configs) > 30
    code = """for (const link of given.links) {
      const run = Config.from(link, given.table.parameters);
      const part = given.table.rows.filter(({ needs }) => holdsOf(needs, run)).map(({ name }) => name);
      say([part, ...given.turns.map((changes) => turnedTo(run, changes, given.table).toJSON())]);
    }"""
    turns = ({"method": "gradient-flow"}, {"per_class": 5})
    links = [config.to_link() for config in configs]
    said = run_node(tmp_path, code, *MODULES, links=links, table=TABLE, turns=turns)
    rows = {row["name"] for row in TABLE["rows"]}
    for config, (names, *turned) in zip(configs, said, strict=True):
        assert set(names) == {name for name in rows if RUNS.knobs[name].matters(config)}, config
        for fields, changes in zip(turned, turns, strict=True):
            assert RunConfig.from_mapping(fields) == RUNS.turned(config, changes), (config, changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seed": 7},
        {"method": "gradient-flow"},
        {"class_sizes": (6, 4, 2), "classes": 3, "per_class": 2},
        {"steps": 1_000_000, "weight_decay": 0.1},
    ],
)
def test_two_runs_differ_in_the_words_of_the_knobs(tmp_path, changes):
    now = RUNS.turned(RunConfig(), changes)
    code = """const [a, b] = given.links.map((link) => Config.from(link, given.table.parameters));
      say(differenceWords(a, b, given.table));"""
    said = run_node(tmp_path, code, *MODULES, links=[{}, now.to_link()], table=TABLE)
    assert said == [difference(RUNS, RunConfig(), now)]


def test_a_run_that_is_no_preset_is_told_in_the_page_s_words(tmp_path):
    few = [
        {},
        {"dimension": 1},
        {"classes": 13, "dimension": 12, "learning_rate": 1e-5},
        {"norm_bound_w": 3, "norm_bound_h": 0.5},
    ]
    configs = [*runs(), *map(RunConfig.from_mapping, few), RunConfig(weight_decay=0.1, weight_decay_h=0.0)]
    code = (
        """for (const link of given.links) say(settingWords(Config.from(link, given.table.parameters), given.table));"""
    )
    links = [config.to_link() for config in configs]
    said = run_node(tmp_path, code, *MODULES, "standalone/setting.js", links=links, table=TABLE)
    assert said == list(map(setting, configs)) and len(set(said)) > 20


def test_what_a_flow_takes_back_is_said(tmp_path):
    code = """for (const link of given.links) {
        const before = Config.from(link, given.table.parameters);
        for (const values of [{ method: "gradient-flow" }, { seed: 9 }]) {
          say(gaveWayWords(before, turnedTo(before, values, given.table), given.table));
        }
      }"""
    links = [{}, {"loss": "squared-error", "weight_decay": "0.1"}, {"loss": "squared-error", "norm_bound_h": "3"}]
    said = run_node(tmp_path, code, *MODULES, links=links, table=TABLE)
    assert said == [*[""] * 4, GAVE_WAY.format(what="Bound of ‖h‖² 3"), ""]


def test_every_knob_of_the_page_is_here_but_those_of_saddles_and_machines():
    turnable = {row["name"] for row in TABLE["rows"] if row["kind"]}
    assert set(RUNS.turnable) - turnable <= {"margin", "push", "push_along", "device"}
    for knob in TABLE["rows"]:
        row = RUNS.knobs[knob["name"]]
        assert [row.parameter.parse(rung) for rung, _ in knob["ladder"]] == list(map(row.parameter.kind, row.ladder))


def test_a_link_and_a_knob_ask_for_no_run_that_takes_too_long(tmp_path):
    code = """
    const { state: { config, pinned }, refusals } = readLink(given.link, given.table);
    say([config.toJSON(), pinned, refusals]);
    try { turnedTo(config, { steps: 1e6 }, given.table); } catch (refusal) { say([refusal.field, refusal.message]); }
    """
    sizes = {"classes": 20, "dimension": 64, "per_class": 200}
    huge = {**sizes, "steps": 1_000_000}
    pin = ",".join(f"{name}:{value}" for name, value in huge.items())
    link = "&".join([*(f"{name}={value}" for name, value in huge.items()), f"pin={pin}"])
    (config, pinned, (said, of_pin)), turned = run_node(tmp_path, code, *MODULES, link=link, table=TABLE)
    assert (config, pinned) == (sizes, None)
    assert said.startswith("steps = 1000000 would take about ") and said.endswith("for example 150000.")
    assert of_pin.startswith("pin = ") and "would take about" in of_pin
    assert turned == ["steps", said]
