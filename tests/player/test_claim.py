"""The player makes the claims that Python makes: field by field, as text and as LaTeX."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from film.cited import says
from film.recordings import foreign, given, snapshots_from
from javascript import run_node

from app.terms.claims import table, with_claims
from app.views.lines import film_sentences
from app.views.texts import Figure, parts_of
from ulpm_core import RunConfig, State, simulate
from ulpm_core.claims.claim import Claim, full
from ulpm_core.claims.making import claim_of
from ulpm_core.dynamics.trajectory import Trajectory
from ulpm_core.files.recording import load_recording
from ulpm_core.film.film import Film, build_film
from ulpm_core.film.network import network_film

RECORDED = Path(__file__).parents[1] / "fixtures" / "net.npz"
FILMS = """
const films = given.films.map((text) => parseFilm(Uint8Array.from(Buffer.from(text, "base64")).buffer));
"""
CODE = f"""{FILMS}
say(films.map((film) => film.curves.map(({{ name }}) => given.shares.map((share) => {{
  const frame = Math.round(share * (film.frames - 1));
  const claim = claimOf(film, name, frame, given.table);
  return claim && {{ frame, claim, text: claimText(claim, given.table), latex: claimLatex(claim, given.table) }};
}}).filter(Boolean))));
"""
PARTED = f"{FILMS} Object.assign(CLAIMS, given.table); say(films.map(sentencesIn));"
SHARES = (0.0, 0.1, 0.6, 1.0)
NUMBERS = (0.0, 1.0, -1.0, 0.1, 1e-4, 1.5e-5, 123456789.25, 1e15, 1e16, 1.2345e-300, -3.5e22, 2.0**53, 1 / 3)


@pytest.fixture(scope="module")
def measured():
    configs = [
        RunConfig(steps=400),
        RunConfig(method="gradient-flow", log_time=300.0, dimension=4, per_class=5),
        RunConfig(steps=100, fast_forward=1e5, per_class=4),
        RunConfig(class_sizes=(8, 8, 3, 3), steps=300),
        RunConfig(steps=300, weight_decay=0.02, weight_decay_h=0.01),
        RunConfig(steps=300, loss="squared-error", weight_decay=0.1, learning_rate=0.02, loss_reduction="mean"),
        RunConfig(steps=300, loss="label-smoothing", smoothing=0.2),
        RunConfig(steps=100, method="adam", learning_rate=0.01, weight_decay=0.1, decay="decoupled"),
        RunConfig(steps=100, method="adam", learning_rate=0.01),
        RunConfig(steps=100, dtype="float32", norm_bound_w=1.0, norm_bound_h=5.0),
        RunConfig(initialisation="square", push=0.1, push_along=1, steps=100, dimension=3),
    ]
    start = State(np.eye(3, 2), np.ones((2, 6)))
    stopped = simulate(RunConfig(steps=5000), progress=lambda seen: seen.fraction < 0.2)
    return [
        *map(simulate, configs),
        simulate(RunConfig(steps=20), start),
        stopped,
        load_recording(RECORDED),
        snapshots_from(given()),
        snapshots_from(given(K=70, d=5, counts=[2] * 70)),
        foreign(load_recording(RECORDED)),
        replace(load_recording(RECORDED), layers=("body.0",), depth=np.ones((len(load_recording(RECORDED)), 1))),
    ]


@pytest.fixture(scope="module")
def films(measured):
    return [build_film(each) if isinstance(each, Trajectory) else network_film(each) for each in measured]


def test_the_player_makes_the_claims_of_python(measured, films, tmp_path):
    sent = [base64.b64encode(film.to_bytes()).decode() for film in films]
    (found,) = run_node(
        tmp_path, CODE, "film.js", "claim.js", "claim_words.js", films=sent, shares=SHARES, table=table()
    )
    compared = 0
    for each, film, curves in zip(measured, films, found, strict=True):
        for made in (claim for curve in curves for claim in curve):
            t = _snapshot(each, film, made["frame"])
            claim = claim_of(each, made["claim"]["name"], t)
            if made["claim"]["interval"] is None:  # a film need not hold the gap
                claim = replace(claim, interval=None)
            assert _claim(made["claim"]) == claim
            assert made["text"] == claim.to_text()
            assert made["latex"] == claim.to_latex()
            compared += 1
    assert compared > 400


def test_figures_in_sentences_have_the_claims_of_their_curves_here_and_there(measured, films, tmp_path):
    sent = [base64.b64encode(film.to_bytes()).decode() for film in films]
    (found,) = run_node(tmp_path, PARTED, "film.js", "claims.js", "sentences.js", films=sent, table=table())
    known = set()
    for each, film, sentences in zip(measured, films, found, strict=True):
        made = [list(parts_of(text)) for text in film_sentences(film.header)]
        assert [list(map(_part, parts)) for parts in sentences] == made
        figures = [part for parts in made for part in parts if isinstance(part, Figure)]
        assert len(figures) == len(film.header["figures"])
        for (words, claim), figure in zip(figures, film.header["figures"], strict=True):
            assert claim == claim_of(each, claim.name, _snapshot(each, film, figure["frame"]))
            assert says(words, claim.value)
            known.add(claim.name)
    assert {"nc2_angles", "gamma_gap", "value", "saddle_distance", "minority_cosine", "nc3", "gamma_entries"} <= known


def test_sentences_of_a_film_of_before_are_words_alone(films, tmp_path):
    header = {name: value for name, value in films[0].header.items() if name != "figures"}
    sent = [base64.b64encode(Film(header, films[0].arrays).to_bytes()).decode()]
    (found,) = run_node(tmp_path, PARTED, "film.js", "claims.js", "sentences.js", films=sent, table=table())
    assert found == [[[sentence] for sentence in header["sentences"]]]


def _part(part):
    return part if isinstance(part, str) else Figure(part["said"], _claim(part["claim"]))


def _snapshot(each, film, frame: int) -> int:
    step, log_time = (film.header["clock"][name][frame] for name in ("step", "log_time"))
    same = each.step == step
    if log_time is not None:
        same &= each.log_time == log_time
    return int(np.flatnonzero(same)[-1])


def _claim(fields: dict) -> Claim:
    changed = {name: tuple(fields[name]) for name in ("command", "notes")}
    return Claim(**fields | changed | {"interval": fields["interval"] and tuple(fields["interval"])})


def test_numbers_are_written_as_python_writes_them(tmp_path):
    (found,) = run_node(tmp_path, "say(given.numbers.map(allDigits));", "claim.js", numbers=NUMBERS)
    assert found == [full(value) for value in NUMBERS]


def test_the_digest_of_a_config_is_found_again_from_what_a_film_holds(measured, tmp_path):
    configs = [each.config for each in measured if isinstance(each, Trajectory)]
    configs += [RunConfig(), RunConfig(log_time=1e9, tolerance=1e-11, seed=2**31), RunConfig(norm_bound_w=0.1 + 0.2)]
    given = [json.loads(config.to_json()) for config in configs]
    code = "say(given.configs.map((config) => canonicalJson(config, given.table)));"
    (found,) = run_node(tmp_path, code, "claim.js", configs=given, table=table())
    assert found == [config.to_json() for config in configs]


def test_what_a_film_says_of_itself_becomes_no_command(measured, tmp_path):
    film = build_film(measured[0])
    film.header["config"] |= {"method": "$(rm -rf ~)", "seed": "1; reboot"}
    film.header["curves"][0]["name"] = "loss; reboot"
    sent = [base64.b64encode(film.to_bytes()).decode()]
    (((nothing, some, *_),),) = run_node(
        tmp_path, CODE, "film.js", "claim.js", "claim_words.js", films=sent, shares=[1.0], table=table()
    )
    assert nothing == []
    assert "'$(rm -rf ~)'" in some[0]["claim"]["command"][0] and "--seed '1; reboot'" in some[0]["claim"]["command"][0]


def test_the_table_is_put_in_its_place():
    assert with_claims("export const CLAIMS = ({});").startswith('export const CLAIMS = ({"words":')
