"""One limit for everything that a server keeps, counted as it is held, with a setting that refuses bad values."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.jobs import companion, ensembles, films, landscapes, runs, trainings
from app.jobs.cache import EVERYTHING, SMALL, USUAL, Cache, Memory, memory_bytes, size_of
from app.jobs.films import Packed
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.film.film import Film, build_film

ROOT = Path(__file__).parents[2]


def things(size, count):
    """Things that count for so many bytes each."""
    return [bytes([65 + i]) * (size - SMALL) for i in range(count)]


def test_what_is_kept_is_let_go_by_bytes_the_least_recently_used_first():
    memory = Memory(1000)
    kept = Cache[bytes](memory)
    a, b, c, d, e = things(240, 5)
    for key, thing in zip("abcd", (a, b, c, d), strict=True):
        assert kept.put(key, thing) is thing
    assert memory.used == 960
    assert kept.get("a") == a
    kept.put("e", e)
    assert [kept.get(key) for key in "abcde"] == [a, None, c, d, e]
    kept.put("c", c[:36])
    assert memory.used == 820


def test_all_kinds_share_one_room_and_keys_of_one_kind_are_not_those_of_another():
    memory = Memory(1000)
    films, starts = Cache[bytes](memory), Cache[bytes](memory)
    a, b, c, d, e = things(240, 5)
    films.put("1", a)
    starts.put("1", b)
    assert (films.get("1"), starts.get("1")) == (a, b)
    for key, thing in (("2", c), ("3", d), ("4", e)):
        starts.put(key, thing)
    assert films.get("1") is None
    assert starts.get("1") == b


def test_what_is_larger_than_a_quarter_of_the_room_pushes_nobody_else_out():
    memory = Memory(1000)
    kept = Cache[bytes](memory)
    small, large = bytes(100), bytes(251)
    kept.put("small", small)
    assert kept.put("large", large) is large
    assert kept.get("large") is None
    assert kept.get("small") == small
    kept.put("small", large)
    assert kept.get("small") is None
    assert memory.used == 0


class Brought:
    """What a visitor holds."""


def test_what_visitors_hold_counts_until_they_let_go_of_it(monkeypatch):
    memory = Memory(1000)
    kept = Cache[bytes](memory)
    monkeypatch.setattr("app.jobs.cache.size_of", lambda thing: 600 if isinstance(thing, Brought) else len(thing))
    a, b, c, d = (bytes(200) for _ in range(4))
    for key, thing in zip("abc", (a, b, c), strict=True):
        kept.put(key, thing)
    brought = Brought()
    memory.count(brought)
    assert [kept.get(key) for key in "abc"] == [None, b, c]
    assert memory.used == 1000
    del brought
    kept.put("d", d)
    assert [kept.get(key) for key in "bcd"] == [b, c, d]
    assert memory.used == 600
    alone = Memory(100)
    held = Brought()
    alone.count(held)
    assert alone.used == 600


def test_a_trajectory_counts_all_its_arrays():
    run = simulate(RunConfig(steps=300))
    arrays = [run.W, run.H, run.labels, run.step, run.log_time, run.log_loss, *run.metrics.values()]
    held = sum(array.nbytes for array in arrays)
    assert held < size_of(run) < 1.1 * held + 10_000


def test_a_film_counts_the_bytes_that_it_is_held_in_and_these_once():
    film = build_film(simulate(RunConfig(steps=300)))
    packed = Packed.of(film)
    assert packed.document == film.to_bytes()
    assert gzip.decompress(packed.compressed) == film.to_bytes()
    assert Film.from_bytes(packed.document).header == packed.ref.header
    held = len(packed.compressed) + size_of(packed.ref)
    assert held <= size_of(packed) <= held + 4 * SMALL
    assert size_of(packed.ref) < 0.4 * len(packed.compressed)


def test_everything_kept_is_in_the_one_memory():
    kinds = (
        runs._films,
        films._published,
        runs._beginnings,
        landscapes._landscapes,
        landscapes._slices,
        ensembles._groups,
    )
    assert all(kind._memory is EVERYTHING for kind in (*kinds, companion._known, trainings._trained))


def test_a_thousand_films_hold_no_more_than_the_room(monkeypatch):
    memory = Memory(8 * 2**20)
    monkeypatch.setattr(films, "_published", Cache(memory))
    for name in ("_films", "_beginnings"):
        monkeypatch.setattr(runs, name, Cache(memory))
    film = build_film(simulate(RunConfig(steps=30)))
    document = film.to_bytes()
    for number in range(1000):
        key = f"{number:064x}"[::-1]
        shown = films.publish(Packed.of_document(film.header | {"digest": key}, document + bytes(4 * number)))
        runs._films.put(key, shown.key)
        assert memory.used <= memory.room
    assert films.published(shown.key).ref is shown
    assert runs._films.get(f"{0:064x}") is None
    held = sum(size for _, size in memory._things.values())
    assert held == memory.used
    assert held == sum(size_of(thing) for thing, _ in memory._things.values())


@pytest.mark.parametrize("mebibytes", ["", "63", "1048577", "-512", "12x", "5.5", "٣٠٠", "9" * 40])
def test_a_room_that_is_none_is_refused_with_one_that_works(mebibytes):
    with pytest.raises(ConfigError, match=f"COLLAPSE_LAB_MEMORY = .*: use 64 to 1048576, for example {USUAL}"):
        memory_bytes(mebibytes)


def test_the_setting_is_the_room_of_the_server(tmp_path):
    line = [sys.executable, "-c", "from app import main; print(main.EVERYTHING.room)"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for given, room in (("64", "67108864"), ("", str(USUAL * 2**20))):
        said = subprocess.run(
            line, env=environment | {"COLLAPSE_LAB_MEMORY": given}, cwd=tmp_path, capture_output=True, text=True
        )
        assert said.stdout.strip() == room
    said = subprocess.run(
        line, env=environment | {"COLLAPSE_LAB_MEMORY": "lots"}, cwd=tmp_path, capture_output=True, text=True
    )
    assert said.returncode == 1
    assert said.stderr.strip() == (
        "Collapse Lab: COLLAPSE_LAB_MEMORY = lots is no number of MiB to keep things in: use 64 to 1048576,"
        " for example 512."
    )
