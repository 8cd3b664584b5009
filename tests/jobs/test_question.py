"""What pages ask beside their films: answered once for all, never waited for long, given up when it is left."""

from __future__ import annotations

import threading
import time

import pytest
from waiting import until

from app.jobs import question
from app.jobs import turnstile as turnstiles
from app.jobs.cache import Cache, Memory
from app.jobs.question import Asked, Question
from app.jobs.queue import Queue
from app.jobs.turnstile import Turnstile
from ulpm_core import ConfigError

PATIENCE = 60.0


@pytest.fixture
def slow():
    """A question whose answer comes when it is let go, and what has been begun."""
    begun, go = [], threading.Event()
    kept, queue = Cache[str](Memory(10**6)), Queue("asked", 1, 1, "Others wait: try again in {wait}.")

    def of(key):
        def find(_):
            begun.append(key)
            assert go.wait(PATIENCE)
            return f"answer to {key}"

        return Question("sum", key, find, queue, kept)

    yield of, begun, go
    go.set()


def test_a_page_does_not_wait_and_is_told_when_it_is_there(slow):
    of, begun, go = slow
    mine, theirs = Asked(), Asked()
    before = time.monotonic()
    assert mine.ask(of("a")) is theirs.ask(of("a")) is None
    assert time.monotonic() - before < PATIENCE / 2
    late = mine.take_late()
    assert not mine.watch(late) and mine.take_late() == []
    go.set()
    until(lambda: mine.watch(late), PATIENCE)
    assert mine.ask(of("a")) == theirs.ask(of("a")) == of("a").known == "answer to a"
    assert begun == ["a"] and mine._answers == {}


def test_what_need_not_be_drawn_again_is_not_late(slow):
    of, _, _ = slow
    asked = Asked()
    assert asked.ask(of("a"), again=False) is None and asked.take_late() == []


def test_who_asks_another_of_a_kind_leaves_the_one_before_which_is_not_begun(slow):
    of, begun, go = slow
    busy, asked = Asked(), Asked()
    busy.ask(of("first"))
    until(lambda: begun, PATIENCE)
    asked.ask(of("left"))
    asked.ask(of("wanted"))
    (late,) = asked.take_late()
    go.set()
    until(late.done.is_set, PATIENCE)
    assert begun == ["first", "wanted"]


def test_a_busy_queue_and_a_failure_are_sentences_and_not_asked_again(slow, caplog):
    of, begun, go = slow
    asked, crowd = Asked(), [Asked(), Asked()]
    crowd[0].ask(of("first"))
    until(lambda: begun, PATIENCE)
    crowd[1].ask(of("second"))
    assert asked.ask(of("third"), patient=True) is None
    assert asked.failure(of("third")) == "Others wait: try again in 1 second."
    assert asked.take_late() == [] and asked.failure(of("fourth")) == ""
    asked.forget("sum")
    go.set()

    def fails(_):
        begun.append("refused")
        raise ConfigError("steps", "steps = 0 is no run: use 1, for example 1.")

    refused = Question("sum", "refused", fails, Queue("asked", 1))
    for _ in range(3):
        until(lambda: asked.ask(refused) is None and asked.failure(refused), PATIENCE)
    assert asked.failure(refused).startswith("steps = 0 is no run") and begun.count("refused") == 1


def test_who_waits_for_an_answer_lets_others_have_their_turn(slow, monkeypatch):
    of, _, go = slow
    turnstile = Turnstile(1)
    monkeypatch.setattr(question, "TURNSTILE", turnstile)
    monkeypatch.setattr(question, "AT_ONCE", PATIENCE)
    assert turnstiles.TURNSTILE is not turnstile

    def another():
        with turnstile:
            go.set()

    other = threading.Thread(target=another)
    with turnstile:
        other.start()
        assert Asked().ask(of("a"), patient=True) == "answer to a"
    other.join()


def test_an_answer_that_only_one_visitor_may_see_is_kept_by_nobody():
    own, asked = Question("own", "mine", lambda _: object(), Queue("asked", 1)), Asked()
    until(lambda: asked.ask(own) is not None, PATIENCE)
    assert own.known is None and asked._answers == {}
