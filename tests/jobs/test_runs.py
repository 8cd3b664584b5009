"""Runs are computed once and shared, stop when nobody looks, grow films on the way, and go on where others ended."""

from __future__ import annotations

import threading
import time

import pytest
from waiting import PATIENCE, until

from app.jobs import films, question, runs
from app.jobs import visitor as visitors
from app.jobs.cache import Cache, Memory
from app.jobs.queue import Busy
from app.jobs.turnstile import Turnstile
from app.jobs.visitor import Visitor
from ulpm_core import Outcome, RunConfig, simulate
from ulpm_core.dynamics.engines.cost import predicted_seconds
from ulpm_core.film.film import Film, build_film

LONG = RunConfig(classes=10, dimension=9, steps=10_000_000)
"""A minute of work: nothing here waits for its end."""


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """Caches and workers as in a server that has just started; whatever still runs at the end is left."""
    memory = Memory(2**29)
    monkeypatch.setattr(films, "_published", Cache(memory))
    for name in ("_films", "_beginnings"):
        monkeypatch.setattr(runs, name, Cache(memory))
    for queue in (runs.SHORT, runs.LONG):
        monkeypatch.setattr(queue, "_under_way", {})
    yield
    for job in [*runs.SHORT._under_way.values(), *runs.LONG._under_way.values()]:
        for visitor in list(job._watchers):
            job.leave(visitor)
        assert job.done.wait(PATIENCE)


def steps_of(job):
    """How many steps a job has taken, by its own account."""
    return round(job.fraction * job.config.steps)


def finished(config):
    job = runs.start(config, "me")
    assert job.done.wait(PATIENCE)
    assert job.failure == ""
    return job


def document_of(shown):
    """The bytes of a film that a page knows of."""
    return films.published(shown.key).document


