"""Features that a visitor brings: read without trust, measured, shown and forgotten."""

from __future__ import annotations

import io
import threading
import zipfile

import numpy as np
import pytest
from networks_page import KINDS, TINY, everything, film_on, keys, open_networks
from pages import claims_in, press, sound, texts

from app.jobs import films, question, uploads
from app.jobs.cache import EVERYTHING, Memory, size_of
from app.screens.networks.own_features import KEY
from app.views import networks as views
from ulpm_core import ConfigError
from ulpm_core.analysis.curves import CURVES
from ulpm_core.film.network_words import UNCLASSIFIED

pytestmark = pytest.mark.usefixtures("no_process")


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
    "too many classes": lambda: npz(H=np.ones((2, 1001)), labels=np.arange(1001)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_sentence_and_nothing_is_loaded(name):
    with pytest.raises(ConfigError) as refusal:
        uploads.take_upload(HOSTILE[name]())
    said = str(refusal.value)
    assert said.isprintable() and len(said) < 400
    assert "for example" in said or "use " in said


def test_features_are_measured_as_on_the_command_line_and_forgotten_with_the_visit():
    before = EVERYTHING.used
    own = uploads.take_upload(npz(H=H, labels=LABELS, W=W))
    assert EVERYTHING.used == before + size_of(own.recording) + size_of(own.film)
    key = own.film.ref.key
    assert films.published(key) is own.film
    assert own.film.private
    table = views.metrics_table(own.recording, "0a")
    assert views.number(float(own.recording.metrics["nc1"][-1])) in table
    for claim in claims_in(table):
        assert claim.digest == "0a" and claim.value == float(own.recording.metrics[claim.name][-1])
        assert 'np.load("features.npz")' in claim.check or "no check" in claim.notes[-1]
    assert table.count("<tr>") == sum(curve.figure is not None for curve in CURVES.values()) + 1
    del own
    assert films.published(key) is None


def test_one_of_two_who_bring_the_same_file_may_leave():
    mine, theirs = (uploads.take_upload(npz(H=H, labels=LABELS, W=W)) for _ in range(2))
    key = theirs.film.ref.key
    del mine
    assert films.published(key) is theirs.film
    del theirs
    assert films.published(key) is None


def test_features_that_leave_no_room_for_everybody_else_are_refused(monkeypatch):
    """Half of the room is for all of them; the sizes here are those of this file, measured and drawn."""
    memory = Memory(2**40)
    monkeypatch.setattr(uploads, "EVERYTHING", memory)
    one = uploads.take_upload(npz(H=H, labels=LABELS, W=W))
    size = memory.take_stock()
    assert size == memory.used == size_of(one.recording) + size_of(one.film)
    memory.room = 4 * size - 2
    again = uploads.take_upload(npz(H=H, labels=LABELS, W=W))  # one film for both
    assert memory.take_stock() == size + size_of(again.recording) < 2 * size - 1
    with pytest.raises(ConfigError) as crowded:
        uploads.take_upload(npz(H=2 * H, labels=LABELS, W=W))
    mb = [f"{number / 2**20:,.1f} MB" for number in (size, 2 * size - 1, memory.take_stock())]
    assert str(crowded.value) == (
        f"features take {mb[0]} here, measured and drawn, and may take {mb[1]}, of which other visitors' take {mb[2]}:"
        " try again later."
    )
    del one, again
    memory.room = 2 * size - 2
    with pytest.raises(ConfigError) as too_large:
        uploads.take_upload(npz(H=H, labels=LABELS, W=W))
    assert str(too_large.value) == (
        f"features take {mb[0]} here, measured and drawn, and may take {(size - 1) / 2**20:,.1f} MB:"
        " save fewer moments, samples or classes, for example H=H[-1:]."
    )
    memory.room = 2 * size
    assert uploads.take_upload(npz(H=H, labels=LABELS, W=W)).unused == ""


def test_a_file_without_features_is_told_what_it_lacks():
    with pytest.raises(ConfigError, match=r"^features has no array H: save the features, a column for each sample,"):
        uploads.take_upload(npz(labels=LABELS, W=W))


def upload(page, file, name="features.npz"):
    page.file_uploader(key=KEY).set_value((name, file.getvalue(), "application/octet-stream"))
    return sound(page.run())


def test_what_is_brought_takes_the_stage_and_leaves_it_again():
    page = upload(open_networks(), npz(H=np.stack([H, 2 * H]), labels=LABELS, W=np.stack([W, W])))
    own = page.session_state["own"][1]
    assert own.film.ref.key in film_on(page)
    assert "Figures of the last moment" in everything(page)
    assert "train" not in keys(page)
    assert [button.proto.label for button in page.get("download_button")] == ["Curves as CSV"]
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
    go, read = threading.Event(), uploads.take_upload
    monkeypatch.setattr(uploads, "take_upload", lambda file: go.wait(60.0) and read(file))
    monkeypatch.setattr(question, "AT_ONCE", 0.05)
    page = upload(open_networks(), npz(H=H, labels=LABELS, W=W))
    assert "The file is being measured." in everything(page) and "train" in keys(page) and film_on(page) == ""
    go.set()
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    sound(page.run())
    assert page.session_state["own"][1].film.ref.key in film_on(page) and "being measured" not in everything(page)
