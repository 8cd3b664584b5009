"""What is written takes a file's place and nothing else's."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from ulpm_core.files.npz import probe, write_npz


@pytest.mark.parametrize("write", [probe, lambda path: write_npz(path, {"x": np.zeros(1)})], ids=["probe", "write"])
def test_a_pipe_a_folder_and_what_is_nowhere_stay_as_they_are(tmp_path, write):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("pipe")
    for name, why in {"pipe": "a pipe or a device", "link": "a pipe or a device", "folder": "is a folder"}.items():
        with pytest.raises(OSError, match=why) as refusal:
            write(tmp_path / name)
        assert refusal.value.filename == str(tmp_path / name)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link", "pipe"]


def test_the_path_that_was_given_is_named_where_nothing_can_be_written(tmp_path):
    with pytest.raises(FileNotFoundError) as refusal:
        probe(tmp_path / "nowhere" / "net.npz")
    assert Path(refusal.value.filename) == tmp_path / "nowhere" / "net.npz"


def test_a_link_is_followed_and_stays_one(tmp_path):
    (tmp_path / "far").mkdir()
    for target in ("old.npz", "new.npz"):
        (tmp_path / "far" / "old.npz").write_bytes(b"old")
        link = tmp_path / f"to-{target}"
        link.symlink_to(Path("far") / target)
        write_npz(link, {"x": np.ones(1)})
        assert link.is_symlink()
        with np.load(tmp_path / "far" / target) as held:
            assert held["x"].tolist() == [1.0]
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["new.npz", "old.npz"]
