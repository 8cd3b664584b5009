"""moment.js: a moment in words, and the curves as a table."""

from __future__ import annotations

import base64
import math
from dataclasses import replace

import numpy as np

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

MOMENT_FILES = ("film.js", "moment.js")


def said_of(tmp_path, film, *frames):
    code = (
        "const film = parseFilm(bytesOf(given.film)); given.frames.forEach((frame) => say(momentWords(film, frame)));"
    )
    encoded = base64.b64encode(film.to_bytes()).decode()
    return run_node(tmp_path, code, *MOMENT_FILES, film=encoded, frames=frames)


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


def test_a_moment_without_angles_or_spread_is_said_without_them(tmp_path):
    film = build_film(simulate(RunConfig(classes=3, dimension=1, per_class=1, steps=20)))
    assert said_of(tmp_path, film, 0)[0].startswith("3 clusters apart, nearest pair ")
    assert "ideal" not in said_of(tmp_path, film, 0)[0]
    nowhere = replace(film, arrays={name: np.full_like(array, np.nan) for name, array in film.arrays.items()})
    assert said_of(tmp_path, nowhere, 0) == ["none of 3 clusters apart"]


def test_the_angle_of_the_simplex_is_said_only_where_it_is_the_ideal(tmp_path):
    uneven, many = RunConfig(class_sizes=(6, 6, 2, 2), steps=20), RunConfig(loss="label-smoothing", steps=20)
    for config, drawn in ((uneven, True), (many, False)):
        film = build_film(simulate(config))
        assert ("ideal" in film.arrays) is drawn
        assert "ideal" not in said_of(tmp_path, film, 3)[0]


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
    names, *rows = [line.split(",") for line in csv.splitlines()]
    assert len(rows) == film.header["frames"]
    column = [float(row[names.index("nc1_trace_ratio")]) for row in rows]
    np.testing.assert_allclose(column, film.arrays["nc1_trace_ratio"], rtol=1e-6)
