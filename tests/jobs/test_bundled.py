"""The trainings that come with the lab: whole, of today's presets, and as their sentences say."""

from __future__ import annotations

import numpy as np
import pytest

from app import bundle
from app.jobs import bundled, companion, trainings
from app.views import network_presets
from app.views import networks as views
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core.analysis.metrics import metrics
from ulpm_core.film.film import Film
from ulpm_core.film.network import network_film
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.images import shown_images
from ulpm_core.networks.training import train

PRESETS = {preset.name: preset for preset in NETWORK_PRESETS}
MOST_BYTES = 400_000
OF_ALL_FRAMES = ("frames", "clock", "events", "figures", "flow_from")


def film_of(config) -> Film:
    return Film.from_bytes(bundled.recorded(config)[0].document)


def test_every_preset_has_its_own_film_and_nothing_else_is_there():
    assert NetworkConfig() in bundled.configs()
    assert {path.name for path in bundled.FOLDER.iterdir()} == {
        bundled.path_of(config).name for config in bundled.configs()
    }
    for config in bundled.configs():
        film, recording = bundled.recorded(config)
        assert film.ref.header["digest"] == config.digest
        assert recording.config == config
        assert (film.ref.header["outcome"], film.ref.header["partial"]) == ("done", False)
        assert bundled.path_of(config).stat().st_size < MOST_BYTES
        assert trainings.trained(config).film is film.ref
    assert bundled.recorded(NetworkConfig(seed=99)) is None


@pytest.mark.parametrize("config", bundled.configs(), ids=lambda config: config.digest[:8])
def test_a_recorded_film_is_what_the_code_of_today_makes_and_says(config):
    """If not: `python -m app.bundle`. Its recording holds few moments: what is said of all frames is not compared."""
    then, recording = film_of(config), bundled.recorded(config)[1]
    today = network_film(recording, shown_images(recording))
    assert then.header.keys() == today.header.keys()
    for name in set(then.header) - {*OF_ALL_FRAMES, "made_by"}:
        assert then.header[name] == today.header[name], name
    for name in ("events", "figures"):
        said = [
            [{k: v for k, v in e.items() if k not in ("frame", "step")} for e in f.header[name]] for f in (then, today)
        ]
        assert said[0] == said[1], name
    for each in then.header["figures"]:
        assert each["value"] == then.arrays[each["curve"]][each["frame"]]
    assert {name: array.dtype for name, array in then.arrays.items()} == {
        name: array.dtype for name, array in today.arrays.items()
    }
    last = [then.header["clock"]["step"].index(step) for step in recording.step]
    for name in ("nc1_trace_ratio", "nc2_angles", "nc3", "gamma_balanced", "train_accuracy", "minus_log_loss"):
        assert np.array_equal(then.arrays[name][last], today.arrays[name]), name
    assert np.allclose(then.arrays["images"], today.arrays["images"], atol=2**-bundle.BITS)


def test_the_model_can_be_put_beside_what_was_recorded_and_figures_are_those_of_its_samples():
    recording = bundled.recorded(NetworkConfig())[1]
    assert set(companion.moments(recording)) == {"where log time takes over", "at zero training error", "at the start"}
    assert recording.state(recording.hand_over).shape == (10, 128, bundle.PER_CLASS)
    end = recording.state()
    assert metrics(end.W, end.H, recording.labels)["nc1"] == pytest.approx(recording.metrics["nc1"][-1], rel=0.5)


def test_the_shortest_of_them_is_still_trained_as_it_was_recorded():
    config = PRESETS["Three in the plane"].config
    then, today = bundled.recorded(config)[1], bundle.thinned(train(config))
    today = bundle.at(today, bundle.kept_snapshots(today))
    assert then.epoch.tolist() == pytest.approx(today.epoch.tolist(), abs=0.5)
    assert np.array_equal(then.samples, today.samples)
    assert then.H[0] == pytest.approx(today.H[0], rel=1e-3, abs=1e-3)
    for name in (
        "nc2_angles",
        "nc3",
        "gamma_balanced",
    ):  # another machine rounds otherwise, and training amplifies that
        assert then.metrics[name][-1] == pytest.approx(today.metrics[name][-1], rel=0.3, abs=0.01), name


