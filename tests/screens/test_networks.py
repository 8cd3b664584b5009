"""The screen of real networks with Streamlit's own test driver: its states, its words, and what is brought to it."""

from __future__ import annotations

import io
import threading
import zipfile
from html import escape
from pathlib import Path

import numpy as np
import pytest
from hostile import hostile_links
from pages import mounted, open_page, sound
from streamlit.testing.v1 import AppTest

from app.jobs import companion, films, question, trainings, uploads
from app.jobs.cache import EVERYTHING, Cache, Memory, size_of
from app.jobs.question import Asked
from app.jobs.queue import Busy
from app.jobs.visitor import of_networks
from app.page.networks import NETWORKS
from app.page.state import PageState
from app.screens.networks.own_features import KEY
from app.trainer.messages import News
from app.views import networks as views
from app.views.network_presets import NETWORK_PRESETS
from ulpm_core import ConfigError
from ulpm_core.analysis.curves import CURVES
from ulpm_core.analysis.metrics import metrics
from ulpm_core.film.film import Film
from ulpm_core.film.network import network_film
from ulpm_core.film.network_words import UNCLASSIFIED
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.training import train

SCRIPT = Path(__file__).parents[2] / "app" / "lab.py"
TINY = NetworkConfig(classes="0,1,2", width=8, depth=2, epochs=3, log_time_steps=12, snapshots=16)
DECAYED = TINY.with_changes(log_time_steps=0, weight_decay=1e-3)
KINDS = ("slider", "select_slider", "selectbox", "number_input", "toggle", "button_group")


