"""The player's scripts under Node, against the Python that writes their films; and the offline page."""

from __future__ import annotations

import base64
import json
import math
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from app.look import Look, read_look
from app.player import player
from app.player.picture import picture
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.dynamics.stop_reason import power_of_e
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.words import number
from ulpm_core.model.etf import simplex_etf

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not on the PATH: the player's scripts run in it.")
REAL = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=50)))


def run_node(tmp_path, code, *files, **given):
    """Runs the player's files with `code` after them; gives what `say(...)` was called with."""
    script = "\n".join(player._text(name) for name in files).replace("export default ", "")
    tell = f"const given = {json.dumps(given)}; const say = (x) => console.log(JSON.stringify(x));"
    (tmp_path / "test.mjs").write_text(f"{script}\n{tell}\n{code}", encoding="utf-8")
    done = subprocess.run([NODE, "test.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- the offline page ----------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """What a browser would find: elements with their attributes, and the text inside each script."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.scripts, self.titles = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "title"):
            getattr(self, f"{tag}s").append("")

    def handle_data(self, data):
        tag = self.elements[-1][0] if self.elements else ""
        if tag in ("script", "title"):
            getattr(self, f"{tag}s")[-1] += data

    def handle_endtag(self, tag):
        self.elements.append((f"/{tag}", {}))


def hostile_film():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \u2028 {braces} ünïcode"
    return Film({**REAL.header, "sentences": [evil], "title": evil, "caption": evil, "note": evil}, REAL.arrays), evil


def test_the_offline_page_asks_nothing_of_any_network():
    page = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    assert [
        (tag, name, value) for tag, attrs in page.elements for name, value in attrs.items() if name in ("src", "href")
    ] == []
    policy = next(
        attrs["content"] for _, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    assert not any("http" in rule or "*" in rule for rule in rules.values())
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", player._text("player.css"))


def test_the_offline_page_carries_the_very_bytes_of_the_film_and_the_player():
    page = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    film, plotly, script = page.scripts
    assert base64.b64decode(film, validate=True) == REAL.to_bytes()
    assert len(plotly) > 1_000_000
    assert "new FilmPlayer(" in script
    assert page.titles == ["A run · Collapse Lab"]


def test_without_a_script_the_offline_page_shows_the_end_of_the_film_and_says_what_is_missing():
    page = player.offline_html(REAL.to_bytes(), "A run")
    root = re.search(r'<div class="fp" data-testid="film-player">(.*?)</div></div>', page, re.DOTALL)[1]
    assert picture(REAL) in root
    assert "as a picture" in root and "JavaScript" in root
    assert "on its way" not in page


def test_whatever_a_film_says_stays_text():
    film, evil = hostile_film()
    harmless = Elements(player.offline_html(REAL.to_bytes(), "A run"))
    page = Elements(player.offline_html(film.to_bytes(), evil))
    kinds = [tag for tag, _ in page.elements if tag not in ("p", "/p")]
    assert kinds == [tag for tag, _ in harmless.elements if tag not in ("p", "/p")]
    assert page.titles == [f"{evil} · Collapse Lab"]
    assert len(page.scripts) == 3
    assert base64.b64decode(page.scripts[0]) == film.to_bytes()


@pytest.mark.parametrize("script", ["a</script>b", "a</SCRIPT >b", "a<!-- <script>b"])
def test_no_script_can_end_its_element_early(script):
    inlined = player._inline(script)
    assert Elements(f"<script>{inlined}</script><i>").elements == [("script", {}), ("/script", {}), ("i", {})]
    assert "<!--" not in inlined


@pytest.mark.parametrize("bad", [b"", b"ULPMFILM", REAL.to_bytes()[:200], b"<script>alert(1)</script>"])
def test_only_a_film_becomes_an_offline_page(bad):
    with pytest.raises(ConfigError, match="This is not a film"):
        player.offline_html(bad, "A run")


def test_the_player_is_one_module_with_one_export():
    script = player.player_script()
    assert len(re.findall(r"^export default ", script, re.MULTILINE)) == 1
    assert len(re.findall(r"\bexport\b", script)) == 1
    assert not re.search(r"^import |\bimport\(", script, re.MULTILINE)
    declared = re.findall(r"^(?:async )?(?:const|let|class|function) (\w+)", script, re.MULTILINE)
    assert len(declared) == len(set(declared)) > 30


# -- film.js -------------------------------------------------------------------------------------------------------

PARSE = """
for (const text of given.films) {
  try {
    const film = parseFilm(bytesOf(text));
    say({ frames: film.frames, digest: film.digest, fits: film.fits, samples: film.samples, partial: film.partial,
      sums: Object.fromEntries(Object.entries(film.arrays).map(([name, a]) => [name, [a.length, a.reduce((s, x) => s + (Number.isFinite(x) ? x : 0), 0)]])),
      last: [...film.at("means", film.frames - 1)] });
  } catch (error) {
    say({ error: error.message, kind: error.constructor.name });
  }
}"""  # noqa: E501


def parsed(tmp_path, *documents):
    films = [base64.b64encode(document).decode() for document in documents]
    return run_node(tmp_path, PARSE, "numbers.js", "film.js", films=films)


@needs_node
@pytest.mark.parametrize(
    "config",
    [
        RunConfig(classes=3, dimension=2, per_class=2, steps=50),
        RunConfig(classes=6, dimension=2, per_class=3, steps=20),
        RunConfig(classes=12, dimension=20, per_class=2, steps=20),
        RunConfig(learning_rate=20.0, steps=1000),
    ],
    ids=lambda config: f"K = {config.classes}, d = {config.dimension}, rate {config.learning_rate}",
)
def test_the_player_reads_what_python_wrote(tmp_path, config):
    film = build_film(simulate(config))
    (read,) = parsed(tmp_path, film.to_bytes())
    assert (read["frames"], read["digest"]) == (film.header["frames"], config.digest)
    assert (read["fits"], read["partial"]) == (config.simplex_fits, False)
    assert read["samples"] == len(film.header["labels"])
    for name, array in film.arrays.items():
        length, total = read["sums"][name]
        assert length == array.size, name
        finite = array[np.isfinite(array)].astype(float)
        assert total == pytest.approx(math.fsum(finite), rel=1e-9, abs=1e-9 * np.abs(finite).sum()), name
    assert read["last"] == film.arrays["means"][-1].ravel().tolist()


TOGETHER = """
const [a, b] = given.films.map((text) => parseFilm(bytesOf(text)));
say({ beside: a.clock.step.map((_, frame) => b.frameBeside(a, frame)), outlasts: [a.outlasts(b), b.outlasts(a), a.outlasts(a)],
  clocks: [clocksOf([a, b]), clocksOf([a]), clocksOf([b])].map((clocks) => clocks.map(({ name }) => name)) });
"""  # noqa: E501


def together(tmp_path, *configs):
    films = [build_film(simulate(config)) for config in configs]
    encoded = [base64.b64encode(film.to_bytes()).decode() for film in films]
    (said,) = run_node(tmp_path, TOGETHER, "numbers.js", "film.js", "ticks.js", films=encoded)
    return said, *(film.header["clock"] for film in films)


@needs_node
def test_two_films_by_steps_share_the_clock_of_the_longer_one(tmp_path):
    said, long, short = together(tmp_path, RunConfig(steps=300), RunConfig(steps=40, learning_rate=1.0))
    assert said["outlasts"] == [True, False, False]
    steps = np.array(short["step"])
    assert said["beside"] == [np.flatnonzero(steps <= step)[-1] for step in long["step"]]
    assert said["clocks"] == [["log-step", "step", "log-time"]] * 3


@needs_node
def test_a_flow_and_a_run_by_steps_meet_in_time(tmp_path):
    flow = RunConfig(method="gradient-flow", log_time=20.0)
    said, long, short = together(tmp_path, flow, RunConfig(steps=1000))
    assert said["outlasts"] == [True, False, False]
    times = np.array([-np.inf if t is None else t for t in short["log_time"]])
    wanted = [-np.inf if t is None else t for t in long["log_time"]]
    assert said["beside"] == [np.flatnonzero(times <= max(t, times[0]))[-1] for t in wanted]
    assert said["clocks"][:2] == [["log-log-time", "log-time"]] * 2


def damaged(**changes):
    """The real film with other entries in its header, arrays left as they are."""
    document = REAL.to_bytes()
    (length,) = struct.unpack("<I", document[8:12])
    header = json.loads(document[12 : 12 + length])
    for name, value in changes.items():
        if name in header["arrays"]:
            header["arrays"][name] |= value
        else:
            header[name] = value
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 12) % 8)
    return b"ULPMFILM" + struct.pack("<I", len(text)) + text + document[12 + length :]


DAMAGED = {
    "nothing": b"",
    "another magic": b"ULPMFILN" + REAL.to_bytes()[8:],
    "only the magic": b"ULPMFILM",
    "cut in the header": REAL.to_bytes()[:100],
    "cut in the arrays": REAL.to_bytes()[:-100],
    "a header of 4 GB": b"ULPMFILM\xff\xff\xff\xff" + REAL.to_bytes()[12:],
    "no JSON": b"ULPMFILM" + struct.pack("<I", 4) + b"{{{{",
    "no UTF-8": b"ULPMFILM" + struct.pack("<I", 4) + b"\xff\xff\xff\xff",
    "JSON null": b"ULPMFILM" + struct.pack("<I", 4) + b"null",
    "an array of null": damaged(arrays={"features": None}),
    "offset beyond the end": damaged(features={"offset": 2**40}),
    "negative offset": damaged(features={"offset": -8}),
    "offset between numbers": damaged(features={"offset": 4}),
    "offset in words": damaged(features={"offset": "0"}),
    "negative shape": damaged(features={"shape": [-1, -1]}),
    "huge shape": damaged(features={"shape": [2**30, 2**30]}),
    "shape of no numbers": damaged(features={"shape": None}),
    "objects": damaged(features={"dtype": "object"}),
    "a dtype of every object": damaged(features={"dtype": "constructor"}),
    "too few features": damaged(features={"shape": [1]}),
    "frames it does not have": damaged(frames=10**9),
    "no frames": damaged(frames=0),
    "frames in words": damaged(frames="many"),
    "no labels": damaged(labels=None),
    "a short clock": damaged(clock={"step": [0]}),
    "no clock": damaged(clock=None),
    "no curves": damaged(curves=None),
    "no arrays": damaged(arrays=None),
}


@needs_node
def test_a_damaged_film_is_refused_with_a_sentence(tmp_path):
    said = dict(zip(DAMAGED, parsed(tmp_path, *DAMAGED.values()), strict=True))
    sentence = re.compile(r"This (is not a film|film).*\.")
    assert {
        name: answer
        for name, answer in said.items()
        if answer.get("kind") != "Error" or not sentence.fullmatch(answer["error"])
    } == {}


# -- clock.js ------------------------------------------------------------------------------------------------------

CLOCK = """
const clock = Object.assign(new Clock(), given.start);
clock.play();
for (const [act, ...values] of given.acts) clock[act](...values);
say({ frame: clock.frame, position: clock.position, playing: clock.playing, frames: clock.frames });
"""


@needs_node
@pytest.mark.parametrize(
    ("start", "acts", "expected"),
    [
        ({"frames": 240}, [["advance", 1.0]], {"frame": 24, "playing": True}),
        ({"frames": 240}, [["advance", 0.5]] * 4, {"frame": 48, "playing": True}),
        ({"frames": 240}, [["advance", 2.0]], {"frame": 48, "playing": True}),
        ({"frames": 240, "speed": 8}, [["advance", 1.0]], {"frame": 192, "playing": True}),
        ({"frames": 240, "speed": 0.25}, [["advance", 1.0]], {"frame": 6, "playing": True}),
        ({"frames": 11}, [["advance", 2.0]], {"frame": 5, "playing": True}),
        ({"frames": 11}, [["advance", 100.0]], {"frame": 10, "playing": False}),
        ({"frames": 11, "loop": True}, [["advance", 5.0]], {"frame": 2, "playing": True}),
        ({"frames": 11, "loop": True}, [["advance", 4000.0]], {"frame": 0, "playing": True}),
        ({"frames": 1}, [["advance", 1.0]], {"frame": 0, "playing": False}),
        ({"frames": 11, "position": 10}, [], {"frame": 0, "playing": True}),
        ({"frames": 11}, [["seek", 7]], {"frame": 7, "playing": False}),
        ({"frames": 11}, [["seek", -3]], {"frame": 0, "playing": False}),
        ({"frames": 11}, [["seek", 99]], {"frame": 10, "playing": False}),
        ({"frames": 11}, [["seek", 5], ["take", 101, {}]], {"frame": 50, "playing": False}),
        ({"frames": 101, "position": 50}, [["take", 11, {"restart": True}]], {"frame": 5, "playing": True}),
        (
            {"frames": 11},
            [["seek", 10], ["take", 21, {"growing": True, "restart": True}]],
            {"frame": 20, "playing": False},
        ),
        ({"frames": 11}, [["seek", 10], ["take", 21, {"restart": True}]], {"frame": 0, "playing": True}),
        ({"frames": 11}, [["seek", 10], ["take", 21, {"restart": False}]], {"frame": 20, "playing": False}),
        ({"frames": 1}, [["take", 21, {"growing": True}]], {"frame": 0}),
        ({"frames": 11}, [["seek", 5], ["take", 101, {"another": True}]], {"frame": 0, "playing": False}),
        ({"frames": 11}, [["advance", 1.0], ["take", 101, {"another": True}]], {"frame": 0, "playing": True}),
        (
            {"frames": 11},
            [["seek", 10], ["take", 21, {"another": True, "restart": True}]],
            {"frame": 0, "playing": True},
        ),
    ],
    ids=str,
)
def test_the_clock_follows_real_time_and_keeps_its_place_when_a_film_arrives(tmp_path, start, acts, expected):
    (state,) = run_node(tmp_path, CLOCK, "clock.js", start=start, acts=acts)
    assert state | expected == state
    assert 0 <= state["frame"] < state["frames"]


# -- ticks.js ------------------------------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize(
    ("clock", "low", "high", "words"),
    [
        ("log-step", 0, math.log10(10_001), ["0", "10", "100", "1,000", "10⁴"]),
        ("log-step", 0, math.log10(8), ["0", "7"]),
        ("log-step", 0, math.log10(11), ["0", "10"]),
        ("log-log-time", -1, math.log10(math.nextafter(1000, 0)), ["e^0.1", "e", "e¹⁰", "e¹⁰⁰", "e¹⁰⁰⁰"]),
        ("log-log-time", 0.1, 0.4, ["3.52", "12.3"]),
        ("log-time", -1.2, 3, ["10⁻¹", "1", "10", "100", "1,000"]),
        ("log-time", 0.2, 0.9, ["1.58", "7.94"]),
    ],
)
def test_every_clock_has_ticks_up_to_both_ends(tmp_path, clock, low, high, words):
    code = "say(clockTicks(given.clock, given.low, given.high));"
    (ticks,) = run_node(tmp_path, code, "numbers.js", "ticks.js", clock=clock, low=low, high=high)
    assert ticks["ticktext"] == words
    assert len(ticks["tickvals"]) == len(words)
    assert low <= min(ticks["tickvals"]) <= max(ticks["tickvals"]) <= high + 1e-6


