"""Trainings in a process of their own: shared, cancelled, killed, gone on from; each is a matter of seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from app.jobs import films, trainings
from app.jobs.cache import Cache, Memory
from app.jobs.queue import Busy
from app.jobs.visitor import Visitor
from app.trainer.messages import News
from app.trainer.store import (
    CHECKPOINT,
    CUT_OFF,
    MARK,
    STRAY_SECONDS,
    TrainingFiles,
    kept_paths,
    tidy,
    trainings_folder,
)
from app.views.words import about
from ulpm_core.files.recording import arrays_of, load_recording
from ulpm_core.networks.config import NetworkConfig
from ulpm_core.networks.cost import BEGIN_SECONDS, predicted_seconds
from ulpm_core.networks.training import train

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0
TINY = NetworkConfig(classes="0,1,2", width=8, depth=2, epochs=2, log_time_steps=5, snapshots=12)
LONG = TINY.with_changes(batch_size=2, epochs=900)
EAGER = """
from app.trainer import process
from ulpm_core.networks import training
process.FIRST_FILM_SECONDS = process.FILM_SECONDS = training.CHECKPOINT_SECONDS = 0.1
process.work()
"""
SERVER = """
import sys, time
from app.jobs import trainings
from ulpm_core.networks.config import NetworkConfig
job = trainings.start(NetworkConfig.from_json(sys.argv[1]), "me")
while job.process is None or not job.words:
    job.watch("me")
    time.sleep(0.05)
