"""A network's film in the player's scripts under Node, and `python -m app film net.npz`."""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from networks.small import SMALL

from app import __main__ as command
from app.player import player
from tests.javascript import run_node
from tests.pages_that_carry import Elements, carried
from ulpm_core import RunConfig, simulate
from ulpm_core.files.recording import arrays_of, save_recording
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.training import train

FILES = ("film.js", "views.js")


@pytest.fixture(scope="module")
def recording():
    return train(SMALL)


@pytest.fixture(scope="module")
def elsewhere(recording):
    """The same network as if it had been trained elsewhere."""
    T = len(recording)
    return replace(recording, config=None, log_time=np.full(T, np.nan), phase=np.full(T, "recorded"))


@pytest.fixture(scope="module")
def film(recording):
    return network_film(recording, shown_images(recording))


def encoded(*films):
    return [base64.b64encode(film if isinstance(film, bytes) else film.to_bytes()).decode() for film in films]


# -- the player's scripts ------------------------------------------------------------------------------------------


def test_the_player_reads_images_and_names(tmp_path, film, elsewhere):
    code = """
    for (const text of given.films) {
      const { images, header, timed } = parseFilm(bytesOf(text)), film = parseFilm(bytesOf(text));
      say({ timed, size: images && [images.height, images.width], pixels: images && [...images.pixels.slice(0, 192)],
        names: [0, 1, 2].map((k) => film.nameOf(k)) });
    }"""
    run = build_film(simulate(RunConfig(classes=3, dimension=2, steps=5)))
    long = network_film(replace(elsewhere, names=("a very long name", "twelve chars", "c")))
    ours, theirs, model = run_node(tmp_path, code, "film.js", films=encoded(film, long, run))
    assert ours["size"] == [8, 8]
    assert ours["pixels"] == film.arrays["images"][:3].ravel().tolist()
    assert ours["names"] == ["0", "1", "2"]
    assert theirs == {"timed": False, "size": None, "pixels": None, "names": ["a very long…", "twelve chars", "c"]}
    assert model == {"timed": True, "size": None, "pixels": None, "names": ["1", "2", "3"]}


@pytest.mark.parametrize("shape", [[89, 8, 8], [90, 64], [0, 8, 8], [5760]], ids=str)
def test_images_of_other_samples_are_refused(tmp_path, film, shape):
    document = film.to_bytes()
    (length,) = struct.unpack("<I", document[8:12])
    header = json.loads(document[12 : 12 + length])
    header["arrays"]["images"]["shape"] = shape
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 12) % 8)
    bad = document[:8] + struct.pack("<I", len(text)) + text + document[12 + length :]
    code = "try { parseFilm(bytesOf(given.film)); say('read'); } catch (error) { say(error.message); }"
    (said,) = run_node(tmp_path, code, "film.js", film=encoded(bad)[0])
    assert said == "This film is damaged: its array images does not have the right length."


def test_moments_are_epochs_and_time_only_where_it_is_known(tmp_path, film, elsewhere, recording):
    code = """
    for (const text of given.films) {
      const film = parseFilm(bytesOf(text));
      say([0, given.over, film.frames - 1].map((frame) => film.moment(frame)));
    }"""
    over, t = recording.hand_over, np.exp(recording.log_time)
    films = encoded(film, network_film(elsewhere))
    ours, theirs = run_node(tmp_path, code, "film.js", films=films, over=over)
    assert ours == ["epoch 0 · t 0", f"epoch 3 · t {t[over]:.3g}", f"epoch 15 · t = {t[-1]:.3g}"]
    assert theirs == ["epoch 0", "epoch 3", "epoch 15"]