# -- camera.js and shapes.js ---------------------------------------------------------------------------------------

NAMES = """
for (const eye of given.eyes) {
  const viewer = viewerAt({ eye: { x: eye[0], y: eye[1], z: eye[2] } });
  say({ viewer, names: nameSpots(given.means, viewer).map((list) => [...list]) });
}
"""


@needs_node
def test_a_name_stands_beyond_its_arrow_from_wherever_it_is_seen(tmp_path, rng):
    means = rng.standard_normal((3, 6))
    means /= np.linalg.norm(means, axis=0)
    eyes = (rng.standard_normal((20, 3)) * 0.8).tolist()
    for seen in run_node(tmp_path, NAMES, "shapes.js", "camera.js", means=means.tolist(), eyes=eyes):
        viewer, names = np.array(seen["viewer"])[:, None], np.array(seen["names"])
        heads = 1.25 * means
        step, sight = names - heads, viewer - heads
        far = np.linalg.norm(sight, axis=0)
        np.testing.assert_allclose((step * sight).sum(axis=0), 0, atol=1e-5)  # across the line of sight
        assert (np.linalg.norm(step, axis=0) <= 0.055 * far + 1e-6).all()
        assert ((step * heads).sum(axis=0) > 0).all()  # outwards


@needs_node
@pytest.mark.parametrize("kind", [{"flat": False}, {"flat": True}, {"flat": False, "shadow": True}], ids=str)
def test_a_scene_higher_than_wide_is_seen_from_farther_and_no_zoom_loses_it(tmp_path, kind):
    code = """
    const far = ({ eye }) => Math.hypot(eye.x, eye.y, eye.z);
    say([[600, 400], [400, 400], [200, 400], [0, 0]].map((size) => far(homeCamera(given.kind, ...size))));
    const home = homeCamera(given.kind, 400, 400);
    say([1e-9, 0.5, 1e9].map((factor) => far(dollied(home, factor))));
    """
    sizes, zooms = run_node(tmp_path, code, "camera.js", kind=kind)
    assert np.array(sizes) / sizes[1] == pytest.approx([1, 1, 2, 1])
    assert zooms == pytest.approx([0.2, sizes[1] / 2, 5])


