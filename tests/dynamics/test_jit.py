"""Compiled code where nothing can be kept beside it: in a private folder, or nowhere, and one sentence says so."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from scratch import copied, printed

from ulpm_core.dynamics import jit

ROOT = Path(jit.__file__).parents[2]
KERNEL = """
from ulpm_core.dynamics.engines.compiled.gradient import shift_for
print(shift_for(-600.0, 256.0))
"""


@pytest.fixture
def read_only(tmp_path):
    """Runs Python in a copy of the code beside which, and at a home where, no folder can be made, whoever asks."""
    shutil.copytree(ROOT / "ulpm_core", tmp_path / "code/ulpm_core", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("dynamics", "dynamics/engines/compiled"):
        (tmp_path / "code/ulpm_core" / folder / "__pycache__").touch()  # a file, where a folder would be made
    (tmp_path / "home").touch()
    (tmp_path / "temporary").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"} | {
        "PYTHONPATH": str(tmp_path / "code"),
        "HOME": str(tmp_path / "home"),
        "XDG_CACHE_HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "temporary"),
        "NUMBA_DISABLE_JIT": "0",
    }

    def run(code: str) -> tuple[str, list[str]]:
        line = [sys.executable, "-B", "-c", code]
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr.splitlines()

    return run, tmp_path / "temporary"


def test_compiled_code_is_kept_among_the_temporary_files(read_only):
    run, temporary = read_only
    out, (sentence,) = run(KERNEL)
    assert out == "-512.0\n"
    (folder,) = temporary.iterdir()
    assert sentence.endswith(f"compiled code is kept in {folder}.")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = sorted(path.name for path in folder.rglob("*.nb?"))
    assert run(KERNEL)[0] == "-512.0\n"
    assert sorted(path.name for path in folder.rglob("*.nb?")) == kept != []


def test_with_no_place_at_all_it_is_compiled_anew(read_only):
    run, temporary = read_only
    out, (sentence,) = run("from ulpm_core.dynamics import jit\njit.private_folder = lambda: None\n" + KERNEL)
    assert out == "-512.0\n"
    assert sentence.startswith("There is no place to keep compiled code")
    assert not list(temporary.iterdir())


def test_a_full_disk_is_no_place(monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(jit.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(2**30, 2**30, 0))
    monkeypatch.setenv("NUMBA_CACHE_DIR", before := str(tmp_path))
    monkeypatch.setitem(vars(jit.numba.config), "CACHE_DIR", before)
    assert not jit.can_keep.__wrapped__()
    assert os.environ["NUMBA_CACHE_DIR"] == jit.numba.config.CACHE_DIR == before
    assert [record.getMessage()[:20] for record in caplog.records] == ["There is no place to"]


STEPPING = """
import numpy as np
from ulpm_core.dynamics.engines.compiled.run import take
from ulpm_core.dynamics.jit import njit
from ulpm_core.model.rules.gradient_descent import GradientDescent

@njit(cache=True)
def step(rule, theta, gradient):
    take(rule, theta, (), gradient, 0.0, 0.25, 0)

blocks = np.ones((1, 4)), np.ones((1, 8))
step(GradientDescent(), blocks, (np.ones((1, 4)), np.ones((1, 8))))
print(float(blocks[1].sum()), sum(step.stats.cache_hits.values()))
"""


def test_a_changed_rule_is_compiled_anew_where_it_is_inlined(tmp_path):
    """Numba itself looks at stepping.py alone, which stays as it is."""
    house = copied(tmp_path, "ulpm_core")
    (house / "stepping.py").write_text(STEPPING)
    rule = house / "ulpm_core/model/rules/gradient_descent.py"
    said = [printed(house, "stepping.py") for _ in range(2)]
    rule.write_text(rule.read_text().replace("-= share * slope", "-= 2.0 * share * slope"))
    said += [printed(house, "stepping.py") for _ in range(2)]
    assert said == ["6.0 0\n", "6.0 1\n", "4.0 0\n", "4.0 1\n"]


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")
@pytest.mark.parametrize("planted", ["open folder", "link", "file"])
def test_what_another_user_may_have_planted_is_not_run(tmp_path, monkeypatch, planted):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    usual = tmp_path / f"collapse-lab-{os.getuid()}"
    if planted == "open folder":
        usual.mkdir()
        usual.chmod(0o777)
    elif planted == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        usual.symlink_to(tmp_path / "elsewhere")
    else:
        usual.touch()
    folder = jit.private_folder()
    assert folder is not None
    assert folder != usual
    assert stat.S_IMODE(folder.lstat().st_mode) == 0o700