print(job.process.pid, flush=True)
while True:
    job.watch("me")
    time.sleep(0.1)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Checkpoints of this test alone, and nothing known or under way from another."""
    monkeypatch.setenv("COLLAPSE_LAB_CACHE", str(tmp_path))
    monkeypatch.setattr(trainings, "_trained", Cache(Memory(2**30)))
    yield tmp_path / "trainings"
    for job in [*trainings.QUEUE._under_way.values()]:
        job._watchers.clear()
        assert job.done.wait(PATIENCE)


@pytest.fixture
def eager(monkeypatch):
    """Makes a training show films and write checkpoints soon, which it otherwise does every few seconds."""
    monkeypatch.setattr(trainings, "TRAINER", (sys.executable, "-c", EAGER))


def until(condition, job=None):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, job and (job.words, job.failure)
        if job is not None:
            job.watch("me")
        time.sleep(0.02)


def finished(config, visitor="me"):
    job = trainings.start(config, visitor)
    until(job.done.is_set, job)
    return job


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
    except OSError:
        return False


def test_a_training_ends_with_the_film_and_recording_that_the_core_makes(cache):
    job = finished(TINY)
    known, ours = trainings.trained(TINY), train(TINY)
    assert job.failure == job.begun == ""
    assert known.film is job.film
    assert films.published(job.film.key).ref is job.film
    assert job.film.header["digest"] == TINY.digest
    assert job.film.header["outcome"] == "done"
    assert (known.recording.H == ours.H).all()
    assert arrays_of(known.recording).keys() == arrays_of(ours).keys()
    assert list(cache.iterdir()) == kept_paths(TINY)[:1]
    assert not alive(job.process.pid)


def test_a_whole_training_outlives_its_server_and_only_the_code_that_made_it(cache, monkeypatch):
    first = finished(TINY)
    assert trainings.kept(TINY) and not trainings.kept(LONG)
    monkeypatch.setattr(trainings, "_trained", Cache(Memory(2**30)))  # the server starts anew
    visit = Visitor(trainings, "me")
    visit.look_at(TINY)  # nobody asks for it again
    job = visit.job
    until(job.done.is_set, job)
    assert (job.begun, job.words) == ("", "")  # read, not trained
    assert job.film.header["sentences"] == first.film.header["sentences"]
    assert arrays_of(trainings.trained(TINY).recording).keys() == arrays_of(train(TINY)).keys()
    monkeypatch.setattr("app.trainer.store.todays_key", lambda: "other")
    assert not trainings.kept(TINY)


def test_a_damaged_training_on_disk_is_forgotten(cache):
    cache.mkdir()
    kept_paths(TINY)[0].write_bytes(b"PK no zip at all")
    assert finished(TINY).film.header["outcome"] == "done"
    other = TINY.with_changes(seed=5)
    kept_paths(TINY)[0].replace(kept_paths(other)[0])
    assert TrainingFiles(other).kept() is None and not trainings.kept(other)


def test_a_film_grows_while_it_trains_and_a_cancel_is_gone_on_from(eager):
    job = trainings.start(LONG, "me")
    seen = []
    until(lambda: job.film is not None and (job.film in seen or seen.append(job.film) or len(seen) >= 3), job)
    ends = [shown.header["clock"]["step"][-1] for shown in seen]
    assert ends == sorted(set(ends))
    assert all(shown.header["partial"] for shown in seen[:2])
    assert job.words.startswith("epoch ")
    assert 0.0 < job.fraction < 1.0 and job.seconds_left > 0.0
    reached = job.fraction
    job.leave("me")
    assert job.done.wait(PATIENCE)
    assert (job.film.header["outcome"], job.failure) == ("cancelled", "")
    assert trainings.trained(LONG) is None
    again = trainings.start(LONG, "me")
    until(lambda: again.begun, again)
    assert again.begun.startswith("A training of these settings had stopped at epoch ")
    assert again.begun.endswith("; it went on from there.")
    assert again.fraction >= reached
    again.leave("me")


def test_the_training_process_killed_says_so_and_the_next_one_begins_anew_or_goes_on(cache, request):
    job = trainings.start(LONG, "me")
    until(lambda: job.words, job)
    job.process.kill()
    assert job.done.wait(PATIENCE)
    assert job.failure == trainings.KILLED
    request.getfixturevalue("eager")  # from here on: the first was not to write a checkpoint yet
    again = trainings.start(LONG, "me")
    until(lambda: again.begun, again)
    assert again.begun == f"{CUT_OFF}, before its first checkpoint: it began anew."
    checkpoint = cache / f"{LONG.digest}{CHECKPOINT}"
    until(checkpoint.exists, again)
    again.process.kill()
    assert again.done.wait(PATIENCE)
    assert len(load_recording(checkpoint)) > 1
    third = trainings.start(LONG, "me")
    until(lambda: third.begun, third)
    assert third.begun.startswith(f"{CUT_OFF}; it went on from epoch ")
    third.leave("me")


def test_the_server_killed_in_mid_training_takes_it_along_and_the_next_server_goes_on(cache):
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, LONG.to_json()], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    pid = int(server.stdout.readline())
    assert alive(pid)
    server.send_signal(signal.SIGKILL)
    server.wait()
    until(lambda: not alive(pid))
    assert len(load_recording(cache / f"{LONG.digest}{CHECKPOINT}")) >= 1
    job = trainings.start(LONG, "me")
    until(lambda: job.begun, job)
    assert job.begun.startswith(f"{CUT_OFF}; it went on from epoch ")
    job.leave("me")
    assert job.done.wait(PATIENCE)
    assert job.film.header["outcome"] == "cancelled"


def test_a_damaged_checkpoint_is_said_and_the_training_begins_anew(cache):
    cache.mkdir()
    (cache / f"{TINY.digest}{CHECKPOINT}").write_bytes(b"PK no zip at all")
    job = finished(TINY)
    assert job.begun == "The checkpoint of this training was damaged: it began anew."
    assert job.film.header["outcome"] == "done"


def test_two_visitors_share_a_training_and_one_of_them_may_leave():
    job = trainings.start(TINY.with_changes(epochs=200), "one")
    assert trainings.start(job.config, "two") is job
    assert trainings.QUEUE.under_way(job.key) is job
    job.leave("one")
    until(lambda: job.watch("two") or job.done.is_set())
    assert trainings.trained(job.config) is not None


@pytest.fixture
def in_line(monkeypatch):
    """Trainings that wait and are not begun; ended by the fixture, since nobody else will."""
    monkeypatch.setattr(trainings.QUEUE._pool, "submit", lambda *asked: None)
    monkeypatch.setattr(trainings.QUEUE, "slowness", 1.0)
    jobs = []
    yield lambda count: jobs.extend(trainings.start(TINY.with_changes(seed=s), "me") for s in range(count)) or jobs
    for job in jobs:
        job._watchers.clear()
        trainings.QUEUE.run(job)


def test_one_at_a_time_then_busy_in_words(in_line):
    waiting = in_line(trainings.WAITING)
    wait = about(sum(predicted_seconds(job.config) for job in waiting))
    with pytest.raises(Busy, match=f"The lab is busy: 4 networks wait to be trained already. Try again in {wait}"):
        trainings.start(TINY.with_changes(seed=99), "me")
    assert trainings.start(waiting[0].config, "another") is waiting[0]
    visit = Visitor(trainings, "one")
    visit.begin(TINY.with_changes(seed=99))
    assert "Try again in" in visit.trouble and visit.job is None


def test_who_waits_is_told_a_place_and_the_time_of_those_before(in_line):
    first, second, third = in_line(3)
    own = predicted_seconds(TINY)
    assert [len(job.before) for job in (first, second, third)] == [0, 1, 2]
    assert third.seconds_left == pytest.approx(3 * own)
    first.started, first.fraction = time.monotonic(), 0.5
    assert second.seconds_left == pytest.approx(1.5 * own)
    second.leave("me")  # nobody waits for it any more: it is passed over
    assert third.before == [first] and third.seconds_left == pytest.approx(1.5 * own)
    first.done.set()
    assert third.before == [] and third.seconds_left == pytest.approx(own)
    again = trainings.start(second.config, "me")
    assert again is second and third.before == [second]


def test_a_start_that_takes_long_on_a_busy_machine_lengthens_the_wait(in_line, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("app.jobs.job.time.monotonic", lambda: now[0])
    first, second = in_line(2)
    first.started = now[0]
    own = predicted_seconds(TINY)
    assert first.seconds_left == pytest.approx(own)
    now[0] += 5 * BEGIN_SECONDS
    first.watch("me"), second.watch("me")
    assert first.seconds_left == pytest.approx(5 * own)
    assert second.seconds_left == pytest.approx(6 * own)
    first._take_in(News(0.5, "epoch 1 of 2"))
    assert first.seconds_left == pytest.approx(0.5 * own)


def test_waits_follow_the_pace_that_this_machine_has_of_late(in_line, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("app.jobs.job.time.monotonic", lambda: now[0])
    first, second = in_line(2)
    own = predicted_seconds(TINY)
    first.started = now[0]
    for share in (0.0, 0.25):
        first._take_in(News(share, "epoch 1 of 2"))
        now[0] += 10 * own  # forty times as slow as the model thinks
        first.watch("me"), second.watch("me")
    assert first.seconds_left == pytest.approx(0.75 * 80 * own)  # the last quarter is overdue, and that counts
    first._take_in(News(0.5, "epoch 1 of 2"))
    assert trainings.QUEUE.slowness == pytest.approx(40.0)
    assert first.seconds_left == pytest.approx(20 * own)
    assert second.seconds_left == pytest.approx(60 * own)
    assert trainings.seconds_of([TINY, TINY]) == pytest.approx((60 + 80) * own)


def test_a_data_set_that_cannot_be_had_is_a_sentence(cache, monkeypatch):
    monkeypatch.setenv("COLLAPSE_LAB_DATA", os.devnull)
    job = finished(TINY.with_changes(dataset="mnist", per_class=5))
    assert job.failure.startswith("dataset = mnist ")
    assert "digits" in job.failure and "Traceback" not in job.failure


def test_a_training_that_fails_says_so_and_the_log_knows_why(monkeypatch, caplog):
    broken = "from app.trainer import process; process.TrainingFiles = None; process.work()"
    monkeypatch.setattr(trainings, "TRAINER", (sys.executable, "-c", broken))
    job = finished(TINY)
    assert job.failure == trainings.Training.FAILED
    assert "TypeError" in caplog.text


def test_where_nothing_can_be_written_it_trains_without_checkpoints(monkeypatch):
    monkeypatch.setenv("COLLAPSE_LAB_CACHE", os.devnull)
    assert TrainingFiles(TINY).checkpoint is None
    assert finished(TINY).film.header["outcome"] == "done"


def test_another_server_that_trains_the_same_is_no_sudden_end(cache):
    mark = cache / f"{TINY.digest}{MARK}"
    theirs = TrainingFiles(TINY)
    ours = TrainingFiles(TINY)
    assert not theirs.cut_off and not ours.cut_off
    ours.end(None)
    assert mark.exists()  # it is theirs
    del theirs  # as if that process were gone: nobody holds its mark any more
    again = TrainingFiles(TINY)
    assert again.cut_off
    again.end(None)
    assert not mark.exists() and not TrainingFiles(TINY).cut_off


def test_a_folder_that_nobody_may_look_into_holds_nothing(monkeypatch):
    def refuse(_):
        raise PermissionError

    monkeypatch.setattr(Path, "exists", refuse)
    assert not trainings.kept(TINY) and not trainings.resumable(TINY)


def test_who_has_no_home_keeps_trainings_among_temporary_files(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("COLLAPSE_LAB_CACHE")
    monkeypatch.setattr(Path, "home", homeless)
    assert trainings_folder() == Path(tempfile.gettempdir()) / "collapse-lab" / "trainings"


def test_a_full_disk_costs_the_checkpoint_and_nothing_else(cache, monkeypatch):
    full = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"  # a longer file cannot be written
        "from ulpm_core.networks import training; training.CHECKPOINT_SECONDS = 0.0\n"
        "from app.trainer.process import work; work()"
    )
    monkeypatch.setattr(trainings, "TRAINER", (sys.executable, "-c", full))
    job = finished(TINY)
    assert (job.failure, job.film.header["outcome"]) == ("", "done")
    assert trainings.trained(TINY) is not None
    assert list(cache.iterdir()) == []  # nothing half written stays


def test_old_checkpoints_and_what_was_half_written_go(tmp_path, monkeypatch):
    monkeypatch.setattr("app.trainer.store.MOST_BYTES", 25)
    now = time.time()
    for age, name in enumerate(["new.npz", "kept.npz", "old.npz", ".half.npz"]):
        (tmp_path / name).write_bytes(b"x" * 10)
        os.utime(tmp_path / name, (now - age * STRAY_SECONDS, now - age * STRAY_SECONDS))
    tidy(tmp_path, tmp_path / "kept.npz")
    assert {path.name for path in tmp_path.iterdir()} == {"new.npz", "kept.npz"}


def test_a_visitor_who_looks_elsewhere_leaves_and_another_joins(eager):
    mine, other = Visitor(trainings, "one"), Visitor(trainings, "two")
    mine.begin(LONG)
    job = mine.job
    other.look_at(LONG)
    assert other.job is job
    mine.look_at(TINY)
    assert not job.watched_by("one") and job.watched_by("two")
    until(lambda: job.film is not None, job)
    job.leave("me")
    assert other.film(LONG) is job.film
    other.cancel()
    assert other.stopped and other.job is None and other.stopping
    assert job.done.wait(PATIENCE) and not other.stopping
    assert other.own_film(LONG).header["outcome"] == "cancelled"
    other.look_at(LONG)
    assert other.job is None
