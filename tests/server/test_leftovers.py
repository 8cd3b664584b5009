"""No full collection after each run of the script, however the page is started; what is left is collected later."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from app.server.leftovers import IDLE_SECONDS, LATEST_SECONDS, Leftovers

MAIN = Path(__file__).parents[2] / "app" / "main.py"
SAY = "print([config.get_option(name) for name in ('runner.postScriptGC', 'client.showErrorDetails')])"
BY_STREAMLIT = f"""
import sys
from streamlit import config
from streamlit.web import bootstrap, cli
bootstrap.run_asgi_app = lambda *_: {SAY}
sys.argv = ["streamlit", "run", {str(MAIN)!r}]
cli.main()
"""
BY_ANOTHER_SERVER = f"""
import sys
sys.path.insert(0, {str(MAIN.parents[1])!r})
from streamlit import config
from app import main
{SAY}
"""


@pytest.mark.parametrize("start", [BY_STREAMLIT, BY_ANOTHER_SERVER], ids=["streamlit run", "uvicorn app.main:app"])
def test_from_whatever_folder_the_page_is_started_its_own_settings_hold(start, tmp_path):
    said = subprocess.run([sys.executable, "-c", start], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert said.stdout.strip() == "[False, 'none']", said.stderr


def test_leftovers_are_due_once_after_a_pause():
    some = Leftovers()
    some.turned(10.0)
    some.turned(10.9)
    assert not some.begin_if_due(11.0)
    assert some.begin_if_due(10.9 + IDLE_SECONDS)
    assert not some.begin_if_due(10.9 + IDLE_SECONDS + 0.9 * LATEST_SECONDS)


@pytest.mark.parametrize("turns", [True, False], ids=["where visitors never pause", "where all have left"])
def test_leftovers_are_due_once_a_minute(turns):
    some = Leftovers()
    due = []
    for now in (float(i) / 2 for i in range(1, 1000)):
        if turns:
            some.turned(now)
        if some.begin_if_due(now):
            due.append(now)
    assert [later - earlier for earlier, later in pairwise(due)] == [LATEST_SECONDS] * 7
