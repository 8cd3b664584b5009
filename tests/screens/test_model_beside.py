"""The model beside a network: put there, taken away, and followed while the page stands."""

from __future__ import annotations

import threading

import pytest
from networks_page import TINY, film_on, keys, trained
from pages import press, sound, texts

from app.jobs import companion, films, question, trainings
from app.jobs.cache import Cache, Memory
from app.jobs.question import Asked
from app.views import networks as views
from ulpm_core.analysis.metrics import metrics
from ulpm_core.film.film import Film

pytestmark = pytest.mark.usefixtures("no_process")


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
    assert f"balanced γ {views.number(found.ends.model['gamma_balanced'])}" in views.model_sentence(
        recording, found.ends, 0
    )
    assert {"where log time takes over", "at the start"} <= set(companion.moments(recording))


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
