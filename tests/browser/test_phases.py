"""Phase pictures in a browser: one is made while a person watches, and a click on a square opens its film."""

from __future__ import annotations

import pytest

from app.jobs import phases
from app.views.phase_pictures import PICTURES
from ulpm_core import RunConfig

pytestmark = pytest.mark.browser

MADE = "document.querySelector('.cf-plot').data[0].z.flat().filter((value) => value !== null).length"
PLACE = """([column, row]) => {
  const plot = document.querySelector('.cf-plot'), { xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(column), box.top + yaxis._offset + yaxis.d2p(row)];
}"""


def test_a_picture_grows_while_one_watches_and_a_click_opens_the_film_of_a_square(tab):
    run = RunConfig(classes=3, dimension=2, per_class=2, seed=11)
    tab.open(**run.to_link()).page.get_by_role("link", name="Phases").click()
    tab.page.wait_for_selector("[data-testid=figure][data-drawn=true]")
    assert tab.evaluate(MADE) == 0
    tab.page.get_by_role("button", name="Make this picture").click()
    study = PICTURES["rates"].study(run)
    tab.page.wait_for_function(f"0 < {MADE} && {MADE} < {study.cells}")
    tab.page.wait_for_function(f"{MADE} === {study.cells}")
    tab.page.get_by_text(f"Of {study.cells} runs:").wait_for()
    column, row = 10, 3
    for _ in range(20):  # a click on a figure that is just drawn anew for the last time may go by
        if "/phases" not in tab.page.url:
            break
        tab.page.mouse.click(*tab.evaluate(PLACE, [column, row]))
        tab.page.wait_for_timeout(3000)
    tab.shows(phases.run_of(study, column * study.shape[1] + row).digest)
    assert "/phases" not in tab.page.url and "learning_rate" not in tab.page.url  # 0.1 is the usual one
    assert "initial_scale=0.01" in tab.page.url
