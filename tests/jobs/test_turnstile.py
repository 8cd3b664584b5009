"""Turns: how many at once, in which order, and given back however they end."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest

from app.jobs.turnstile import Turnstile

PATIENCE = 60.0
LINED_UP = 0.05
"""Seconds after which a thread that was started stands in line."""


def in_line(turnstile, work, count):
    """So many threads that came one after the other, each to do `work(number)` in its turn."""

    def come(number):
        with turnstile:
            work(number)

    threads = [threading.Thread(target=come, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(LINED_UP)
    return threads


def ended(threads):
    for thread in threads:
        thread.join(PATIENCE)
    return not any(thread.is_alive() for thread in threads)


def test_who_came_first_goes_first():
    turnstile, order = Turnstile(1), []
    with turnstile:
        threads = in_line(turnstile, order.append, 5)
        assert order == []
    assert ended(threads) and order == [0, 1, 2, 3, 4]


def test_so_many_are_in_at_once_and_no_more():
    turnstile, now, most, lock = Turnstile(3), 0, 0, threading.Lock()

    def work(_):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(4 * LINED_UP)
        with lock:
            now -= 1

    assert ended(in_line(turnstile, work, 8)) and most == 3


def test_a_turn_within_a_turn_is_the_same_one():
    turnstile = Turnstile(1)
    with turnstile, turnstile:
        pass
    assert ended(in_line(turnstile, lambda _: None, 1))


def test_what_fails_gives_its_turn_back():
    turnstile = Turnstile(1)

    @turnstile
    def fails():
        raise SystemExit("as Streamlit ends a script")

    for _ in range(2):
        with pytest.raises(SystemExit):
            fails()


def test_who_waits_for_something_lets_others_in_and_comes_back():
    turnstile, order = Turnstile(1), []
    with turnstile:
        threads = in_line(turnstile, order.append, 2)
        with turnstile.aside():
            assert ended(threads) and order == [0, 1]
        others = in_line(turnstile, order.append, 1)
        assert order == [0, 1]
    assert ended(others) and order == [0, 1, 0]


def test_stepping_aside_fails_no_less_cleanly():
    turnstile = Turnstile(1)
    with suppress(KeyError), turnstile, turnstile.aside():
        raise KeyError
    assert ended(in_line(turnstile, lambda _: None, 1))


def test_who_is_not_in_need_not_step_aside():
    turnstile = Turnstile(1)
    with turnstile.aside():
        pass
    assert ended(in_line(turnstile, lambda _: time.sleep(LINED_UP), 2))
