"""Every screen of runs opens on a link with class sizes, and says them in place of two knobs."""

from __future__ import annotations

from landscape_page import SCRIPT, go
from pages import open_page
from streamlit.testing.v1 import AppTest


def test_class_sizes_stand_in_place_of_two_knobs():
    link = {"class_sizes": "6,4,2", "dimension": "2", "steps": "10", "pin": "class_sizes:3.2,steps:10"}
    page = open_page(AppTest.from_file(str(SCRIPT), default_timeout=180), **link)
    assert "Class sizes 6, 4, 2, from the link" in [caption.value for caption in page.sidebar.caption]
    assert [slider.key for slider in page.sidebar.slider] == ["dimension"]
    assert dict(page.query_params) == link
    go(page, "theory")
    assert page.session_state["lab"].config.sizes == (6, 4, 2)
    go(page, "landscape")  # a saddle has classes of one size
    assert page.session_state["lab"].config.class_sizes == ()
    assert page.session_state["lab"].config.saddle is not None
    go(page, "playground")
    assert page.session_state["lab"].config.sizes == (6, 4, 2)