# -- matrix.js -----------------------------------------------------------------------------------------------------

MATRIX = """
const calls = [];
const record = (name) => (...values) => { calls.push([name, ...values]); };
const context = Object.fromEntries(["clearRect", "fillRect", "beginPath", "moveTo", "lineTo", "stroke", "arc", "fill"].map((name) => [name, record(name)]));
const words = drawMatrix({ width: 30, height: 30, getContext: () => context }, given.cosines.map((c) => c ?? NaN), given.classes, [0, 0, 0]);
say({ words, calls });
"""  # noqa: E501


@needs_node
def test_an_angle_that_is_not_defined_is_struck_through_and_said(tmp_path):
    def drawn(cosines):
        (seen,) = run_node(tmp_path, MATRIX, "numbers.js", "matrix.js", cosines=cosines, classes=3)
        assert seen["calls"][0] == ["clearRect", 0, 0, 30, 30]
        names = [name for name, *_ in seen["calls"]]
        return names.count("fillRect"), names.count("lineTo"), seen["words"]

    ideal = [1.0, -0.5, -0.5, -0.5, 1.0, -0.5, -0.5, -0.5, 1.0]
    assert drawn(ideal) == (9, 0, "Cosines between classes: mean −0.5, ideal −0.5, largest difference 0.")
    assert drawn([None] * 9) == (3, 6, "Cosines between classes: not defined here.")
    filled, struck, words = drawn([*ideal[:5], None, ideal[6], None, 1.0])
    assert (filled, struck) == (7, 2)
    assert words.endswith("largest difference 0, 2 of 6 not defined.")


