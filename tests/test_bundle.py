"""The command that makes what comes with the lab."""

from __future__ import annotations

import numpy as np
import pytest

from app import bundle
from app.jobs import bundled, films, runs
from ulpm_core import RunConfig
from ulpm_core.film.film import Film

FLOATS = ("clock", "figures", "guides", "made_by")
"""The entries of a film's header that hold computed numbers, or what computed them."""
PICTURE_LETTERS = len(bundle.PICTURE.read_text(encoding="utf-8"))
"""Marks that fall on one tenth of a pixel are drawn once, so last bits may cost a few letters."""


def test_the_first_film_is_what_its_command_makes_today_up_to_rounding(tmp_path, monkeypatch, capsys):
    came = Film.from_bytes(bundled.FIRST_FILM.read_bytes())
    made, moving = tmp_path / "first.film", tmp_path / "collapse.svg"
    monkeypatch.setattr(bundle, "FIRST_FILM", made)
    monkeypatch.setattr(bundle, "PICTURE", moving)
    assert bundle.main(["first"]) == 0
    said = "first.film: the default run\ncollapse.svg: the same, and then log time\n"
    assert capsys.readouterr().out == said
    assert sorted(tmp_path.iterdir()) == [moving, made]
    assert len(moving.read_text(encoding="utf-8")) == pytest.approx(PICTURE_LETTERS, rel=0.05)
    today = Film.from_bytes(made.read_bytes())
    assert films.published(runs.film_of(RunConfig()).key).document == bundled.FIRST_FILM.read_bytes()
    same_words, same_numbers = ({k: v for k, v in film.header.items() if k not in FLOATS} for film in (came, today))
    assert same_words == same_numbers
    for name in ("time", "log_time"):
        then, now = ([np.nan if x is None else x for x in f.header["clock"][name]] for f in (came, today))
        np.testing.assert_allclose(then, now, rtol=1e-9, atol=1e-9)
    assert came.header["clock"]["step"] == today.header["clock"]["step"]
    for then, now in zip(came.header["figures"], today.header["figures"], strict=True):
        assert then == now | {"value": pytest.approx(now["value"], rel=1e-9)}
    for then, now in zip(came.header["guides"], today.header["guides"], strict=True):
        np.testing.assert_allclose(then.pop("y"), now.pop("y"), rtol=1e-9)
        assert then == now
    assert came.arrays.keys() == today.arrays.keys()
    for name, array in came.arrays.items():
        assert array.dtype == today.arrays[name].dtype, name
        close = 1e-5 if array.dtype == np.float32 else 1e-9
        np.testing.assert_allclose(array, today.arrays[name], rtol=close, atol=close, err_msg=name)


def test_words_it_does_not_know_are_refused_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bundle, "FIRST_FILM", tmp_path / "first.film")
    assert bundle.main(["last"]) == 2
    assert capsys.readouterr().err == "use python -m app.bundle, and first or phases behind it for a part\n"
    assert list(tmp_path.iterdir()) == []