def test_networks_share_their_epochs_and_with_a_run_time_or_steps(tmp_path, film, elsewhere):
    code = """
    const films = given.films.map((text) => parseFilm(bytesOf(text)));
    say(given.pairs.map((pair) => clocksOf(pair.map((i) => films[i])).map(({ name }) => name)));
    say([films[0].outlasts(films[1]), films[1].outlasts(films[0])]);
    say(films[0].clock.epoch.map((_, frame) => films[1].frameBeside(films[0], frame)));
    say([positionsOf(films[0], "epoch"), positionsOf(films[0], "log-epoch")]);
    say(clockTicks("log-epoch", 0, Math.log10(411)).words);"""
    short = network_film(train(SMALL.with_changes(log_time_steps=0, learning_rate=0.02, weight_decay=1e-3)))
    runs = [build_film(simulate(c)) for c in (RunConfig(steps=9), RunConfig(method="gradient-flow", log_time=9.0))]
    films = [film, short, network_film(elsewhere), *runs]
    pairs = [[0], [2], [0, 1], [0, 2], [0, 4], [2, 3]]
    clocks, outlasts, beside, (epochs, logs), ticks = run_node(
        tmp_path, code, "film.js", "ticks.js", films=encoded(*films), pairs=pairs
    )
    counted, timed = ["log-epoch", "epoch"], ["log-epoch", "epoch", "log-time"]
    assert clocks == [timed, counted, timed, counted, ["log-log-time", "log-time"], ["log-step", "step", "log-time"]]
    assert outlasts == [True, False]
    theirs = np.array(short.header["clock"]["epoch"])
    assert beside == [np.flatnonzero(theirs <= epoch)[-1] for epoch in film.header["clock"]["epoch"]]
    assert epochs == film.header["clock"]["epoch"]
    assert logs == pytest.approx(np.log10(np.array(epochs) + 1))
    assert ticks == ["0", "10", "100", "410"]


def test_a_network_of_many_classes_begins_with_the_view_that_shows_them_all(tmp_path, film):
    code = "for (const text of given.films) say(viewsOf(parseFilm(bytesOf(text))).map(({ name }) => name));"
    many = SMALL.with_changes(classes="0,1,2,3,4,5", per_class=8, epochs=1, log_time_steps=0)
    run = build_film(simulate(RunConfig(classes=6, dimension=5, steps=5)))
    films = encoded(network_film(train(many)), run, film)
    names = ["first", "tour", "polygon"]
    assert run_node(tmp_path, code, *FILES, films=films) == [["polygon", "first", "tour"], names, []]


# -- the command line ----------------------------------------------------------------------------------------------


@pytest.fixture
def call(capsys):
    def run(*arguments):
        return command.main([str(a) for a in arguments]), *capsys.readouterr()

    return run


def film_in(path):
    page = path.read_text(encoding="utf-8")
    return Film.from_bytes(carried(Elements(page))["film-1"])


def test_a_saved_network_becomes_one_file_with_its_images(call, empty, tmp_path, recording, film):
    save_recording(recording, tmp_path / "net.npz")
    assert call("film", tmp_path / "net.npz", "--out", empty / "film.html") == (0, "", "")
    assert [p.name for p in empty.iterdir()] == ["film.html"]
    found = film_in(empty / "film.html")
    assert found.header == film.header
    assert np.array_equal(found.arrays["images"], film.arrays["images"])
    assert "class Lens" in player.SCRIPT.text


def test_a_network_from_elsewhere_becomes_a_film_without_images(call, empty, tmp_path, elsewhere):
    save_recording(elsewhere, tmp_path / "net.npz")
    assert call("film", tmp_path / "net.npz", "--out", empty / "film.html") == (0, "", "")
    found = film_in(empty / "film.html")
    assert found.header["config"] is None
    assert "images" not in found.arrays


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"W": np.array([[[{}]]], dtype=object)}, "Python objects"),
        ({"epoch": np.array([{}], dtype=object)}, "Python objects"),
        ({"H": np.zeros((1, 2, 3))}, "holds H of shape"),
        ({"means": np.full((16, 3, 12), np.nan)}, "holds means"),
        ({"config": np.array("<script>")}, "a config that is none"),
        ({"samples": None}, "has no array samples"),
    ],
    ids=["objects", "objects in what is looked for", "another shape", "NaN", "no config", "no samples"],
)
def test_a_hostile_network_is_refused_in_one_line(call, empty, tmp_path, recording, changes, said):
    arrays = {name: a for name, a in (arrays_of(recording) | changes).items() if a is not None}
    np.savez(tmp_path / "net.npz", **arrays)
    code, out, err = call("film", tmp_path / "net.npz", "--out", empty / "film.html")
    assert (code, out) == (2, "")
    assert err.startswith("python -m app film: net ")
    assert said in err
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert not list(empty.iterdir())