@needs_node
def test_what_lies_below_the_ideal_is_a_disc(tmp_path):
    cosines = [1, -0.9, 0.5, -0.9, 1, -0.5, 0.5, -0.5, 1]
    (seen,) = run_node(tmp_path, MATRIX, "numbers.js", "matrix.js", cosines=cosines, classes=3)
    drawn = {
        name: {(x, y) for kind, x, y in (call[:3] for call in seen["calls"] if len(call) > 2) if kind == name}
        for name in ("arc", "fillRect")
    }
    assert drawn["arc"] == {(15, 5), (5, 15)}
    assert drawn["fillRect"] == {(0, 0), (20, 0), (10, 10), (20, 10), (0, 20), (10, 20), (20, 20)}


# -- numbers.js ----------------------------------------------------------------------------------------------------


@needs_node
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_figures_read_the_same_in_both_languages(tmp_path, rng, sign):
    values = [1.0, 0.5, 1e-3, 9.994e-4, 9.996e-4, 999.4, 999.6, 1000.4, 1234.6, 999_999.4, 9.99e8, 1e9, 1e300, 5e-324]
    values = [0.0, *(sign * v for v in (*values, *10.0 ** rng.uniform(-12, 12, 3000)))]
    said = run_node(tmp_path, "given.values.forEach((v) => say(figure(v)));", "numbers.js", values=values)
    assert said == [number(value) for value in values]


