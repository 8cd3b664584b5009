"""Which rates are stable is found once for a run, off the page's thread, and said when it is known."""

from __future__ import annotations

import threading

import pytest
from pages import open_page
from streamlit.testing.v1 import AppTest

from app.jobs import question, stability
from app.jobs.question import Asked
from app.page.runs import RUNS
from ulpm_core import RunConfig

BOUNDS = {"norm_bound_w": 1.0, "norm_bound_h": 1.0}
SET = threading.Event()
SET.set()
RATES = RUNS.knobs["learning_rate"].ladder


def test_the_stability_limit_ignores_learning_rate_length_and_snapshots():
    limit = stability.stability_limit_of(RunConfig())
    assert 0.0 < limit < 100.0
    for change in ({"learning_rate": 20.0}, {"steps": 77}, {"snapshots": 10}):
        assert stability.stability_limit_of(RunConfig().with_changes(**change)) == limit
    assert stability.stability_limit_of(RunConfig(seed=5)) != limit


def test_it_is_found_once_whatever_the_rate_of_the_run_and_by_another_thread(monkeypatch):
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    by = []
    limit_of = stability.stability_limit_of
    monkeypatch.setattr(stability, "stability_limit_of", lambda c: by.append(threading.current_thread()) or limit_of(c))
    config = RunConfig(classes=3, dimension=2, per_class=7, steps=40)
    found = Asked().ask(stability.stability(config, RATES), patient=True)
    assert stability.stability(config.with_changes(learning_rate=5.0), RATES[::-1]).known is found
    assert found.limit == limit_of(config)
    assert found.largest in RATES
    assert by and threading.current_thread() not in by


@pytest.mark.parametrize(
    ("given", "largest"),
    [({}, 0.2), (BOUNDS, 1.0), ({"norm_bound_w": 1.0}, 0.1), ({"loss": "squared-error", **BOUNDS}, 0.05)],
)
def test_within_bounds_a_rate_is_stable_only_if_its_steps_settle(monkeypatch, given, largest):
    """No step leaves the bounds, so no rate diverges: beyond these the loss leaps to and fro for ever."""
    monkeypatch.setattr(stability.runs, "WARM", SET)
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    assert Asked().ask(stability.stability(RunConfig(**given), RATES), patient=True).largest == largest


def _playground():
    from app.page.run_widgets import say_what_is_late
    from app.screens.playground import playground_screen

    playground_screen()
    say_what_is_late()


def test_a_page_that_does_not_wait_for_it_says_it_in_the_end(monkeypatch):
    go, stability_limit = threading.Event(), stability.stability_limit
    monkeypatch.setattr(stability, "stability_limit", lambda *asked: (go.wait(60.0), stability_limit(*asked))[1])
    monkeypatch.setattr(question, "AT_ONCE", 60.0)
    threading.Timer(0.5, go.set).start()
    page = open_page(AppTest.from_function(_playground, default_timeout=180), seed="5", per_class="3", steps="10")
    assert any(c.value.startswith("Largest stable: **") for c in page.sidebar.get("caption"))
    assert "late" not in page.session_state
