"""The worked example of a recorder in docs/command-line.md: run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from ulpm_core.files.recording import load_recording

NOTES = Path(__file__).parents[2] / "docs" / "command-line.md"


def test_the_recorder_example_runs_as_it_stands(tmp_path, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", NOTES.read_text(encoding="utf-8"), re.DOTALL)
    (example,) = (block for block in blocks if "CollapseRecorder" in block)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(NOTES), "exec"), {})
    recording = load_recording("net.npz")
    assert len(recording) == 50
    assert recording.train_accuracy[-1] > 0.9
    assert recording.metrics["nc1_trace_ratio"][-1] < recording.metrics["nc1_trace_ratio"][0]
