"""figure.js: a figure in the page's colours."""

from __future__ import annotations

from tests.javascript import run_node

THEME = {"text": "rgb(1, 2, 3)", "accent": "rgba(4, 5, 6, 1)", "ground": "white", "muted": "grey", "font": "serif"}


def test_names_of_colours_become_the_pages(tmp_path):
    code = 'say(["@text", "@accent/0.3", "@nobody", "red", 7, null].map((value) => painted(value, given.theme)));'
    (said,) = run_node(tmp_path, code, "figure/figure.js", theme=THEME)
    assert said == ["rgb(1, 2, 3)", "rgba(4, 5, 6, 0.3)", "@nobody", "red", 7, None]


def test_a_phone_lays_its_own_layout_over_the_other_and_the_size_over_both(tmp_path):
    code = """
    const spec = { layout: { margin: 1, height: 5, title: "a" }, narrow: { margin: 2 } };
    say([300, 900].map((width) => layoutOf(spec, given.theme, { width, height: 400 })));
    """
    (said,) = run_node(tmp_path, code, "figure/figure.js", theme=THEME)
    assert [(layout["margin"], layout["height"], layout["title"]) for layout in said] == [(2, 400, "a"), (1, 400, "a")]
    assert {layout["uirevision"] for layout in said} == {"kept"}