@needs_node
def test_there_is_a_dash_where_there_is_no_number(tmp_path):
    assert (
        run_node(tmp_path, "[null, NaN, Infinity, -Infinity].forEach((v) => say(figure(v)));", "numbers.js")
        == ["–"] * 4
    )


@needs_node
def test_time_is_said_as_the_sentences_say_it(tmp_path):
    logs = [None, 0.0, math.log(1000), math.log(123_456), 20.0, 690.0, 1000.0, 228_653.4, 1e8]
    said = run_node(tmp_path, "given.logs.forEach((v) => say(timeWords(v)));", "numbers.js", logs=logs)
    assert said == ["0", *map(power_of_e, logs[1:])]


@needs_node
def test_a_loss_is_never_called_nothing(tmp_path):
    code = 'say([valueWords("loss", 0), valueWords("loss", 1e-5), valueWords("nc1_trace_ratio", 0)]);'
    said = run_node(tmp_path, code, "numbers.js", "titles.js")
    assert said == [["below 10⁻³⁰⁸", "1.0 × 10⁻⁵", "0"]]


# -- views.js ------------------------------------------------------------------------------------------------------

MAPS = """
const film = parseFilm(bytesOf(given.film));
for (const seconds of given.seconds) {
  const { rows, flat } = viewMap(film, given.view, seconds);
  const out = project(film.at("ideal", film.frames - 1), film.axes, rows, 1);
  say({ rows: rows.map((row) => [...row]), flat, ideal: out.map((list) => [...list]) });
}"""
VIEW_FILES = ("numbers.js", "film.js", "views.js")


def with_perfect_simplex(classes):
    """A film of which the ideal frame is the standard simplex."""
    film = build_film(simulate(RunConfig(classes=classes, dimension=classes - 1, per_class=2, steps=10)))
    ideal = np.repeat(simplex_etf(classes, classes - 1)[None], film.header["frames"], axis=0)
    ideal /= np.linalg.norm(ideal[0, 0])
    return replace(film, arrays=film.arrays | {"ideal": ideal.astype(np.float32)})


@needs_node
@pytest.mark.parametrize("view", ["first", "tour", "polygon"])
@pytest.mark.parametrize("classes", [5, 6, 10, 20])
def test_every_view_is_orthonormal_up_to_one_factor(tmp_path, classes, view):
    film = base64.b64encode(with_perfect_simplex(classes).to_bytes()).decode()
    maps = run_node(tmp_path, MAPS, *VIEW_FILES, film=film, view=view, seconds=[0, 1, 1000.5])
    for seen in maps:
        rows = np.array(seen["rows"])
        gram = rows @ rows.T
        np.testing.assert_allclose(gram, gram[0, 0] * np.eye(len(rows)), atol=1e-5)
        assert gram[0, 0] > 0.99
        assert len(rows) == (2 if view == "polygon" else 3)
        assert seen["flat"] == (view == "polygon")
    if view == "tour":
        assert np.abs(np.array(maps[0]["rows"]) - maps[2]["rows"]).max() > 0.1
    else:
        assert maps[0] == maps[2]


@needs_node
@pytest.mark.parametrize("classes", [5, 6, 10, 20])
def test_the_polygon_view_shows_a_perfect_simplex_as_a_regular_polygon(tmp_path, classes):
    film = base64.b64encode(with_perfect_simplex(classes).to_bytes()).decode()
    (seen,) = run_node(tmp_path, MAPS, *VIEW_FILES, film=film, view="polygon", seconds=[0])
    x, y, z = np.array(seen["ideal"])
    corner = np.exp(2j * np.pi * np.arange(classes) / classes)
    turned = (x + 1j * y) / corner
    np.testing.assert_allclose(turned, turned[0], atol=1e-4)
    assert abs(turned[0]) == pytest.approx(1.0, abs=1e-4)
    assert not z.any()


@needs_node
@pytest.mark.parametrize(("classes", "dimension"), [(2, 1), (3, 2), (4, 3)])
def test_up_to_four_classes_nothing_is_projected(tmp_path, classes, dimension):
    film = build_film(simulate(RunConfig(classes=classes, dimension=dimension, per_class=2, steps=10)))
    code = MAPS + "\nsay(viewsOf(film));"
    encoded = base64.b64encode(film.to_bytes()).decode()
    seen, views = run_node(tmp_path, code, *VIEW_FILES, film=encoded, view="tour", seconds=[9])
    assert np.array_equal(seen["rows"], np.eye(dimension))
    assert seen["flat"] == (dimension < 3)
    assert views == []


