"""Tours against their runs: what a film does not hold is told where the document asks for it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from player.films import encoded
from tours.documents import SOUND, changed

from app.__main__ import main
from app.tours.answers import Truth, truth_of
from app.tours.document import Tour, read_tour
from app.tours.made import make_film, source_of
from app.tours.moments import Moment, read_moment
from app.tours.record import Record
from tests.javascript import run_node
from ulpm_core import ConfigError, RunConfig, simulate
from ulpm_core.film.film import build_film

ROOT = Path(__file__).parents[2]
NUMBER = "= nc1_trace_ratio at start / nc1_trace_ratio at end within 10%"


def checked(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> tuple[int, list[str]]:
    """Returns the exit code of the command for a document, and the lines that it prints."""
    path = folder / "lesson.md"
    path.write_text(text, encoding="utf-8")
    code = main(["tour", str(path), "--check"])
    return code, capsys.readouterr().out.splitlines()


def test_a_sound_document_is_told_in_one_line(tmp_path, capsys):
    assert checked(tmp_path, capsys, SOUND) == (0, ["lesson.md: A lesson: 1 scene, 2 questions, 12 minutes."])


@pytest.mark.parametrize(
    ("before", "after", "line", "works"),
    [
        ("&seed=3", "&seed=3&at=step:61", 10, "at = step=61 lies beyond the run's 60 steps"),
        ("until: step=20", "until: left", 11, "is no moment of this film: use "),
        (
            "until: step=20",
            "until: step=99999",
            11,
            "lies beyond the run's 60 steps: use step=0 to 60, for example step=60",
        ),
        ("until: step=20", "until: epoch=2", 11, "counts epoch, and this film does not"),
        ("then: end", "then: step=20", 12, "does not come after until = step=20: use a later moment"),
        ("loss, nc1_trace_ratio", "loss, duality_gap", 13, "is not drawn in this film: use none, or some of loss,"),
        ("{nc2_angles at end}", "{nc2_angles at step=61}", 7, "lies beyond the run's 60 steps"),
        ("{nc2_angles at end}", "{time at start}", 7, "is not defined at frame 0"),
        ("{nc2_angles at end}", "{1 / (nc4 at end - nc4 at end)}", 7, "divides by 0"),
        (NUMBER, "= nc1_trace_ratio at log-3 within 10%", 27, "is no moment of this film"),
        (NUMBER, "= nc1_trace_ratio at left within 10%", 25, "is no moment of this film"),
        (NUMBER, "= dimension - 2 within 10%", 25, "a share is 0 too: use a tolerance that is a number"),
        ("question number", "question draw duality_gap", 25, "is not drawn in this film"),
    ],
)
def test_what_the_run_does_not_hold_is_told(tmp_path, capsys, before, after, line, works):
    text = changed(before, after)
    if "draw" in after:
        text = text.replace(f"{NUMBER}\nIt falls.", "Because it falls.")
    code, (said, *more) = checked(tmp_path, capsys, text)
    assert (code, more) == (2, [])
    assert said.startswith(f"lesson.md:{line}: ") and works in said


def test_mistakes_of_the_words_and_of_the_runs_are_told_together(tmp_path, capsys):
    code, said = checked(tmp_path, capsys, changed("minutes: 12", "minutes: x").replace("step=20", "step=99999"))
    assert code == 2
    assert [line.split(": ")[0] for line in said] == ["lesson.md:3", "lesson.md:11"]


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    assert main(["tour", str(tmp_path / "none.md"), "--check"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_own_features_are_played_by_their_digest(tmp_path, capsys):
    rng = np.random.default_rng(0)
    labels = np.arange(12) % 3
    np.savez(tmp_path / "own.npz", H=rng.standard_normal((2, 2, 12)), labels=labels)
    text = SOUND[: SOUND.index("classes=3")] + "features=own.npz\nshow: nc1_trace_ratio\n```\n"
    code, (said,) = checked(tmp_path, capsys, text.replace("nc2_angles at end", "nc1_trace_ratio at end"))
    assert code == 2 and "says no digest of 16 digits or more" in said
    digest = hashlib.sha256((tmp_path / "own.npz").read_bytes()).hexdigest()[:16]
    link = re.search(r"features=own.npz&digest=\w+", said)
    assert link is not None and link[0].endswith(digest)
    sound = text.replace("features=own.npz", link[0])
    assert checked(tmp_path, capsys, sound)[0] == 0
    code, (said,) = checked(tmp_path, capsys, sound.replace(digest, "0" * 16))
    assert code == 2 and "is not the file of digest 0000000000000000" in said


def test_the_film_of_a_training_comes_with_the_lab(tmp_path, capsys):
    text = "---\ntitle: T\nminutes: 1\n---\n# S\n{test_accuracy at end}\n```film\nnetworks\nuntil: hand-over\n```\n"
    assert checked(tmp_path, capsys, text) == (0, ["lesson.md: T: 1 scene, 0 questions, 1 minute."])


def sound(text: str) -> Tour:
    return read_tour(text.encode(), "lesson.md")


def test_the_truth_of_each_kind_of_question_is_read_from_the_film():
    drawn = "```question draw loss\nHow?\nBecause.\n```\n```question place\nWhere?\n\nBecause.\n```\n"
    several = "```question several\nWhich?\n* a\n- b\n* c\nBecause.\n```\n"
    (scene,) = sound(SOUND + drawn + several).scenes
    assert scene.film is not None
    record = make_film(source_of(scene.film)).record
    choice, number, drawing, placing, which = (truth_of(question, record) for question in scene.questions)
    run = simulate(RunConfig(classes=3, dimension=2, per_class=4, steps=60, seed=3))
    ratio = run.nc1_trace_ratio[0] / run.nc1_trace_ratio[-1]
    assert choice == Truth("choice", [1]) and which == Truth("several", [0, 2])
    assert number.value == pytest.approx((ratio, ratio / 10))
    assert number.is_right(1.09 * ratio) and not number.is_right(1.11 * ratio)
    assert drawing.value["clock"] == run.step.tolist() and drawing.value["values"] == pytest.approx(run.loss)
    assert np.shape(placing.value) == (3, 2)
    with pytest.raises(ConfigError):
        truth_of(scene.questions[1], None)


MOMENTS = ["start", "end", "zero-training-error", "step=0", "step=7", "step=50", "log_time=0.5", "log_time=1.6094"]
FRAMES = "const film = parseFilm(bytesOf(given.film)); say(given.at.map((at) => frameAt(film, at)));"


@pytest.mark.parametrize("config", [RunConfig(steps=50), RunConfig(method="gradient-flow", log_time=9.0)])
def test_a_moment_is_the_frame_that_the_player_finds(tmp_path, config):
    film = build_film(simulate(config))
    record = Record.of(film)
    named = [text for text in MOMENTS if "step" not in text or not config.flows]
    asked = [as_link(read_moment("until", text)) for text in named]
    (found,) = run_node(tmp_path, FRAMES, "film.js", "look.js", film=encoded(film)[0], at=asked)
    assert found == [record.frame("until", read_moment("until", text)) for text in named]
    with pytest.raises(ConfigError):
        record.frame("until", Moment(clock="log_time", value=1e6))


def as_link(moment: Moment) -> dict[str, object]:
    """Returns a moment as the player reads it from a link."""
    if moment.name in ("start", "end"):
        return {"share": float(moment.name == "end")}
    return {"event": moment.name} if moment.name else {moment.clock: moment.value}


def test_the_example_for_authors_is_sound(tmp_path, capsys):
    notes = (ROOT / "docs" / "tours.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"````markdown\n(.*?)````", notes, re.DOTALL)
    code, said = checked(tmp_path, capsys, example)
    assert (code, said) == (0, ["lesson.md: Why the angles even out: 2 scenes, 2 questions, 12 minutes."])
