"""Every command that the README and docs/ write is one that the lab knows, option by option."""

from __future__ import annotations

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import pytest

from app import __main__ as app
from ulpm_core import cli
from ulpm_core.terminal import joined

ROOT = Path(__file__).parents[2]
NOTES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = re.compile(r"-m ((?:ulpm_core|app|tests)(?:\.\w+)*)([^`\n]*)")
WRITTEN = sorted({found for path in NOTES for found in COMMANDS.findall(path.read_text(encoding="utf-8"))})


def test_the_notes_write_commands():
    assert len(WRITTEN) > 20


@pytest.mark.parametrize(("module", "line"), WRITTEN)
def test_a_documented_command_is_known(module, line):
    words = shlex.split(line.partition(";")[0], comments=True)
    parser = (cli if module == "ulpm_core" else app).parser()
    if module not in ("ulpm_core", "app"):
        assert find_spec(module) is not None
    elif len(words) > 1:
        parser.parse_args(joined(words))
    else:  # named in a sentence
        assert not words or words[0] in parser.format_help()