CAPTIONS = """
const film = parseFilm(bytesOf(given.film));
say(["first", "tour", "polygon"].map((view) => captionOf(film, view)));
say(targetWords(film));
"""


@needs_node
@pytest.mark.parametrize(
    ("config", "dimensions", "target"),
    [
        (RunConfig(classes=6, dimension=5), [3, 3, 2], "cosines: blank at −1/5, ■\u00a0above, ●\u00a0below"),
        (
            RunConfig(classes=8, dimension=5),
            [3, 3, 2],
            "cosines: blank at −1/7, ■\u00a0above, ●\u00a0below, where no simplex fits",
        ),
        (RunConfig(classes=4, dimension=3), None, "cosines: blank at −1/3, ■\u00a0above, ●\u00a0below"),
        (RunConfig(classes=2, dimension=1), None, "cosines: blank at −1, ■\u00a0above, ●\u00a0below"),
    ],
    ids=["a shadow", "no simplex", "exact", "two classes"],
)
def test_each_view_says_how_many_dimensions_it_shows(tmp_path, config, dimensions, target):
    film = build_film(simulate(config.with_changes(per_class=2, steps=10)))
    encoded = base64.b64encode(film.to_bytes()).decode()
    captions, said = run_node(tmp_path, CAPTIONS, *VIEW_FILES, "layout.js", film=encoded)
    assert said == target
    if dimensions is None:
        assert captions == [film.header["caption"]] * 3
        return
    shown = [re.findall(r"(?:shows|on) (\d)", caption) for caption in captions]
    assert shown == [[str(count)] for count in dimensions]
    assert [("ideal frame;" in caption) for caption in captions] == [config.simplex_fits, False, False]


# -- guides.js, cosines.js, camera.js ------------------------------------------------------------------------------


@needs_node
def test_words_stand_near_their_line_and_touch_none(tmp_path):
    code = """
    const slope = [[0, 0], [200, 60]], flat = [[0, 50], [90, 50], null, [110, 50], [200, 50]];
    say([freeSpot([slope, flat], slope, [40, 12], [200, 60]),
      freeSpot([[[0, 5], [200, 5]]], slope, [40, 12], [200, 14])]);
    say([[100, 41], [100, 40], [20, 60]].map((at) => touches(flat, at, [20, 9])));
    say([touches([[5, 0], [5, 9]], [4, 4], [2, 2]), touches([[5, 5], null, [5, 30]], [5, 18], [2, 3])]);
    """
    (near, none), crossed, upright = run_node(tmp_path, code, "guides.js")
    x, y = near
    above, below = 60 * (x + 23) / 200, 60 * (x - 23) / 200  # the line at the ends of the box
    assert y + 9 < below or (y - 9 > above and y + 9 < 50)
    assert abs(y - 60 * x / 200) < 20
    assert none is None
    assert crossed == [True, False, False]
    assert upright == [True, False]


@needs_node
def test_figures_of_the_opened_matrix_are_short_and_read_on_every_colour(tmp_path):
    code = """
    say([-1 / 3, 0.004, -0.004, 1, -1].map(cosineWords));
    const light = (rgb) => rgb.map((x) => { const c = x / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; })
      .reduce((sum, x, i) => sum + [0.2126, 0.7152, 0.0722][i] * x, 0);
    let least = Infinity;
    for (const ground of [[253, 253, 252], [17, 21, 28], [0, 0, 0], [255, 255, 255]]) {
      for (let cosine = -1; cosine <= 1; cosine += 0.01) {
        const shade = matrixShade(cosine, -1 / 9, ground), l = light(shade);
        least = Math.min(least, inkOn(shade) === "#fff" ? 1.05 / (l + 0.05) : (l + 0.05) / 0.05);
      }
    }
    say(least);
    """  # noqa: E501
    words, least = run_node(tmp_path, code, "matrix.js", "opened.js", "cosines.js")
    assert words == ["−0.33", "0.00", "0.00", "1.00", "−1.00"]
    assert least >= 4.5