def test_all_who_ask_for_one_run_share_one_job(monkeypatch):
    begun, go = [], threading.Event()

    def slowly(config, **options):
        begun.append(config)
        assert go.wait(PATIENCE)
        return simulate(config, **options)

    monkeypatch.setattr(runs, "simulate", slowly)
    config = RunConfig(steps=20)
    jobs = []
    asking = [threading.Thread(target=lambda i=i: jobs.append(runs.start(config, f"visitor {i}"))) for i in range(20)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    go.set()
    assert len({id(job) for job in jobs}) == 1
    assert jobs[0].done.wait(PATIENCE)
    assert begun == [config]
    assert runs.film_of(config).header["digest"] == config.digest


def test_a_finished_run_is_known_and_published_under_its_key():
    config = RunConfig(steps=20)
    assert runs.film_of(config) is None
    shown = finished(config).film
    assert runs.film_of(config) is shown
    assert films.published(shown.key).ref is shown
    assert Film.from_bytes(document_of(shown)).header["outcome"] == "done"
    assert shown.key.startswith(config.digest[:16])


@pytest.mark.parametrize("key", ["", "nonsense", "../../etc/passwd", "0" * 33])
def test_an_unknown_key_has_no_film(key):
    assert films.published(key) is None


def test_a_run_that_its_last_watcher_leaves_stops_and_keeps_its_film_so_far():
    job = runs.start(LONG, "one")
    runs.start(LONG, "two")
    until(lambda: steps_of(job) > 0)
    job.leave("one")
    at = steps_of(job)
    until(lambda: steps_of(job) > at)
    assert not job.done.is_set()
    job.leave("two")
    assert job.done.wait(PATIENCE)
    header = job.film.header
    assert header["outcome"] == "cancelled"
    assert header["partial"] is False
    assert 0 < header["clock"]["step"][-1] < LONG.steps
    assert films.published(job.film.key).ref is job.film
    assert runs.film_of(LONG) is None


def test_a_long_run_grows_films_that_each_hold_more():
    job = runs.start(LONG, "me")
    seen = [None]
    while len(seen) < 4:
        until(lambda: job.film is not seen[-1])
        seen.append(job.film)
    seen.remove(None)
    ends = [shown.header["clock"]["step"][-1] for shown in seen]
    assert ends == sorted(set(ends))
    assert all(shown.header["partial"] for shown in seen)
    assert len({shown.key for shown in seen}) == 3
    assert runs.film_of(LONG) is None


@pytest.mark.parametrize("method", ["gradient-descent", "momentum", "normalised-gradient-descent"])
def test_a_longer_run_continues_a_shorter_one_and_its_film_is_that_of_one_run(monkeypatch, method):
    short = RunConfig(classes=3, dimension=2, per_class=4, steps=200, method=method)
    resumed = []

    def watched(config, **options):
        resumed.append(options["resume"])
        return simulate(config, **options)

    monkeypatch.setattr(runs, "simulate", watched)
    finished(short)
    continued = finished(short.with_changes(steps=2000)).film
    assert resumed[0] is None
    assert resumed[1].step[-1] == 200
    assert document_of(continued) == build_film(simulate(short.with_changes(steps=2000))).to_bytes()


def test_a_shorter_run_after_a_longer_one_is_a_run_of_its_own_and_the_longer_one_is_still_continued(monkeypatch):
    config = RunConfig(classes=3, dimension=2, per_class=4, steps=300)
    resumed = []

    def watched(config, **options):
        resumed.append(options["resume"])
        return simulate(config, **options)

    monkeypatch.setattr(runs, "simulate", watched)
    for steps in (300, 40, 900):
        asked = config.with_changes(steps=steps)
        assert document_of(finished(asked).film) == build_film(simulate(asked)).to_bytes()
    assert [None if past is None else past.step[-1] for past in resumed] == [None, None, 300]


def test_a_cancelled_run_is_continued_when_someone_asks_again():
    job = runs.start(LONG, "me")
    until(lambda: steps_of(job) > 100)
    job.leave("me")
    assert job.done.wait(PATIENCE)
    stopped_at = job.film.header["clock"]["step"][-1]
    again = runs.start(LONG, "me")
    until(lambda: steps_of(again) > 0)
    assert steps_of(again) >= stopped_at


def test_asking_again_while_a_cancelled_run_is_still_stopping_goes_on_from_where_it_stops(monkeypatch):
    stopping, go = threading.Event(), threading.Event()

    def held_back(trajectory, analysis):
        if trajectory.outcome is Outcome.CANCELLED and not go.is_set():
            stopping.set()
            assert go.wait(PATIENCE)
        return build_film(trajectory, analysis)

    monkeypatch.setattr(runs, "build_film", held_back)
    job = runs.start(LONG, "me")
    until(lambda: steps_of(job) > 100)
    job.leave("me")
    assert stopping.wait(PATIENCE)
    again = runs.start(LONG, "me")
    assert again is not job
    assert runs.start(LONG, "another") is again
    go.set()
    until(lambda: steps_of(again) > 0)
    assert steps_of(again) >= job.film.header["clock"]["step"][-1]
    assert not again.done.is_set()


def test_a_run_that_diverged_is_known_and_no_beginning_of_another():
    config = RunConfig(learning_rate=20.0, steps=1000)
    assert finished(config).film.header["outcome"] == "diverged"
    assert runs.film_of(config) is not None
    assert finished(config.with_changes(steps=2000)).film.header["outcome"] == "diverged"


def test_a_run_that_fails_says_so_and_ends(monkeypatch, caplog):
    def broken(config, **options):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(runs, "simulate", broken)
    job = runs.start(RunConfig(steps=20), "me")
    assert job.done.wait(PATIENCE)
    assert "failed on our side" in job.failure
    assert "out of luck" not in job.failure
    assert "out of luck" in caplog.text
    assert runs.film_of(RunConfig(steps=20)) is None


def test_beyond_its_queue_the_lab_is_busy_and_says_so_and_short_runs_still_go(monkeypatch):
    monkeypatch.setattr(runs.LONG._pool, "submit", lambda *asked: None)
    waiting = [runs.start(LONG.with_changes(seed=seed), "me") for seed in range(runs.WAITING)]
    with pytest.raises(Busy, match="The lab is busy: 16 long runs wait already"):
        runs.start(LONG.with_changes(seed=99), "me")
    assert runs.start(waiting[0].config, "another") is waiting[0]
    assert finished(RunConfig(steps=20)).film is not None
    visit = Visitor(runs)
    visit.look_at(LONG.with_changes(seed=99))
    assert "Take fewer steps" in visit.trouble
    assert visit.job is None
    for job in waiting:  # nobody else will end them
        job.leave("me")
        job.leave("another")
        runs.LONG.run(job)


def test_who_waits_for_a_worker_is_told_a_place_and_the_time_of_those_before(monkeypatch):
    monkeypatch.setattr(runs.LONG, "workers", 2)
    monkeypatch.setattr(runs.LONG._pool, "submit", lambda *asked: None)
    monkeypatch.setattr(runs.LONG, "slowness", 3.0)  # as the runs before showed it to be
    jobs = [runs.start(LONG.with_changes(seed=seed), "me") for seed in range(4)]
    short = runs.Run(RunConfig(classes=3, dimension=2, steps=10))
    short.line = runs.SHORT
    own = 3.0 * predicted_seconds(LONG)
    jobs[0].started = jobs[1].started = 0.0
    assert [job.place for job in jobs] == [0, 0, 1, 2]
    assert short.foretold < runs.LONG_SECONDS and short.place == 1
    assert jobs[3].seconds_left == pytest.approx(own + 3 * own / 2)
    jobs[0].fraction = 0.5
    assert jobs[3].seconds_left == pytest.approx(own + 2.5 * own / 2)
    jobs[2].leave("me")  # nobody waits for it any more
    assert jobs[3].place == 1 and jobs[3].seconds_left == pytest.approx(own + 1.5 * own / 2)
    for job in jobs:
        job.leave("me")
        runs.LONG.run(job)


def test_who_waits_for_a_long_run_lets_others_have_their_turn(monkeypatch):
    turnstile, mine = Turnstile(1), Visitor(runs)
    monkeypatch.setattr(visitors, "TURNSTILE", turnstile)
    monkeypatch.setattr(question, "AT_ONCE", PATIENCE)
    monkeypatch.setattr(runs.LONG._pool, "submit", lambda *asked: None)

    def another():
        with turnstile:
            until(lambda: LONG.to_json() in runs.LONG._under_way)
            runs.LONG._under_way.pop(LONG.to_json()).done.set()

    other = threading.Thread(target=another)
    begun = time.monotonic()
    with turnstile:
        other.start()
        mine.look_at(LONG)
        assert time.monotonic() - begun < PATIENCE / 2
    other.join()


def test_a_visitor_who_turns_a_knob_leaves_the_run_before():
    visit = Visitor(runs)
    visit.look_at(LONG)
    job = visit.job
    assert job.config == LONG
    visit.look_at(RunConfig(steps=20))
    assert job.done.wait(PATIENCE)
    until(lambda: visit.job is None)
    assert visit.film(RunConfig(steps=20)).header["outcome"] == "done"


def test_a_cancelled_run_stays_cancelled_keeps_its_film_and_can_be_taken_up_again():
    visit = Visitor(runs)
    visit.look_at(LONG)
    job = visit.job
    until(lambda: job.film is not None)
    visit.cancel()
    assert visit.stopped
    assert visit.job is None
    assert job.done.wait(PATIENCE)
    visit.look_at(LONG)
    assert visit.job is None
    assert visit.film(LONG) is job.film
    visit.go_on()
    visit.look_at(LONG)
    assert visit.job.config == LONG
    assert not visit.stopped
    visit.cancel()


def test_without_a_new_film_the_last_good_one_stays():
    visit = Visitor(runs)
    visit.look_at(RunConfig())
    visit.watch(RunConfig())
    first = visit.film(RunConfig())
    assert first.header["digest"] == RunConfig().digest
    assert visit.film(RunConfig(seed=99)) is first
    assert visit.own_film(RunConfig(seed=99)) is None
    assert visit.own_film(None) is None