def from_zero_error(film, name):
    (event,) = [event for event in film.header["events"] if event["label"] == "zero training error"]
    return film.arrays[name][event["frame"]], film.arrays[name][-1]


def fold(film, name="nc1_trace_ratio"):
    """How many times smaller a curve is at the end than at zero training error."""
    then, now = from_zero_error(film, name)
    return then / now


def test_digits_come_apart_by_sgd_then_fold_up_in_log_time():
    film = film_of(PRESETS["Digits, log time"].config)
    over = film.header["flow_from"]
    assert film.header["classes"] == 10 and film.header["config"]["weight_decay"] == 0
    assert film.arrays["train_accuracy"][over - 1] > 0.99  # apart, but for a few images
    assert film.arrays["train_accuracy"][-1] == 1.0
    assert film.arrays["nc1_trace_ratio"][over - 1] > 50 * film.arrays["nc1_trace_ratio"][-1]


def test_three_lie_in_the_plane_and_a_dot_is_all_there_is():
    film = film_of(PRESETS["Three in the plane"].config)
    assert (film.header["classes"], film.header["dimension"], film.header["names"]) == (3, 2, ["0", "1", "2"])
    assert film.header["caption"].startswith("Exact")


def test_the_convolutional_net_goes_the_same_way_more_slowly():
    film, mlp = film_of(PRESETS["Convolutional"].config), film_of(NetworkConfig())
    assert film.header["config"]["model"] == "convnet"
    assert 2 < fold(film) < fold(mlp)


def test_sgd_alone_stays_behind_log_time_with_a_small_loss():
    preset = PRESETS["SGD alone"]
    alone, log_time = film_of(preset.config), film_of(preset.pinned)
    assert fold(alone) < 2 < 10 < fold(log_time)
    mean_loss = alone.arrays["loss"][-1] / bundled.recorded(preset.config)[1].counts.sum()
    assert mean_loss < 0.01 * np.log(10)


def test_weight_decay_keeps_the_gradient_alive():
    preset = PRESETS["With weight decay"]
    decayed, plain = film_of(preset.config), film_of(preset.pinned)
    assert decayed.header["config"] | {"weight_decay": 0.0} == plain.header["config"]
    assert np.median(decayed.arrays["loss"][-5:]) > np.median(plain.arrays["loss"][-5:])
    ends = [bundled.recorded(config)[1] for config in (preset.pinned, preset.config)]
    assert "decay lowered NC1" in views.decay_sentence(*ends)


def test_without_batch_normalisation_every_image_is_read_and_nothing_collapses_in_log_time():
    film = film_of(PRESETS["No collapse"].config)
    assert film.header["config"]["batch_norm"] == "off" and film.header["flow_from"] < film.header["frames"]
    assert film.arrays["train_accuracy"][-1] == 1.0
    assert fold(film) < 1.1 and fold(film, "nc2_angles") < 1.1


def test_every_preset_s_sentence_is_read_against_its_film():
    """Each of the tests above reads one; a sentence that is changed is to be read again."""
    assert [preset.watch for preset in network_presets.NETWORK_PRESETS] == [
        "Watch ten handwritten digits come apart by SGD, then fold up in log time. No weight decay.",
        "Watch 0, 1 and 2 in two dimensions: all that the network knows of an image is a dot.",
        "Watch a convolutional net go the same way, more slowly: what folds up is its last layer.",
        "Watch SGD alone (B) beside log time (A): once the loss is small, so is its gradient.",
        "Watch one network without (A) and with (B) weight decay, which keeps the gradient alive.",
        "Watch a network without batch normalisation read every image, yet not collapse in log time.",
    ]


def test_a_file_that_is_missing_damaged_or_of_another_config_is_as_none(tmp_path, monkeypatch, caplog):
    config, other = bundled.configs()[:2]
    good = bundled.path_of(config).read_bytes()
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    read = bundled.recorded.__wrapped__
    assert read(config) is None
    for content in (b"", good[:-200], good[:1000]):
        bundled.path_of(config).write_bytes(content)
        assert read(config) is None
    assert "python -m app.bundle makes it anew" in caplog.text
    bundled.path_of(other).write_bytes(good)
    assert read(other) is None
    bundled.path_of(config).write_bytes(good)
    assert read(config)[1].config == config
