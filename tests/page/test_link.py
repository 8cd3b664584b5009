"""Links: what they can say they restore; what is hostile in them is refused in sentences, and the rest is kept."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import hostile_links
from hypothesis import example, given
from hypothesis import strategies as st

from app.page import link as links
from app.page.fitting import at_a_saddle, limit_of
from app.page.link import LONGEST_QUESTION, other_keys
from app.page.look import CHOICES, SPEEDS, VIEWS, Look
from app.page.networks import NETWORKS
from app.page.runs import RUNS
from app.page.state import PageState
from ulpm_core import ConfigError, RunConfig
from ulpm_core.dynamics.engines.cost import predicted_seconds
from ulpm_core.model.saddles.gallery import SADDLES

PAGE, KNOBS, OTHER_KEYS = RUNS.parameters, RUNS.turnable, other_keys(RUNS)


def read_link(link):
    return links.read_link(RUNS, link)


def values_of(name):
    """Everything the page can show for one parameter."""
    p = PAGE[name]
    if p.choices:
        return st.sampled_from(p.choices)
    return st.integers(int(p.low), int(p.high)) if p.kind is int else st.floats(p.low, p.high)


@st.composite
def configs(draw):
    values = {name: draw(values_of(name)) for name in KNOBS}
    if values["dimension"] < values["classes"] - 1 and values["initialisation"] == "etf-perturbed":
        values["dimension"] = values["classes"] - 1
    if saddle := SADDLES.get(values["initialisation"]):
        values["classes"] = draw(st.sampled_from([K for K in saddle.sizes if PAGE["classes"].high >= K]))
        values["dimension"] = max(values["dimension"], saddle.room(values["classes"]))
    elif draw(st.booleans()):
        del values["classes"], values["per_class"]
        values["class_sizes"] = draw(st.lists(st.integers(1, 200), min_size=2, max_size=20))
        if values["initialisation"] == "etf-perturbed":
            values["dimension"] = max(values["dimension"], len(values["class_sizes"]) - 1)
    flows = values["method"] == "gradient-flow" or values["fast_forward"]
    if values["initialisation"] in SADDLES:
        del (
            values["loss"],
            values["weight_decay"],
            values["norm_bound_w"],
            values["norm_bound_h"],
            values["feature_norm"],
        )
    else:
        kept = "weight_decay" if flows else draw(st.sampled_from(["weight_decay", "norm_bound", "feature_norm"]))
        for name in ("weight_decay", "norm_bound_w", "norm_bound_h", "feature_norm"):
            if not name.startswith(kept):
                del values[name]
    if values.get("loss") != "label-smoothing":
        del values["smoothing"]
    if flows:
        del values["decay"]
    return RunConfig(**values)


def within_reach(config):
    """Whether a person can wait for this run, as foretold."""
    return predicted_seconds(config) <= RUNS.seconds


def a_question(text):
    return " ".join("".join(c for c in text if c.isprintable()).split())


LABS = st.builds(
    PageState,
    configs().filter(within_reach),
    pinned=st.none() | configs().filter(within_reach),
    controls=st.none() | st.sets(st.sampled_from(KNOBS)).map(lambda kept: tuple(n for n in KNOBS if n in kept)),
    question=st.text(max_size=LONGEST_QUESTION).map(a_question),
    talk=st.booleans(),
    look=st.builds(
        Look,
        view=st.none() | st.sampled_from(VIEWS),
        camera=st.none() | st.tuples(*[st.integers(100, 3000).map(lambda x: x / 1000)] * 3),
        at=st.sampled_from([None, "0.25", "step:1200", "log_time:-3.5", "zero-training-error"]),
        speed=st.none() | st.sampled_from(SPEEDS),
        **{name: st.none() | st.sampled_from(CHOICES[name]) for name in ("theme", "captions", "curve", "film")},
    ),
)


@given(LABS)
def test_the_link_of_any_state_opens_that_state(lab):
    assert read_link(lab.to_link()) == (lab, [])


def test_the_default_state_has_the_empty_link():
    assert PageState(RunConfig()).to_link() == {}
    assert read_link({}) == (PageState(RunConfig()), [])


def test_a_link_names_only_what_differs_and_can_be_read_by_a_person():
    lab = PageState(RunConfig(classes=5, learning_rate=0.3), RunConfig(), ("classes", "seed"), "Why?", talk=True)
    assert lab.to_link() == {
        "classes": "5",
        "learning_rate": "0.3",
        "pin": "default",
        "controls": "classes,seed",
        "question": "Why?",
        "talk": "1",
    }


HOSTILE = [
    "",
    " ",
    "four",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "1e308",
    "1e99999",
    "-1",
    "0x10",
    "1;2",
    "0,5",
    "1,,000",
    "1,00",
    ",",
    "٤",
    "४",
    "１",
    "½",
    "True",
    "None",
    "__import__('os')",
    "<script>alert(1)</script>",
    "'; drop table runs; --",
    "9" * 5000,
    "x" * 5000,
    "4\n5",
    "\x00",
    "4\u202e",
]
NUMBERS = [name for name, p in PAGE.items() if p.kind in (int, float)]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
@pytest.mark.parametrize("name", KNOBS)
def test_a_bad_value_is_refused_by_name_value_range_and_an_example_and_the_rest_is_kept(name, text):
    other = "per_class" if name != "per_class" else "classes"
    lab, refusals = read_link({name: text, other: "5"})
    assert lab == PageState(RunConfig.from_mapping({other: 5}))
    (said,) = refusals
    assert said.startswith(f"{name} = ")
    assert f"use {PAGE[name].allowed()}" in said
    assert said.isprintable()
    assert len(said) < 300
    shown = said.removeprefix(f"{name} = ")
    assert shown.startswith("".join(c if c.isprintable() else "?" for c in text)[:37])
    works = re.search(r"for example (\S+)\.$", said)[1]
    assert read_link({name: works})[1] == []


@pytest.mark.parametrize("name", NUMBERS)
def test_the_first_value_beyond_each_end_of_a_range_is_refused(name):
    p, beside = PAGE[name], {"loss": "label-smoothing"} if name == "smoothing" else {}
    for end, beyond in ((p.low, p.low - 1), (p.high, p.high + 1)):
        text, outside = (f"{int(end)}", f"{int(beyond)}") if p.kind is int else (repr(float(end)), repr(float(beyond)))
        assert read_link(beside | {name: text})[1] == []
        lab, (said,) = read_link(beside | {name: outside})
        assert lab == PageState(RunConfig(**beside))
        assert "is out of range" in said


def test_class_sizes_come_with_a_link_and_stand_in_a_pin_with_points():
    lab, refusals = read_link({"class_sizes": "10,10,2,2", "pin": "class_sizes:6.4.2,seed:7"})
    assert refusals == []
    assert lab == PageState(RunConfig(class_sizes=(10, 10, 2, 2)), pinned=RunConfig(class_sizes=(6, 4, 2), seed=7))
    assert lab.to_link() == {"class_sizes": "10,10,2,2", "pin": "class_sizes:6.4.2,seed:7"}
    assert not any(RUNS.knobs[name].matters(lab.config) for name in ("classes", "per_class"))
    assert RUNS.knobs["classes"].matters(RunConfig())
    assert RUNS.turned(lab.config, {"classes": 4, "per_class": 2, "seed": 5}).sizes == (10, 10, 2, 2)
    assert RUNS.turned(lab.config, {"classes": 5}) == RunConfig(classes=5, per_class=2)


SIZES = "use 2 to 20 numbers of 1 to 1000 with commas between, for example 10,10,2,2."
"""The page's own range of class sizes, which is narrower than the core's."""


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"class_sizes": "1001,2"}, f"class_sizes = 1001,2 holds a size out of range: {SIZES}"),
        ({"class_sizes": "6,4,x"}, f"class_sizes = 6,4,x is no list of whole numbers: {SIZES}"),
        ({"class_sizes": "5"}, f"class_sizes = 5 holds 1 size: {SIZES}"),
        ({"class_sizes": ",".join(["5"] * 20 + ["2"])}, f"class_sizes = {'5,' * 18}5... holds 21 sizes: {SIZES}"),
        ({"class_sizes": "6,4,2", "classes": "4"}, "classes = 4 contradicts class_sizes = 6,4,2"),
        ({"class_sizes": "6,4,2", "initialisation": "square"}, "class_sizes = 6,4,2 differ"),
    ],
)
def test_class_sizes_that_no_page_shows_are_refused_and_the_rest_is_kept(link, said):
    lab, (refusal,) = read_link(link | {"seed": "7"})
    assert refusal.startswith(said)
    assert lab.config.seed == 7


def test_a_billion_classes_are_refused_in_these_words():
    assert read_link({"classes": "1000000000"})[1] == [
        "classes = 1000000000 is out of range: use 2 to 20, for example 4."
    ]


@pytest.mark.parametrize("name", ["classez", "Classes", "__class__", "digest", "initial_digest", "", "<b>", "x" * 5000])
def test_an_unknown_key_is_refused_with_the_keys_there_are(name):
    lab, (said,) = read_link({name: "4", "seed": "7"})
    assert lab == PageState(RunConfig(seed=7))
    assert "is not a key of a link: use one of classes, dimension" in said
    assert all(key in said for key in (*KNOBS, *OTHER_KEYS))
    assert len(said) < 600


@pytest.mark.parametrize(
    ("key", "text", "parts"),
    [
        ("pin", "", ("pin = ", "for example pin=classes:3,seed:7")),
        ("pin", "nonsense", ("pin = nonsense", "no parameter", "for example pin=classes:3,seed:7")),
        ("pin", "classes:5,,seed:7", ("pin = classes:5,,seed:7", "for example")),
        ("pin", "<script>:1", ("pin = <script>", "for example")),
        ("pin", "x" * 5000, ("pin = xxx", "for example")),
        ("controls", "", ("controls = ", "for example controls=classes,seed")),
        ("controls", "classes,,seed", ("controls = classes,,seed", "for example controls=classes,seed")),
        ("controls", "classes,engine", ("names engine", "no control", "for example controls=classes,seed")),
        ("controls", "<script>", ("controls = <script>", "for example")),
        ("talk", "yes", ("talk = yes", "use one of 0, 1", "for example 1")),
        ("talk", "", ("talk = ", "use one of 0, 1", "for example 1")),
        ("question", "?" * 5000, ("question = ???", "5,000", "0 to 300", "for example")),
    ],
)
def test_the_other_keys_are_refused_in_sentences_too(key, text, parts):
    lab, (said,) = read_link({key: text, "seed": "7"})
    assert lab == PageState(RunConfig(seed=7))
    for part in parts:
        assert part in said
    assert said.isprintable()
    assert len(said) < 600


@pytest.mark.parametrize("pin", ["classes:1e9,seed:7", "classes", "seed:7,seed:8"])
def test_a_bad_part_of_a_pin_refuses_the_whole_pin_by_name(pin):
    lab, (said,) = read_link({"pin": pin})
    assert lab.pinned is None
    assert said.startswith(f"pin = {pin} is refused")


def test_the_curves_of_the_theory_screen_are_part_of_the_link():
    lab, refusals = read_link({"curves": "theorem"})
    assert (lab.chosen(RUNS, "curves"), refusals) == ("theorem", [])
    assert lab.to_link() == {"curves": "theorem"}
    lab, (said,) = read_link({"curves": "<b>"})
    assert lab.chosen(RUNS, "curves") == "figure-2"
    assert said.startswith("curves = <b> is not a known choice: use one of figure-2,")


def test_one_bad_value_inside_a_pin_says_what_it_is():
    _, (said,) = read_link({"pin": "classes:1e9,seed:7"})
    assert "classes = 1e9 is out of range: use 2 to 20" in said


def test_values_that_clash_lose_only_the_one_that_cannot_stay():
    lab, (said,) = read_link({"classes": "6", "initialisation": "etf-perturbed", "seed": "7"})
    assert lab.config == RunConfig(classes=6, seed=7)
    assert "use dimension 5 or more" in said


def test_control_characters_in_a_question_become_spaces():
    lab, refusals = read_link({"question": " What\x00 happens\n\n at <b>d = 2</b>?\u202e "})
    assert (lab.question, refusals) == ("What happens at <b>d = 2</b>?", [])


def test_a_lesson_may_leave_no_control_at_all():
    assert read_link({"controls": "none"})[0].controls == ()
    assert read_link({"controls": "seed,classes,seed"})[0].controls == ("classes", "seed")


WORDS = st.text(max_size=30) | st.sampled_from([*HOSTILE, "default", "none", "classes:3", "classes,seed", "4", "1e2"])


@given(st.dictionaries(st.sampled_from([*PAGE, *OTHER_KEYS]) | st.text(max_size=20), WORDS, max_size=8))
@example({"pin": "classes:20,dimension:1,initialisation:etf-perturbed"})
@example({"per_class": "200", "classes": "20", "dimension": "64", "snapshots": "2000"})
@example({"pin": "initial_scale:" + "9" * 400})
def test_no_link_raises_and_whatever_it_opens_can_be_shown_and_linked(link):
    lab, refusals = read_link(link)
    assert all(said.endswith((".", "?")) and said.isprintable() for said in refusals)
    for config in filter(None, (lab.config, lab.pinned)):
        assert RUNS.check(config) is config
    assert read_link(lab.to_link()) == (lab, [])


OTHERS = {
    "controls": ("none", "classes,seed", "seed"),
    "question": ("Why?", "?" * 300, "?" * 301),
    "talk": ("0", "1"),
    **RUNS.choices,
    "view": ("polygon", "tour", "matrix"),
    "camera": ("0.4,1.2,1.6", "0,0,0", "1e9,0,0", "nan,1,1", "1,2"),
    "at": ("0.5", "2", "step:1200", "log_time:35.5", "step:-1", "log-2", "step:nan"),
    "speed": ("2", "0.25", "3", "1e400"),
    "theme": ("light", "dark", "red"),
    "captions": ("0", "1", "2"),
    "film": ("A", "D", "E", "a"),
    "curve": ("loss", "nc5"),
}


def test_whatever_a_link_says_every_screen_has_a_run_to_show_for_it():
    """The run of each screen is one that its page can show, and that its own link opens again."""
    for link in hostile_links(PAGE, OTHERS, 400):
        lab, refusals = read_link(link)
        assert all(said.isprintable() and len(said) < 600 for said in refusals)
        for fit in (lambda config: config, limit_of, at_a_saddle):
            shown = replace(lab, config=fit(lab.config))
            assert RUNS.check(shown.config) == shown.config, link
            assert read_link(shown.to_link()) == (shown, []), link
        assert at_a_saddle(lab.config).saddle is not None
        assert limit_of(lab.config).flows


def test_whatever_a_link_says_the_networks_have_a_training_for_it():
    others = {"controls": ("none", "classes,seed"), "talk": ("0", "1"), "question": ("Why?",)}
    for link in hostile_links(NETWORKS.parameters, others, 200):
        lab, refusals = links.read_link(NETWORKS, link)
        assert all(said.isprintable() and len(said) < 600 for said in refusals)
        assert NETWORKS.check(lab.config) == lab.config, link
        assert links.read_link(NETWORKS, lab.to_link()) == (lab, []), link


@pytest.mark.parametrize("link", [{"dtype": "float32"}, {"engine": "batched"}, {"engine": "compiled"}])
def test_a_screen_that_repairs_a_config_repairs_all_of_it(link):
    for fit in (limit_of, at_a_saddle):
        config = fit(read_link(link)[0].config)
        assert (config.method, config.dtype, config.engine) == ("gradient-flow", "float64", "auto")


def test_what_the_command_line_can_run_may_be_more_than_the_page_can_show():
    with pytest.raises(ConfigError, match="classes = 21 is out of range: use 2 to 20"):
        RUNS.check(RunConfig(classes=21, dimension=30))


def test_where_there_is_a_gpu_the_page_offers_it_and_for_steps_only():
    """In a process of its own: which devices there are is read once."""
    code = """
