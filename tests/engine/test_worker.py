"""The engine with its worker: films and runs from a config alone, as the page asks for them, beside Python's."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from app.engine.words import words
from tests.engine.golden import GIVEN, golden
from tests.engine.threads import tell_engine
from tests.film.cited import figures_said, says
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film

SMALL: dict[str, Any] = {"classes": 4, "dimension": 3, "per_class": 4, "steps": 300, "snapshots": 40}
CONFIGS: dict[str, dict[str, Any]] = {
    "default": {"steps": 1000},
    "crowded": {**SMALL, "classes": 6, "learning_rate": 0.3},
    "roomy": {**SMALL, "dimension": 5, "method": "normalised-gradient-descent"},
    "thinned": {"per_class": 1500, "steps": 20, "learning_rate": 1e-3},
    "diverged": {**SMALL, "learning_rate": 20.0},
    "uneven": {"class_sizes": "6,6,2,2", "steps": 200, "snapshots": 40},
    "decay": {**SMALL, "weight_decay": 0.01},
    "squared error": {**SMALL, "loss": "squared-error"},
    "bounds": {**SMALL, "norm_bound_w": 1, "norm_bound_h": 1, "learning_rate": 0.5},
    "flow": {**SMALL, "method": "gradient-flow", "log_time": 300.0},
    "fast-forward": {**SMALL, "fast_forward": 690.0},
    "flow of two classes": {"classes": 2, "dimension": 2, "per_class": 4, "method": "gradient-flow"},
    "flow without a simplex": {
        "classes": 6,
        "dimension": 3,
        "per_class": 4,
        "method": "gradient-flow",
        "log_time": 690,
    },
    "flow on a line": {"classes": 3, "dimension": 1, "per_class": 3, "method": "gradient-flow", "log_time": 50},
    "flow from collapse": {"per_class": 5, "initialisation": "collapsed", "method": "gradient-flow"},
    "short flow": {"per_class": 5, "method": "gradient-flow", "log_time": 1},
    "flow of sizes": {"class_sizes": "6,4,2", "dimension": 2, "method": "gradient-flow"},
    "momentum, fast-forward": {"method": "momentum", "learning_rate": 0.02, "steps": 300, "fast_forward": 1e5},
    "diverged before its flow": {**SMALL, "learning_rate": 20.0, "fast_forward": 690.0},
}
FLOWS = [name for name in CONFIGS if "flow" in name or "fast-forward" in name]
NUMBER = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
ROUNDING = 1e-13
"""What curves are near 0 is rounding."""


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> dict[str, dict[str, Any]]:
    code = """
    for (const fields of given.configs) say(opened(await engine.film(fields)));
    """
    found = tell_engine(tmp_path_factory.mktemp("films"), code, configs=list(CONFIGS.values()))
    return dict(zip(CONFIGS, found, strict=True))


@pytest.fixture(scope="module")
def expected() -> dict[str, Film]:
    return {name: build_film(simulate(RunConfig.from_mapping(fields))) for name, fields in CONFIGS.items()}


@pytest.mark.parametrize("name", [name for name in CONFIGS if name not in FLOWS])
def test_a_film_by_steps_is_python_s(films, expected, name):
    found, film = films[name], expected[name]
    for part in ("title", "caption", "note", "sentences", "stop_reason", "outcome", "labels", "fits", "flow_from"):
        assert found["header"][part] == film.header[part], part
    for part in ("events", "panels", "curves"):
        assert found["header"][part] == film.header[part], part
    assert found["header"]["clock"]["step"] == film.header["clock"]["step"]
    for figure, wanted in zip(found["header"]["figures"], film.header["figures"], strict=True):
        assert figure == {**wanted, "value": pytest.approx(wanted["value"], rel=1e-9, abs=ROUNDING)}
    for part, array in film.arrays.items():
        held = numbers(found["arrays"][part])
        near = 1e-9 if array.dtype == np.float64 else 1e-5
        size = np.abs(array[np.isfinite(array)]).max(initial=0.0)
        few = ROUNDING if array.dtype == np.float64 else 1e-5 * size
        np.testing.assert_allclose(held, array.ravel(), rtol=near, atol=few, err_msg=part)


def cited(header: dict[str, Any]) -> list[tuple[int, str, int]]:
    """The figures in sentences, each with its frame counted from the end."""
    return [(each["sentence"], each["curve"], header["frames"] - each["frame"]) for each in header["figures"]]


@pytest.mark.parametrize("name", FLOWS)
def test_a_film_of_a_flow_says_what_python_s_says(films, expected, name):
    found, film = films[name]["header"], expected[name].header
    for part in ("title", "caption", "stop_reason", "outcome", "labels", "fits"):
        assert found[part] == film[part], part
    assert [event["id"] for event in found["events"]] == [event["id"] for event in film["events"]]
    assert len(found["sentences"]) == len(film["sentences"])
    for said, wanted in zip(found["sentences"], film["sentences"], strict=True):
        assert said_alike(said, wanted), (said, wanted)
    assert cited(found) == cited(film)
    assert all(says(words, figure["value"]) for words, figure in figures_said(found))
    for curve in ("gamma", "nc2_angles", "nc3", "minus_log_loss"):
        held = films[name]["arrays"][curve][-1]
        assert held == pytest.approx(float(expected[name].arrays[curve][-1]), rel=1e-5), curve


def test_a_run_from_a_given_start_is_python_s(tmp_path):
    case = next(case for case in golden() if case["name"] == "given")
    start = {"W": GIVEN.W.tolist(), "H": GIVEN.H.tolist()}
    (found,) = tell_engine(
        tmp_path, "say(await engine.run(given.fields, given.start));", fields=case["config"], start=start
    )
    assert found["step"] == case["step"][-1] and found["log_time"] == pytest.approx(case["log_time"][-1], rel=1e-9)
    for block in "WH":
        assert np.shape(found[block]) == getattr(GIVEN, block).shape
        np.testing.assert_allclose(np.ravel(found[block]), case[block], rtol=0.0, atol=1e-10 * max(case["norms"]))
    assert found["metrics"].keys() == case["metrics"].keys()
    for name, value in case["metrics"].items():
        np.testing.assert_allclose(numbers([found["metrics"][name]]), numbers([value]), rtol=1e-9, atol=1e-12)


def test_starts_that_are_none_are_refused_in_words(tmp_path):
    square = [[1, 0], [0, 1]]
    starts = [
        {"W": "no rows", "H": square},
        {"W": square, "H": [[1, None], [0, 1]]},
        {"W": square, "H": [[1, 2]]},
        {"W": square, "H": [[1, 2, 3], [4, 5, 6]]},
        {"W": square, "H": square, "sizes": "2,2"},
    ]
    code = """
    for (const { sizes, ...start } of given.starts) {
      say(await fate(engine.run(sizes ? { class_sizes: sizes } : {}, start)));
    }
    """
    found = tell_engine(tmp_path, code, starts=starts)
    assert [(kind, field) for kind, field, _ in found] == [
        *(("Refusal", field) for field in ("W", "H", "H", "H", "class_sizes")),
    ]
    assert found[2][2] == words()["starts"]["dimension"].format(rows=1, columns=2)


def test_what_no_script_should_hand_over_is_refused_in_words(tmp_path):
    code = """
    const square = [[1, 0], [0, 1]], circle = {};
    circle.steps = circle;
    const throwing = { get steps() { throw new Error("mine"); } };
    const fields = [{ steps: () => 1 }, throwing, { seed: Symbol("a") }, circle, [], null, 7, "seed=1"];
    for (const one of fields) say(await fate(engine.run(one)));
    for (const one of [null, undefined, 7, "seed=1"]) say(await fate(engine.run(one, { W: square, H: square })));
    const rows = [[[1, , 0], [0, 1, 0]], [, [0, 1]], [Float64Array.of(1, 0), [0, 1]], new Array(2), [[1n, 0], [0, 1]]];
    for (const W of rows) say(await fate(engine.run({}, { W, H: square })));
    say(engine.asked.size);
    """
    *found, left = tell_engine(tmp_path, code)
    assert left == 0
    assert [field for _, field, _ in found] == [*["config"] * 3, "steps", *["config"] * 8, *["W"] * 5]
    assert all(kind == "Refusal" and said.endswith(".") and len(said) < 300 for kind, _, said in found)


def test_a_long_film_grows_says_how_far_it_is_and_is_overtaken(tmp_path):
    code = """
    const heard = { grown: [], words: [] };
    let seen = () => {};
    const grown = new Promise((done) => { seen = done; });
    const long = engine.film({ steps: 10000000, per_class: 5 }, {
      grown: (film) => { heard.grown.push(parseFilm(film).header); if (heard.grown.length > 1) seen(); },
      progress: (share, words) => heard.words.push([share, words]),
    });
    const end = fate(long);
    await grown;
    const { header } = parseFilm(await engine.film({ steps: 50 }));
    const looks = heard.grown.map(({ partial, outcome, clock }) => [partial, outcome, clock.step.at(-1)]);
    say([await end, looks, heard.words.at(-1), header]);
    """
    ((end, grown, (share, said), header),) = tell_engine(tmp_path, code)
    assert end == ["Overtaken", None, ""]
    assert all(partial and outcome == "running" for partial, outcome, _ in grown)
    assert 0 < grown[0][2] < grown[1][2] < 10_000_000
    assert 0.0 < share < 1.0
    assert re.fullmatch(r"step [\d,]+ of 10,000,000, about \d+ (s|min|h) left", said)
    assert not header["partial"] and header["clock"]["step"][-1] == 50


@pytest.mark.parametrize(
    "fields", [{"steps": 400_000, "per_class": 10}, {"method": "gradient-flow", "log_time": 300.0, "per_class": 100}]
)
def test_a_film_that_was_given_up_is_taken_up_where_it_stopped_and_ends_the_same(tmp_path, fields):
    code = """
    const clockOf = (film) => parseFilm(film).clock;
    let stopped = null;
    await new Promise((begun) => {
      const grown = (film) => { stopped = clockOf(film); begun(); };
      fate(engine.film(given.fields, { grown })).then(say);
    });
    engine.cancel();
    let first = null;
    const whole = await engine.film(given.fields, { grown: (film) => { first ??= clockOf(film); } });
    const other = await new Engine(given.script, table, start).film(given.fields);
    say([stopped.log_time.at(-1), (first ?? clockOf(whole)).log_time.at(-1)]);
    say(Buffer.compare(Buffer.from(whole), Buffer.from(other)));
    """
    end, (stopped, first), differs = tell_engine(tmp_path, code, fields=fields)
    assert end[0] == "Overtaken" and differs == 0
    assert stopped is None or first > stopped  # None: it had only begun, at log 0


def test_what_a_page_cannot_hold_or_show_is_refused(tmp_path):
    code = """
    const huge = { classes: 10, dimension: 100, per_class: 19000, steps: 1000000 };
    for (const fields of [{ seed: -1 }, { classes: 65, dimension: 64 }, huge]) say(await fate(engine.film(fields)));
    """
    found = tell_engine(tmp_path, code)
    assert [field for _, field, _ in found] == ["seed", "classes", "per_class"]
    assert found[1][2] == "classes = 65 is too many for a film made in a browser: use 2 to 64, for example 20."
    assert "GB of memory, and 1 can be used here: use 1 to " in found[2][2]


def test_a_worker_that_throws_is_replaced(tmp_path):
    code = """
    const script = "self.addEventListener('message', () => { throw new Error('no memory'); });";
    const broken = new Engine(script, table, start);
    say(await fate(broken.film({})));
    broken.script = given.script;
    say(opened(await broken.film({ steps: 5 })).header.clock.step.at(-1));
    """
    (kind, _, _), last = tell_engine(tmp_path, code)
    assert kind == "Error" and last == 5


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if x is None else float(x) for x in values])


def said_alike(said: str, wanted: str) -> bool:
    """The same words; numbers, written with two digits or more, may differ by one in the last of them."""
    if NUMBER.sub("#", said) != NUMBER.sub("#", wanted):
        return False
    pairs = zip(NUMBER.findall(said), NUMBER.findall(wanted), strict=True)
    return all(abs(number(a) - number(b)) <= 1.01 * last_digit(b) for a, b in pairs)


def number(written: str) -> float:
    return float(written.replace(",", ""))


def last_digit(written: str) -> float:
    """What one more in the last digit of a number adds to it."""
    return 10.0 ** -len(written.partition(".")[2])
