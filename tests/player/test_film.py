"""film.js: films that Python wrote and damaged ones, and two films on one clock."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film

REAL = build_film(simulate(RunConfig(classes=3, dimension=2, per_class=2, steps=50)))

PARSE = """
for (const text of given.films) {
  try {
    const film = parseFilm(bytesOf(text));
    say({ frames: film.frames, digest: film.digest, fits: film.fits, ideal: film.hasIdeal, samples: film.samples, partial: film.partial,
      sums: Object.fromEntries(Object.entries(film.arrays).map(([name, a]) => [name, [a.length, a.reduce((s, x) => s + (Number.isFinite(x) ? x : 0), 0)]])),
      last: [...film.at("means", film.frames - 1)] });
  } catch (error) {
    say({ error: error.message, kind: error.constructor.name });
  }
}"""  # noqa: E501


def parsed(tmp_path, *documents):
    films = [base64.b64encode(document).decode() for document in documents]
    return run_node(tmp_path, PARSE, "film.js", films=films)


@pytest.mark.parametrize(
    "config",
    [
        RunConfig(classes=3, dimension=2, per_class=2, steps=50),
        RunConfig(classes=6, dimension=2, per_class=3, steps=20),
        RunConfig(classes=12, dimension=20, per_class=2, steps=20),
        RunConfig(class_sizes=(6, 2, 2), dimension=2, steps=20),
        RunConfig(loss="squared-error", steps=20, learning_rate=0.01),
        RunConfig(learning_rate=20.0, steps=1000),
    ],
    ids=lambda config: f"K = {config.classes}, d = {config.dimension}, rate {config.learning_rate}",
)
def test_the_player_reads_what_python_wrote(tmp_path, config):
    film = build_film(simulate(config))
    (read,) = parsed(tmp_path, film.to_bytes())
    assert (read["frames"], read["digest"]) == (film.header["frames"], config.digest)
    assert (read["fits"], read["partial"]) == (film.header["fits"], False)
    assert read["ideal"] == ("ideal" in film.arrays)
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
    (said,) = run_node(tmp_path, TOGETHER, "film.js", "ticks.js", films=encoded)
    return said, *(film.header["clock"] for film in films)


def test_two_films_by_steps_share_the_clock_of_the_longer_one(tmp_path):
    said, long, short = together(tmp_path, RunConfig(steps=300), RunConfig(steps=40, learning_rate=1.0))
    assert said["outlasts"] == [True, False, False]
    steps = np.array(short["step"])
    assert said["beside"] == [np.flatnonzero(steps <= step)[-1] for step in long["step"]]
    assert said["clocks"] == [["log-step", "step", "log-time"]] * 3


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


def test_a_damaged_film_is_refused_with_a_sentence(tmp_path):
    said = dict(zip(DAMAGED, parsed(tmp_path, *DAMAGED.values()), strict=True))
    sentence = re.compile(r"This (is not a film|film).*\.")
    assert {
        name: answer
        for name, answer in said.items()
        if answer.get("kind") != "Error" or not sentence.fullmatch(answer["error"])
    } == {}


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


def test_the_player_reads_the_films_of_an_earlier_version(tmp_path):
    """Those of tests/fixtures, whose README says by which commit they were made."""
    documents = [path.read_bytes() for path in sorted((Path(__file__).parents[1] / "fixtures").glob("*.film"))]
    read = parsed(tmp_path, *documents)
    for seen, film in zip(read, map(Film.from_bytes, documents), strict=True):
        assert (seen["frames"], seen["digest"]) == (film.header["frames"], film.header["digest"])
        assert seen["last"] == film.arrays["means"][-1].ravel().tolist()
    assert len(read) == 2