@needs_node
def test_names_move_apart_on_the_screen_and_no_farther_than_they_must(tmp_path):
    code = """
    const camera = homeCamera({ flat: false }, 600, 400), sight = sightOf(camera, 0, 400);
    const seen = (spots) => Array.from(spots[0], (_, k) => sight(spots[0][k], spots[1][k], spots[2][k]));
    const moved = namesApart(given.spots, camera, 400, given.sizes);
    say([seen(given.spots), seen(moved)]);
    say(boxesApart([[0, 0], [30, 0], [30, 8]], [[20, 10], [20, 10], [20, 10]]));
    """
    rng = np.random.default_rng(0)
    crowd = rng.standard_normal((3, 20)) * 0.2
    sizes = [[8.0 * (1 + (k > 8)), 13.0] for k in range(20)]
    (before, after), three = run_node(
        tmp_path, code, "shapes.js", "camera.js", "names.js", spots=crowd.tolist(), sizes=sizes
    )
    before, after, boxes = np.array(before), np.array(after), np.array(sizes)
    np.testing.assert_allclose(before[:, 2], after[:, 2], rtol=1e-9)  # across the line of sight

    def covered(at):
        shared = (boxes[:, None] + boxes) / 2 - np.abs(at[:, None, :2] - at[None, :, :2])
        return int(np.triu((shared > 1).all(axis=2), 1).sum())

    assert covered(before) > 4
    assert covered(after) == 0
    assert np.hypot(*(after - before)[:, :2].T).max() < 40
    assert three == [[0, 0], [30, -1], [30, 9]]


# -- look.js -------------------------------------------------------------------------------------------------------

LOOK_FILES = ("numbers.js", "film.js", "views.js", "look.js")
MOMENTS = """
const film = parseFilm(bytesOf(given.film));
say(Array.from({ length: film.frames }, (_, frame) => frameAt(film, given.at[frame])));
say(given.others.map((at) => frameAt(film, at)));
"""
KEYS_OF = (
    "const film = parseFilm(bytesOf(given.film)); for (let i = 0; i < film.frames; i += 1) say(momentKey(film, i));"
)


def as_network(film):
    """A run's film with a network's clock: it counts epochs, and its time is not said in a link."""
    clock = film.header["clock"]
    return Film({**film.header, "clock": {**clock, "epoch": [s / 7 for s in clock["step"]]}}, film.arrays)


@needs_node
@pytest.mark.parametrize("kind", ["steps", "flow", "network"])
def test_a_moment_in_a_link_is_the_moment_it_was_copied_at(tmp_path, kind):
    configs = {"flow": RunConfig(method="gradient-flow", log_time=300.0)}
    film = build_film(simulate(configs.get(kind, RunConfig(steps=300))))
    film = as_network(film) if kind == "network" else film
    film = replace(
        film,
        header={**film.header, "events": [{"frame": 3, "id": "half-way", "when": "", "label": "", "kind": "note"}]},
    )
    encoded = base64.b64encode(film.to_bytes()).decode()
    keys = run_node(tmp_path, KEYS_OF, *LOOK_FILES, film=encoded)
    assert keys[3] == "half-way"
    assert keys[4].split(":")[0] == {"steps": "step", "flow": "log_time"}.get(kind, keys[4])
    looks = [Look(at=key).to_player()["at"] for key in keys]  # as Python reads the link
    refusals = []
    assert [read_look({"at": key}, refusals).at for key in keys] == keys
    assert refusals == []
    others = [{"event": "none"}, {"step": -5}, {"step": 1e9}, {"share": 2}, {"share": "x"}, {"log_time": None}, {}]
    found, odd = run_node(tmp_path, MOMENTS, *LOOK_FILES, film=encoded, at=looks, others=others)
    assert found == list(range(film.header["frames"]))
    last = film.header["frames"] - 1
    assert odd == [None, *([0, last] if kind == "steps" else [None, None]), last, None, None, None]


@needs_node
def test_a_growing_film_waits_for_the_moment_of_its_link(tmp_path):
    film = build_film(simulate(RunConfig(steps=300)))
    film = replace(film, header={**film.header, "partial": True})
    encoded = base64.b64encode(film.to_bytes()).decode()
    code = "say(given.at.map((at) => frameAt(parseFilm(bytesOf(given.film)), at)));"
    (found,) = run_node(
        tmp_path, code, *LOOK_FILES, film=encoded, at=[{"step": 0}, {"step": 300}, {"step": 301}, {"share": 0.5}]
    )
    assert found == [0, film.header["frames"] - 1, None, None]


@needs_node
def test_only_the_players_own_keys_of_a_link_change(tmp_path):
    cases = [
        ("", {}, ""),
        ("?classes=5", {}, "?classes=5"),
        ("?view=tour&classes=5&at=0.5", {}, "?classes=5"),
        ("?question=a%20b%2Bc&speed=8", {"view": "polygon", "speed": 2}, "?question=a%20b%2Bc&view=polygon&speed=2"),
        ("?camera=1,1,1", {"camera": "0.1,0.2,0.3", "at": "step:12"}, "?camera=0.1,0.2,0.3&at=step:12"),
    ]
    code = "given.cases.forEach(([search, look]) => say(withLook(search, look)));"
    assert run_node(tmp_path, code, "look.js", cases=[case[:2] for case in cases]) == [case[2] for case in cases]