from ulpm_core.dynamics.engines import choice
choice.devices = lambda: ("cpu", "cuda")
from streamlit.testing.v1 import AppTest
from app.page.runs import RUNS
from ulpm_core import RunConfig
flow = RunConfig(method="gradient-flow", device="cuda")
device = RUNS.knobs["device"]
assert "device" in RUNS.turnable and device.matters(RunConfig()) and not device.matters(flow)
assert device.parameter.choices == ("cpu", "cuda")
assert RUNS.check(RunConfig(device="cuda")).device == "cuda" and RUNS.check(flow).device == "cpu"
page = AppTest.from_file("app/lab.py", default_timeout=180).run()
(widget,) = [w for w in page.sidebar.selectbox if w.key == "device"]
assert widget.options == ["Processor", "GPU"], widget.options
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2], timeout=300)


def test_a_film_that_would_take_too_long_is_refused_with_what_fits():
    long = {"classes": "20", "dimension": "64", "per_class": "200", "steps": "1000000"}
    lab, refusals = read_link(long)
    (said,) = refusals
    assert "would take about" in said
    assert lab.config == RunConfig(classes=20, dimension=64, per_class=200)
    nearest = said.rsplit("example ", 1)[1].rstrip(".")
    assert read_link(long | {"steps": nearest}) == (PageState(lab.config.with_changes(steps=int(nearest))), [])