@pytest.fixture(scope="module")
def recordings():
    """Each config that these tests train, trained here."""
    return {c: train(c) for c in (TINY, DECAYED, DECAYED.with_changes(weight_decay=0.0))}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Each page waits for what it asks: on a busy machine too."""
    monkeypatch.setattr(question, "AT_ONCE", 60.0)


@pytest.fixture(autouse=True)
def no_process(monkeypatch, recordings):
    """A training is known at once if its recording is here, and never ends otherwise."""
    asked = []

    def run(_, job, stopping):
        asked.append(job.config)
        if job.config in recordings:
            recording = recordings[job.config]
            job._hear(News(1.0, "", "", network_film(recording).to_bytes(), recording))
            trainings.QUEUE._under_way.pop(job.key)
            job.done.set()

    monkeypatch.setattr(trainings, "_trained", Cache(Memory(2**30)))
    monkeypatch.setattr(trainings.QUEUE, "_under_way", {})
    monkeypatch.setattr(trainings.QUEUE._pool, "submit", run)
    return asked


def open_networks(config=TINY, **more):
    page = AppTest.from_function(_screen, default_timeout=60)
    return open_page(page, **config.to_link(), **more)


def _screen():
    from app.screens.networks.networks import networks_screen

    networks_screen()


def lab_of(page) -> PageState:
    return page.session_state["network"]


def texts(page, mark):
    return [e.proto.body for e in page.get("html") if f'class="{mark}"' in e.proto.body]


def press(page, key):
    (button,) = (b for b in page.button if b.key == key)
    return sound(button.click().run())


def keys(page):
    return {b.key for b in page.button}


def film_on(page):
    players = mounted(page, "film_player")
    return str(players[0]) if players else ""


def everything(page):
    return " ".join(e.proto.body for e in page.get("html"))


def trained():
    page = press(open_networks(), "train")
    return sound(page.run())


def test_nothing_is_trained_that_nobody_asked_for(no_process):
    page = open_networks(TINY.with_changes(seed=9))
    assert no_process == []
    assert "Nothing is trained yet. As things stand it takes about " in texts(page, "lab-empty")[0]
    assert "train" in keys(page)
    assert film_on(page) == ""


def test_every_preset_shows_its_own_film_at_once_and_a_turned_knob_says_whose_film_stays(no_process):
    page = open_networks(NetworkConfig())
    for preset in NETWORK_PRESETS:
        (pills,) = (row for row in page.main.get("button_group") if row.key == "network-preset")
        sound(pills.set_value(preset.name).run())
        assert preset.watch in texts(page, "lab-watch")[0]
        for config in filter(None, (preset.config, preset.pinned)):
            assert config.digest[:16] in film_on(page)
        assert "train" not in keys(page) and "Closest classes" in everything(page)
    sound(page.number_input(key="network-seed").set_value(5).run())
    stays = "On stage is still the film of the settings before: Train makes that of the new ones."
    assert stays in texts(page, "lab-watch")[0]
    assert "train" in keys(page) and no_process == []


def test_train_shows_film_sentences_tables_and_what_can_be_done_next():
    page = trained()
    assert TINY.digest[:16] in film_on(page)
    assert "train" not in keys(page)
    said = " ".join(texts(page, "lab-sentence"))
    assert "Trained without weight decay: 3 epochs of SGD, then 12 steps on log L" in said
    headline = trainings.trained(TINY).film.header["sentences"][0]
    assert escape(headline) in texts(page, "lab-watch")[0] and escape(headline) not in said
    assert "Ji et al., ICLR 2022" in said and "Optimizer Choice Matters" in said
    shown = everything(page)
    assert "Closest classes" in shown and "test images confused" in shown
    assert all(name in shown for name in ("NC1, within / between", "NC4, unlike the nearest mean"))


def test_knobs_show_and_turn_the_training_and_say_what_film_is_on_stage():
    page = trained()
    shown = {w.key.removeprefix("network-") for kind in KINDS for w in page.sidebar.get(kind) if w.key} - {"kept"}
    assert shown == {name for name in NETWORKS.turnable if NETWORKS.knobs[name].matters(TINY)}
    sound(page.number_input(key="network-seed").set_value(5).run())
    assert lab_of(page).config == TINY.with_changes(seed=5)
    assert "5" in page.query_params["seed"]
    assert "film of the settings before" in texts(page, "lab-watch")[0]
    assert "train" in keys(page)


def test_weight_decay_takes_log_time_with_it():
    page = open_networks()
    sound(page.select_slider(key="network-weight_decay").set_value(5e-4).run())
    config = lab_of(page).config
    assert (config.weight_decay, config.log_time_steps) == (5e-4, 0)
    assert not [w for w in page.select_slider if w.key == "network-log_time_steps"]
    assert texts(page, "lab-refusal") == []


def test_knobs_that_clash_are_refused_and_the_last_good_state_stays():
    page = open_networks()
    sound(page.sidebar.get("button_group")[0].set_value([3]).run())
    assert "classes = 3 is not two or more different classes" in texts(page, "lab-refusal")[0]
    assert lab_of(page).config == TINY


def test_each_widget_has_the_words_of_the_table():
    page = open_networks()
    for name in NETWORKS.turnable:
        found = [w for kind in KINDS for w in page.sidebar.get(kind) if w.key == f"network-{name}"]
        knob = NETWORKS.knobs[name]
        if knob.matters(TINY):
            assert found[0].label == knob.parameter.label, name
        assert all(knob.parameter.low <= rung <= knob.parameter.high for rung in knob.ladder), name


def test_with_and_without_weight_decay_play_on_one_clock_and_are_told_apart():
    plain = DECAYED.with_changes(weight_decay=0.0)
    page = open_networks(DECAYED, pin=PageState(DECAYED, pinned=plain).to_link()["pin"])
    page = press(page, "train")
    sound(page.run())
    assert DECAYED.digest[:16] in film_on(page) and plain.digest[:16] in film_on(page)
    said = " ".join(texts(page, "lab-sentence"))
    assert "A pinned: Weight decay 0. B now: Weight decay 0.001." in said
    assert "Toward epoch 3 (the median of the last 5 looks): NC1 " in said
    assert " without and " in said and "Here decay lowered " in said


def test_the_model_is_put_beside_the_network_and_taken_away():
    page = press(trained(), "beside-on")
    said = texts(page, "lab-sentence")[0]
    assert "Both from epoch " in said and "tighter clusters" in said
    found = companion.beside(trainings.recording(TINY), trainings.recording(TINY).hand_over).known
    assert found.film.key in film_on(page)
    assert films.published(found.film.key).ref is found.film
    page = press(page, "beside-off")
    sound(page.run())
    assert found.film.key not in film_on(page)


def test_the_model_starts_where_the_network_was_on_the_network_s_clock(recordings):
    recording = recordings[TINY]
    found = Asked().ask(companion.beside(recording, 0), patient=True)
    clock = found.film.header["clock"]
    assert clock["by"] == "log_time"
    assert clock["log_time"][-1] >= companion.SHORTEST
    assert found.film.header["names"] == list(recording.names)
    film, start = Film.from_bytes(films.published(found.film.key).document), recording.state(0)
    first = metrics(start.W, start.H, recording.labels, of="networks")["gamma_balanced"]
    assert film.arrays["gamma_balanced"][0] == pytest.approx(float(first), rel=1e-9)
    assert f"balanced γ {views.number(found.model['gamma_balanced'])}" in views.model_sentence(recording, found, 0)
    assert {"where log time takes over", "at the start"} <= set(companion.moments(recording))


def test_other_screens_keep_their_runs_and_this_one_its_training():
    page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=60), classes="3", dimension="2", steps="10")
    config = page.session_state["lab"].config
    with_networks = AppTest.from_function(_screen, default_timeout=60)
    for name in ("lab", "left", "screen", "knobs", "refusals", "link"):
        with_networks.session_state[name] = page.session_state[name]
    sound(with_networks.run())
    assert with_networks.session_state["left"]["runs"].config == config
    assert with_networks.session_state["screen"] == "networks"
    assert with_networks.session_state["lab"].config == config


def test_a_busy_lab_and_a_failure_are_sentences(monkeypatch):
    def busy(config, visitor):
        raise Busy("The lab is busy.")

    monkeypatch.setattr(trainings, "start", busy)
    page = press(open_networks(), "train")
    assert "The lab is busy." in texts(page, "lab-refusal")[0]


def test_talk_and_lesson_leave_only_what_they_should():
    page = open_networks(talk="1")
    assert keys(page) == {"train", "talk-off"}  # the sidebar is there, and hidden by style
    press(page, "talk-off")
    assert not lab_of(page).talk
    lesson = open_networks(controls="seed", question="Which are close?")
    assert not [w for kind in KINDS for w in lesson.sidebar.get(kind)]  # which is hidden in a lesson
    assert {w.key for kind in KINDS for w in lesson.main.get(kind)} == {"network-seed"}
    sound(lesson.number_input(key="network-seed").set_value(5).run())
    assert lab_of(lesson).config.seed == 5
    assert "Which are close?" in texts(lesson, "lab-question")[0]
    assert not lesson.get("file_uploader")


@pytest.mark.parametrize(
    "link", hostile_links(NETWORKS.parameters, {"pin": ["default"], "talk": ["1"]}, 10, seed=3), ids=range(10)
)
def test_a_hostile_link_opens_and_its_knobs_turn(link):
    page = AppTest.from_function(_screen, default_timeout=60)
    page = open_page(page, **link)
    sound(page.number_input(key="network-seed").set_value(5).run())
    assert lab_of(page).config.seed == 5


# What visitors bring


def npz(**arrays) -> io.BytesIO:
    file = io.BytesIO()
    np.savez(file, **arrays)
    file.seek(0)
    return file


LABELS = np.repeat([0, 1, 2], 4)
H = np.random.default_rng(0).normal(size=(5, 12)) + 3 * np.eye(3, 5).T[:, LABELS]
W = np.eye(3, 5)


def claims_five_gigabytes() -> io.BytesIO:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (625_000_000,)})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("H.npy", header.getvalue())
    file.seek(0)
    return file


HOSTILE = {
    "pickled": lambda: npz(H=np.array([{"a": 1}], dtype=object), labels=LABELS, W=W),
    "no zip": lambda: io.BytesIO(b"import os"),
    "empty": lambda: io.BytesIO(),
    "huge header": claims_five_gigabytes,
    "more than is read": lambda: npz(H=np.zeros((9, 1_000_000)), labels=LABELS, W=W),
    "no H": lambda: npz(labels=LABELS, W=W),
    "shape of H": lambda: npz(H=H[0], labels=LABELS, W=W),
    "labels too few": lambda: npz(H=H, labels=LABELS[:-1], W=W),
    "labels no integers": lambda: npz(H=H, labels=LABELS + 0.5, W=W),
    "labels not there": lambda: npz(H=H, W=W),
    "an empty class": lambda: npz(H=H, labels=np.where(LABELS == 1, 3, LABELS), W=W),
    "one class": lambda: npz(H=H, labels=0 * LABELS),
    "shape of W": lambda: npz(H=H, labels=LABELS, W=W.T),
    "NaN": lambda: npz(H=np.where(H > 3, np.nan, H), labels=LABELS, W=W),
    "infinity": lambda: npz(H=H, labels=LABELS, W=W / 0.0 if False else np.full_like(W, np.inf)),
    "moments that differ": lambda: npz(H=np.stack([H, H]), labels=LABELS, W=W),
    "too many classes": lambda: npz(H=np.eye(70), labels=np.arange(70), W=np.eye(70)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_sentence_and_nothing_is_loaded(name):
    with pytest.raises(ConfigError) as refusal:
        uploads.read_upload(HOSTILE[name]())
    said = str(refusal.value)
    assert said.isprintable() and len(said) < 400
    assert "for example" in said or "use " in said


def test_features_are_measured_as_on_the_command_line_and_forgotten_with_the_visit():
    before = EVERYTHING.used
    own = uploads.read_upload(npz(H=H, labels=LABELS, W=W))
    assert EVERYTHING.used == before + size_of(own.recording) + size_of(own.film)
    key = own.film.key
    assert uploads.published(key) is own.film
    assert films.published(key) is None
    table = views.metrics_table(own.recording)
    assert views.number(float(own.recording.metrics["nc1"][-1])) in table
    assert table.count("<tr>") == sum(curve.figure is not None for curve in CURVES.values()) + 1
    del own
    assert uploads.published(key) is None


def test_one_of_two_who_bring_the_same_file_may_leave():
    mine, theirs = (uploads.read_upload(npz(H=H, labels=LABELS, W=W)) for _ in range(2))
    key = theirs.film.key
    del mine
    assert uploads.published(key) is theirs.film
    del theirs
    assert uploads.published(key) is None


def test_a_file_without_features_is_told_what_it_lacks():
    with pytest.raises(ConfigError, match=r"^features has no array H: save the features, a column for each sample,"):
        uploads.read_upload(npz(labels=LABELS, W=W))


def upload(page, file, name="features.npz"):
    page.file_uploader(key=KEY).set_value((name, file.getvalue(), "application/octet-stream"))
    return sound(page.run())


def test_what_is_brought_takes_the_stage_and_leaves_it_again():
    page = upload(open_networks(), npz(H=np.stack([H, 2 * H]), labels=LABELS, W=np.stack([W, W])))
    own = page.session_state["own"][1]
    assert own.film.key in film_on(page)
    assert "Figures of the last moment" in everything(page)
    assert "train" not in keys(page)
    assert not [w for kind in KINDS for w in page.sidebar.get(kind)] and "trained elsewhere" in everything(page.sidebar)
    upload(page, npz(H=H, labels=LABELS))
    assert UNCLASSIFIED in " ".join(texts(page, "lab-sentence"))
    assert "NC3, classifiers" not in everything(page)
    last = film_on(page)
    upload(page, io.BytesIO(b"no features"))
    assert "features cannot be read" in texts(page, "lab-refusal")[0]
    assert film_on(page) == last != "" and "train" not in keys(page)  # the last good film stays
    page.file_uploader(key=KEY).set_value([])
    sound(page.run())
    assert film_on(page) == last and not texts(page, "lab-refusal")  # a new file comes after a moment without any
    press(page, "leave-own")
    assert film_on(page) == "" and "train" in keys(page) and page.number_input(key="network-seed").value == TINY.seed


def test_a_file_that_takes_long_is_measured_while_the_page_stands(monkeypatch):
    go, read = threading.Event(), uploads.read_upload
    monkeypatch.setattr(uploads, "read_upload", lambda file: go.wait(60.0) and read(file))
    monkeypatch.setattr(question, "AT_ONCE", 0.05)
    page = upload(open_networks(), npz(H=H, labels=LABELS, W=W))
    assert "The file is being measured." in everything(page) and "train" in keys(page) and film_on(page) == ""
    go.set()
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    sound(page.run())
    assert page.session_state["own"][1].film.key in film_on(page) and "being measured" not in everything(page)


def test_a_model_that_takes_long_is_followed_while_the_page_stands(monkeypatch):
    go, follow = threading.Event(), companion.simulate
    monkeypatch.setattr(companion, "simulate", lambda *asked, **more: go.wait(60.0) and follow(*asked, **more))
    monkeypatch.setattr(companion, "_known", Cache(Memory(2**30)))
    page = trained()
    monkeypatch.setattr(question, "AT_ONCE", 0.05)
    page = press(page, "beside-on")
    assert {"beside-follows", "beside-off"} <= keys(page) and TINY.digest[:16] in film_on(page)
    go.set()
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    sound(page.run())
    assert "beside-follows" not in keys(page) and "tighter clusters" in texts(page, "lab-sentence")[0]


def test_a_visit_belongs_to_its_session():
    session = {}
    assert of_networks(session) is of_networks(session)
    assert of_networks({}).visitor != of_networks(session).visitor