@needs_node
def test_a_turned_knob_keeps_the_playhead_and_a_run_of_another_kind_begins_at_its_start(tmp_path):
    base = RunConfig()
    others = {
        "another seed": (base.with_changes(seed=7), True),
        "more classes": (base.with_changes(classes=5, dimension=4), True),
        "a flow": (base.with_changes(method="gradient-flow"), False),
        "a saddle": (base.with_changes(initialisation="square"), False),
        "a preset": (base.with_changes(classes=6, dimension=2, per_class=5, learning_rate=0.5), False),
    }
    headers = [{"config": json.loads(config.to_json())} for config, _ in others.values()]
    code = "given.headers.forEach((header) => say(sameKind({ header: given.base }, { header })));"
    same = run_node(tmp_path, code, "look.js", base={"config": json.loads(base.to_json())}, headers=headers)
    assert dict(zip(others, same, strict=True)) == {name: kept for name, (_, kept) in others.items()}
    kinds = [{"header": {"kind": kind, "config": {}}} for kind in ("network", None)]
    assert run_node(tmp_path, "say(sameKind(...given.kinds));", "look.js", kinds=kinds) == [False]


# -- moment.js -----------------------------------------------------------------------------------------------------

MOMENT_FILES = ("numbers.js", "film.js", "shapes.js", "opened.js", "moment.js")


def said_of(tmp_path, film, *frames):
    code = (
        "const film = parseFilm(bytesOf(given.film)); given.frames.forEach((frame) => say(momentWords(film, frame)));"
    )
    encoded = base64.b64encode(film.to_bytes()).decode()
    return run_node(tmp_path, code, *MOMENT_FILES, film=encoded, frames=frames)


@needs_node
def test_a_moment_is_said_from_the_frames_own_numbers(tmp_path):
    run = simulate(RunConfig(steps=300))
    film = build_film(run)
    arrays = film.arrays
    for frame, words in zip((0, 40, -1), said_of(tmp_path, film, 0, 40, film.header["frames"] - 1), strict=True):
        features = arrays["features"][frame].astype(float)
        means, labels = arrays["means"][frame].astype(float), np.array(film.header["labels"])
        away = np.linalg.norm(features.reshape(len(labels), 1, -1) - means, axis=2)
        own = away[np.arange(len(labels)), labels]
        apart = sum(bool((away[labels == k].argmin(axis=1) == k).all()) for k in range(4))
        tightest = 1 + int(np.argmin([np.sqrt((own[labels == k] ** 2).mean()) for k in range(4)]))
        cosines = arrays["cosines"][frame].astype(float) - 9 * np.eye(4)
        i, j = sorted(np.unravel_index(cosines.argmax(), (4, 4)))
        angle = round(math.degrees(math.acos(cosines.max())))
        count = "4 clusters" if apart == 4 else f"{apart or 'none'} of 4 clusters"
        expected = f"{count} apart, tightest class {tightest}, nearest pair {i + 1} and {j + 1} at {angle}°, ideal 109°"
        assert words == expected


@needs_node
def test_a_moment_without_angles_or_spread_is_said_without_them(tmp_path):
    film = build_film(simulate(RunConfig(classes=3, dimension=1, per_class=1, steps=20)))
    assert said_of(tmp_path, film, 0)[0].startswith("3 clusters apart, nearest pair ")
    assert "ideal" not in said_of(tmp_path, film, 0)[0]
    nowhere = replace(film, arrays={name: np.full_like(array, np.nan) for name, array in film.arrays.items()})
    assert said_of(tmp_path, nowhere, 0) == ["none of 3 clusters apart"]


@needs_node
def test_the_table_has_round_moments_and_the_csv_every_frame(tmp_path):
    film = build_film(simulate(RunConfig(steps=2000)))
    code = "const film = parseFilm(bytesOf(given.film)); say(roundFrames(film)); say(curvesAsCsv(film));"
    encoded = base64.b64encode(film.to_bytes()).decode()
    frames, csv = run_node(tmp_path, code, *MOMENT_FILES, film=encoded)
    steps = [film.header["clock"]["step"][frame] for frame in frames]
    known = np.array(film.header["clock"]["step"])
    assert {0, 1, 10, *(known[known <= limit].max() for limit in (100, 1000)), 2000} <= set(steps)
    assert {event["frame"] for event in film.header["events"]} <= set(frames)
    assert steps == sorted(set(steps))
    names, *rows = [line.split(",") for line in csv.split("\n")]
    assert len(rows) == film.header["frames"]
    column = [float(row[names.index("nc1_trace_ratio")]) for row in rows]
    np.testing.assert_allclose(column, film.arrays["nc1_trace_ratio"], rtol=1e-6)


@needs_node
def test_a_mangled_film_is_read_or_refused_in_words(tmp_path, rng):
    document = REAL.to_bytes()
    (length,) = struct.unpack("<I", document[8:12])
    mangled = [document[: int(at)] for at in rng.integers(0, len(document), 40)]
    for _ in range(160):
        bytes_ = bytearray(document)
        for at in rng.integers(0, 12 + length, int(rng.integers(1, 6))):
            bytes_[at] = rng.integers(0, 256)
        mangled.append(bytes(bytes_))
    for answer in parsed(tmp_path, *mangled):
        assert "error" not in answer or (answer["kind"] == "Error" and answer["error"].startswith("This ")), answer
