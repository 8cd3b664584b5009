"""A claim is true: its check, which knows nothing of us, and its command, in a process of its own, give its value."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from film.cited import figures_said, says
from film.recordings import given as given_features
from film.recordings import snapshots_from
from hypothesis import given
from hypothesis import strategies as st
from reference import refused

from ulpm_core import ConfigError, RunConfig, State, simulate
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.peers import PEERS
from ulpm_core.claims.checks import SPECTRA
from ulpm_core.claims.claim import Claim, full
from ulpm_core.claims.ground import FIGURES
from ulpm_core.claims.ideal import OF_THE_IDEAL
from ulpm_core.claims.in_a_film import sentence_claims
from ulpm_core.claims.latex import MOST_LETTERS, SIGNS, code, escaped
from ulpm_core.claims.making import claim_of, names_of, snapshot_at
from ulpm_core.claims.theorem import OF_A_FLOW, OF_THE_END
from ulpm_core.claims.words import SOURCES, WORDS
from ulpm_core.cli import main
from ulpm_core.dynamics.trajectory import Outcome
from ulpm_core.files.recording import load_recording, save_recording
from ulpm_core.files.run import save_run
from ulpm_core.film.curves import DEFINITIONS
from ulpm_core.film.film import build_film
from ulpm_core.model.losses.known import LOSSES
from ulpm_core.networks.config import NetworkConfig

CONFIGS = {
    "steps": RunConfig(steps=400, snapshots=30),
    "mean": RunConfig(steps=200, loss_reduction="mean", learning_rate=2.0, snapshots=20),
    "flow": RunConfig(method="gradient-flow", log_time=300.0, dimension=4, per_class=5, snapshots=40),
    "fast-forward": RunConfig(steps=100, fast_forward=1e5, per_class=4, snapshots=30),
    "uneven": RunConfig(class_sizes=(8, 8, 3, 3), steps=300, snapshots=20),
    "decayed": RunConfig(steps=300, weight_decay=0.02, weight_decay_h=0.01, snapshots=20),
    "squared": RunConfig(steps=300, loss="squared-error", weight_decay=0.1, learning_rate=0.02, snapshots=20),
    "smoothed": RunConfig(steps=300, loss="label-smoothing", smoothing=0.2, snapshots=20),
    "adam": RunConfig(steps=100, method="adam", learning_rate=0.01, snapshots=20),
    "spectral": RunConfig(steps=100, method="spectral-descent", learning_rate=0.01, snapshots=20),
    "single": RunConfig(steps=100, dtype="float32", snapshots=20),
    "saddle": RunConfig(
        initialisation="square", push=0.1, push_along=1, steps=20, dimension=2, per_class=2, snapshots=8
    ),
}
WITHOUT_A_CHECK = {"saddle_distance", "above_floor", "lowest_curvature", "distance_to_ideal", "certificate"}
"""Curves whose definition takes more than a few lines: their claims have no check."""
RECORDED = Path(__file__).parents[1] / "fixtures" / "net.npz"
BARE = re.compile(r"(?<!\\)[%&#$_^~{}]")
"""What LaTeX reads as a command where no backslash stands before it."""


@pytest.fixture(scope="module")
def runs():
    return {name: simulate(config) for name, config in CONFIGS.items()}


def printed(code: str) -> float:
    """What a check prints; a division by 0 in it would be a warning, and a failure."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, "check", "exec"), {})
    return float(out.getvalue())


@pytest.mark.parametrize("name", CONFIGS)
def test_the_check_of_every_figure_gives_its_value_to_the_digits_said(runs, name, tmp_path, monkeypatch):
    run = runs[name]
    monkeypatch.chdir(tmp_path)
    save_run(run, "run.npz")
    checked = 0
    for figure in names_of(run):
        for t in {1, len(run) // 2, len(run) - 1}:
            claim = defined(run, figure, t)
            if claim is None:
                continue
            proved = figure == "certificate" and run.config.is_ulpm  # it is the duality gap
            assert bool(claim.check) == (figure not in WITHOUT_A_CHECK or proved), figure
            assert claim.check or "no check is written" in claim.notes[-1]
            if claim.check:
                found, allowed = (
                    printed(claim.check),
                    max(5.0 * claim.floor, 5.0 * 10.0**-claim.digits * abs(claim.value)),
                )
                assert abs(found - claim.value) <= allowed, (figure, t, claim.value, found)
                checked += claim.digits > 0
    assert checked > 30
    assert claim_of(run, "nc3_papyan", 1).source.startswith("neuralcollapse/neuralcollapse ")


@pytest.mark.parametrize("name", CONFIGS)
def test_the_check_of_a_number_in_a_sentence_gives_the_number(runs, name, tmp_path, monkeypatch):
    film = build_film(runs[name])
    monkeypatch.chdir(tmp_path)
    save_run(runs[name], "run.npz")
    said = figures_said(film.header)
    for (words, _), claim in zip(said, sentence_claims(film.header), strict=True):
        assert says(words, claim.value)
        if claim.check:
            allowed = max(5.0 * claim.floor, 5.0 * 10.0**-claim.digits * abs(claim.value))
            assert abs(printed(claim.check) - claim.value) <= allowed, claim.name
    assert said


def defined(measured, figure: str, t: int) -> Claim | None:
    """The claim of a figure, if it is defined there: what is not is refused, which another test looks at."""
    try:
        return claim_of(measured, figure, t)
    except ConfigError as refusal:
        assert "is not defined" in str(refusal)
        return None


@pytest.mark.parametrize(("name", "figure", "t"), [("steps", "gamma", 9), ("flow", "duality_gap", 15)])
def test_its_command_gives_it_again_in_a_process_of_its_own_and_so_does_its_check(runs, name, figure, t, tmp_path):
    claim = claim_of(runs[name], figure, t)
    assert claim.digits > 3
    make, ask = claim.command
    for line in (make, ask):
        words = line.replace("python", sys.executable, 1).split()
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)
    again = Claim.from_json(done.stdout)
    assert again.value == pytest.approx(claim.value, rel=10.0**-claim.digits)
    assert again.config == claim.config and again.digest == claim.digest and again.at["step"] == claim.at["step"]
    checked = subprocess.run(
        [sys.executable, "-c", claim.check], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert float(checked.stdout) == pytest.approx(claim.value, rel=5 * 10.0**-claim.digits)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_claim_says_all_that_it_needs_and_comes_back_from_json(runs, name):
    config = CONFIGS[name]
    claim = claim_of(runs[name], "norm_w", 1)
    assert Claim.from_json(claim.to_json()) == claim
    assert RunConfig.from_mapping({k: v for k, v in claim.config.items() if k != "kind"}).digest == claim.digest
    assert claim.digest == config.digest
    assert set(claim.versions) == {"collapse-lab", "numpy", "python"}
    said = claim.to_text()
    for part in (
        "Claim: norm_w = " + full(claim.value),
        "Definition: Frobenius norm",
        claim.digest,
        "Made by:",
        "  run =",
    ):
        assert part in said


def test_an_interval_holds_what_is_proved(runs):
    run = runs["flow"]
    for t in range(len(run) // 2, len(run)):
        objective, gamma = claim_of(run, "objective", t), claim_of(run, "gamma", t)
        low, high = objective.interval
        assert low == pytest.approx(run.dual_bound[t], rel=1e-12)
        assert low <= objective.value == high
        assert gamma.interval[0] == gamma.value <= gamma.interval[1] <= 1.0
        least, _ = claim_of(run, "gamma_gap", t).interval
        assert 0.0 <= least == pytest.approx(1.0 - gamma.interval[1], abs=1e-15)
    assert claim_of(run, "norm_w").interval is None


@pytest.fixture(scope="module")
def whole_flow(tmp_path_factory):
    """A flow long enough for slopes to be fitted, and its file."""
    run = simulate(RunConfig(method="gradient-flow", classes=3, dimension=3, per_class=2, log_time=700.0))
    file = tmp_path_factory.mktemp("flow") / "run.npz"
    save_run(run, file)
    return run, file


@pytest.mark.parametrize("figure", ["slope_nc3", "wide_slope_gamma_gap", "drift", "smoothed_margin_decrease"])
def test_a_figure_of_a_whole_flow_is_claimed_at_its_end_alone(whole_flow, figure, monkeypatch, capsys):
    run, file = whole_flow
    claim = claim_of(run, figure)
    assert claim.at["log_time"] == 700.0
    assert claim.digits >= 6 or claim.value < 1e-10
    assert claim.command[1] == f"python -m ulpm_core claim run.npz {figure} --log-time 700"
    with refused("name", f"{figure} at step {run.step[3]} is not defined: use the end"):
        claim_of(run, figure, 3)
    with refused("name", "is no figure of this file"):
        claim_of(simulate(RunConfig(steps=5)), figure)
    monkeypatch.chdir(file.parent)
    assert main(claim.command[1].split()[3:]) == 0
    again = Claim.from_json(capsys.readouterr().out)
    assert again.value == pytest.approx(claim.value, rel=1e-9, abs=1e-12) and again.check == claim.check


def test_a_slope_that_no_law_foretells_is_not_claimed():
    run = simulate(RunConfig(method="gradient-flow", classes=4, dimension=2, per_class=2, log_time=400.0))
    with refused("name", "slope_nc3 at step", "is not defined"):
        claim_of(run, "slope_nc3")


def test_a_start_of_ones_own_is_asked_for_by_its_digest():
    rng = np.random.default_rng(3)
    run = simulate(RunConfig(steps=10), State(rng.standard_normal((3, 2)), rng.standard_normal((2, 6))))
    claim = claim_of(run, "gamma")
    assert "--initial-state start.npz --out run.npz" in claim.command[0]
    assert run.config.initial_digest in claim.notes[0]


def test_a_run_that_was_stopped_is_asked_for_up_to_there():
    run = simulate(RunConfig(steps=5000), progress=lambda seen: seen.fraction < 0.2)
    assert run.outcome is Outcome.CANCELLED
    claim = claim_of(run, "norm_w")
    assert f"--steps {run.step[-1]} " in claim.command[0] + " "
    assert "stopped" in claim.notes[0]
    shorter = simulate(run.config.with_changes(steps=int(run.step[-1])))
    assert claim_of(shorter, "norm_w").value == pytest.approx(claim.value, rel=1e-12)
    assert claim_of(run, "norm_w", 1).notes == ()


def test_moments_and_figures_that_are_not_there_are_refused(runs):
    run = runs["steps"]
    with refused("name", "gama is no figure", "gamma"):
        claim_of(run, "gama")
    with refused("name", "train_accuracy"):
        claim_of(run, "train_accuracy")
    with refused("snapshot", "999"):
        claim_of(run, "gamma", 999)
    with refused("step", "was not recorded"):
        snapshot_at(run, step=399)
    with refused("log_time", "is outside this run"):
        snapshot_at(run, log_time=900.0)
    still = simulate(RunConfig(classes=2, dimension=1, per_class=1, initial_scale=0.0, steps=10))
    with refused("name", "nc3 at step 10 is not defined"):
        claim_of(still, "nc3")
    assert snapshot_at(run) == len(run) - 1
    assert snapshot_at(run, step=int(run.step[5])) == 5
    assert snapshot_at(run, log_time=float(run.log_time[7])) == 7


def test_a_recording_is_claimed_with_the_command_that_trains_it(tmp_path, monkeypatch, rng):
    recording = load_recording(RECORDED)
    T, K, _ = recording.W.shape  # it is older than the spread of classes, and without a bias
    recording = replace(recording, spread=rng.uniform(1.0, 2.0, (T, K)), bias=rng.standard_normal((T, K)))
    monkeypatch.chdir(tmp_path)
    save_recording(recording, "net.npz")
    checked = []
    for figure in names_of(recording):
        t = len(recording) // 2
        claim = defined(recording, figure, t)
        if claim is None:
            continue
        assert claim.command[0].startswith("python -m ulpm_core train ") and "--out net.npz" in claim.command[0]
        if claim.check:
            assert printed(claim.check) == pytest.approx(claim.value, rel=1e-9, abs=1e-13)
            checked.append(figure)
        else:
            assert "net.npz does not hold" in claim.notes[-1]
    assert {"nc3", "bias_zhu", "cdnv", "nc2_wu"} <= set(checked) and "nc1_papyan" not in checked


@pytest.mark.parametrize("classes", [3, 66])
def test_features_that_were_given_are_checked_from_their_own_file(classes, tmp_path, monkeypatch, rng):
    arrays = given_features(K=classes, d=6, counts=[2] * classes) | {"bias": rng.standard_normal((3, classes))}
    measured = snapshots_from(arrays)
    monkeypatch.chdir(tmp_path)
    np.savez("features.npz", **arrays)
    names = names_of(measured)
    checked = []
    for figure in names:
        claim = defined(measured, figure, 1)
        if claim is None:
            continue
        assert claim.at == {"moment": 1} and claim.command == ()
        if claim.check:
            assert printed(claim.check) == pytest.approx(claim.value, rel=1e-9, abs=1e-13), figure
            checked.append(figure)
        else:
            assert "no check is written" in claim.notes[-1]
    peers = {peer.name for peer in PEERS}
    assert {"nc1", "nc3_uncentred", *peers, *(SPECTRA if classes > 64 else ())} <= set(checked)
    bare = snapshots_from({name: arrays[name] for name in ("H", "labels")})  # the same features, without classifiers
    assert claim_of(bare, "nc1_papyan", 1).value == pytest.approx(claim_of(measured, "nc1_papyan", 1).value)
    with refused("name", "nc2_zhu is no figure"):
        claim_of(bare, "nc2_zhu")


def test_the_cosine_between_two_classes_is_checked_from_every_kind_of_file(runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arrays, recording = given_features(), load_recording(RECORDED)
    np.savez("features.npz", **arrays)
    save_recording(recording, "net.npz")
    save_run(runs["uneven"], "run.npz")
    for measured in (runs["uneven"], recording, snapshots_from(arrays)):
        claim = claim_of(measured, "cosine_2_0", 1)
        assert printed(claim.check) == pytest.approx(claim.value, rel=1e-9) and abs(claim.value) <= 1.0
        for name in ("cosine_1_1", "cosine_0_77"):
            with refused("name", "is no figure of this file"):
                claim_of(measured, name)


@pytest.mark.parametrize("sizes", [(), (3,) * 30 + (2,) * 40])
def test_a_spectrum_of_a_run_of_many_classes_is_checked_from_its_features(sizes, tmp_path, monkeypatch):
    many = {"class_sizes": sizes} if sizes else {"classes": 70, "per_class": 2}
    run = simulate(RunConfig(dimension=6, steps=20, snapshots=3, **many))
    monkeypatch.chdir(tmp_path)
    save_run(run, "run.npz")
    for figure in SPECTRA:
        claim = claim_of(run, figure)
        assert printed(claim.check) == pytest.approx(claim.value, rel=1e-9)
    with refused("name", "is no figure of this file"):
        claim_of(simulate(RunConfig(steps=5)), "spectrum_largest")


def test_a_training_says_what_its_command_would_not_choose_itself():
    from ulpm_core.claims.command import options_of

    decayed = NetworkConfig(weight_decay=5e-4, log_time_steps=0)
    assert list(options_of(decayed, {})) == ["--weight-decay 0.0005", "--log-time-steps 0"]


# -- LaTeX ---------------------------------------------------------------------------------------------------------


def plain_latex(text: str) -> str:
    """The text without commands that are complete: what is left holds nothing that LaTeX reads otherwise."""
    for sign in sorted(set(SIGNS.values()), key=len, reverse=True):
        text = text.replace(sign, "")
    return text


@given(st.text())
def test_no_text_is_a_command(text):
    set_ = escaped(text)
    assert set_.isascii()
    assert not BARE.search(plain_latex(set_)) and "\\" not in plain_latex(set_)


@pytest.mark.parametrize("name", CONFIGS)
def test_latex_holds_nothing_that_is_not_escaped_and_no_sign_that_is_not_known(runs, name):
    for figure in names_of(runs[name]):
        claim = defined(runs[name], figure, 1)
        if claim is None:
            continue
        latex = claim.to_latex()
        assert latex.isascii(), [c for c in latex if not c.isascii()]
        blocks = r"\\leavevmode\{\\scriptsize\n\\begin\{verbatim\}.*?\\end\{verbatim\}\n\}"
        words = re.sub(blocks, "", latex, flags=re.DOTALL).replace("\\allowbreak ", "")
        words = re.sub(r"\\item\[\w+( \w+)?\]|\\(begin|end)\{description\}|\\sloppy|\$.*?(?<!\\)\$", "", words)
        assert not BARE.search(plain_latex(words)) and words.count("?") == claim.link.count("?"), words
        assert latex.count("{") == latex.count("}")


def test_latex_knows_every_sign_of_every_definition_and_sentence():
    said = [curve.definition for curve in (*CURVES.values(), *OF_THE_END.values(), *OF_THE_IDEAL.values())]
    said += [figure.definition for figure in FIGURES.values()] + [*WORDS.values(), *SOURCES.values()]
    said += [peer.definition for peer in PEERS]
    said += list(DEFINITIONS.values()) + [loss.definition for loss in LOSSES.values()]
    for words in said:
        assert escaped(words).count("?") == words.count("?"), words


def test_code_of_a_claim_fits_a_printed_page(runs):
    run = runs["flow"]
    for figure in (*names_of(run), *(n for n in OF_A_FLOW if n.startswith("wide"))):
        claim = defined(run, figure, len(run) - 1)
        if claim is None:
            continue
        for block in re.findall(r"\\begin\{verbatim\}\n(.*?)\n\\end\{verbatim\}", claim.to_latex(), flags=re.DOTALL):
            assert max(map(len, block.split("\n"))) <= MOST_LETTERS, figure
    made, _ = code("\n".join(claim_of(run, "gamma").command)).split("run.npz\npython")
    assert claim_of(run, "gamma").command[0].startswith(re.sub(r" \\\n +", " ", made.split("\n", 2)[2]))


def test_shares_that_are_counted_are_exact(runs):
    claim = claim_of(runs["flow"], "nc4")
    assert claim.value == 0.0 and claim.digits == 12 and claim.floor == 0.0


def test_the_certificate_of_cross_entropy_alone_is_the_duality_gap(runs):
    one, other = (claim_of(runs["flow"], name) for name in ("certificate", "duality_gap"))
    assert one.value == other.value and one.definition == other.definition and one.check == other.check


def test_formulas_are_of_commands_that_amsmath_has():
    known = {
        "frac", "text", "Sigma", "lVert", "rVert", "bar", "left", "right", "cos", "sin", "log", "sqrt", "sum", "gamma",
        "nabla", "theta", "lambda", "le", "ne", "min", "max", "quad", "top", "mid", "cdot",
    }  # fmt: skip
    for curve in CURVES.values():
        assert curve.formula.isascii()
        assert set(re.findall(r"\\([A-Za-z]+)", curve.formula)) <= known, curve.name
