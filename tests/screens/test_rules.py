"""The Rules screen: four runs of one start, their films side by side, and the table of what came of them."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from pages import claims_in, link_of, mounted, open_page, refusals, sound, texts, without_terms
from streamlit.testing.v1 import AppTest

from app.blocks.film_stage import _offline
from app.jobs.films import GONE, published
from app.jobs.siblings import ends_of, merging
from app.page.link import read_link
from app.page.runs import RunState
from app.page.siblings import SEATS, SIBLINGS_PAGE, names_of, runs_of, sizes_of
from app.page.state import PageState
from app.views.merging import Merging, marks_on, merging_words
from app.views.siblings import SIBLINGS
from app.views.siblings_presets import SIBLINGS_PRESETS
from app.views.siblings_table import sentences, siblings_table
from ulpm_core import RunConfig, simulate
from ulpm_core.analysis.measure import measured
from ulpm_core.analysis.minority import threshold
from ulpm_core.claims.making import claim_of
from ulpm_core.model.objective import Objective

LABELS = [SIBLINGS[name].label for name in SEATS.values()]
TINY = {"classes": "3", "dimension": "2", "per_class": "4", "steps": "200"}


def rules():
    from app.screens.rules.rules import rules_screen

    rules_screen()


def opened(**link: str) -> AppTest:
    return open_page(AppTest.from_function(rules, default_timeout=180), **link)


def lab_of(page: AppTest) -> RunState:
    lab: RunState = page.session_state["siblings"]
    return lab


def films(page: AppTest) -> list[dict[str, str]]:
    (player,) = mounted(page, "film_player")
    shown: list[dict[str, str]] = json.loads(player.json)["films"]
    return shown


def rows(page: AppTest) -> dict[str, list[str]]:
    """The cells of the table by the heading of their row."""
    (body,) = (e.proto.body for e in page.get("html") if "lab-table" in e.proto.body)
    found = re.findall(r"<tr><th scope=.row.>(.*?)</th>(.*?)</tr>", without_terms(body))
    return {name: re.findall("<td[^>]*>(.*?)</td>", rest) for name, rest in found}


def test_four_films_of_one_start_stand_side_by_side_under_the_names_of_their_rules():
    page = opened(**TINY)
    assert link_of(page) == TINY
    shown, runs = films(page), runs_of(lab_of(page))
    assert [film["name"] for film in shown] == [SIBLINGS[name].label for name in SEATS.values()]
    for film, run in zip(shown, runs, strict=True):
        assert film["address"].startswith(f"lab/film/{run.digest[:16]}")
    starts = {(run.seed, run.classes, run.dimension, run.per_class, run.initial_scale) for run in runs}
    assert len(starts) == 1
    assert len({run.digest for run in runs}) == 4


def test_another_rule_and_its_parameter_come_into_the_link_and_on_stage():
    page = opened(**TINY, d="squared-error")
    (choice,) = (box for box in page.selectbox if box.key == "a")
    sound(choice.set_value("momentum").run())
    (decay,) = (slider for slider in page.select_slider if slider.key == "decay")
    sound(decay.set_value("0.1").run())
    assert link_of(page) == TINY | {"a": "momentum", "d": "squared-error", "decay": "0.1"}
    runs = runs_of(lab_of(page))
    assert (runs[0].method, runs[1].weight_decay, runs[3].loss) == ("momentum", 0.1, "squared-error")
    assert films(page)[0]["name"] == "Momentum"
    assert "smoothing" not in {slider.key for slider in page.select_slider}  # no rule on stage has one


def test_the_ratio_makes_sizes_and_is_no_larger_than_n_allows():
    page = opened(**TINY | {"per_class": "30"}, ratio="300")
    assert sizes_of(lab_of(page)) == (1, 2, 30, 1)
    assert {run.class_sizes for run in runs_of(lab_of(page))} == {(30, 1, 1)}
    (slider,) = (slider for slider in page.select_slider if slider.key == "ratio")
    assert (slider.value, slider.options[-1]) == ("30", "30")
    assert "R = 30 is past the threshold of weight decay" in " ".join(
        without_terms(e.proto.body) for e in page.get("html")
    )


def test_the_table_has_the_numbers_of_these_runs():
    page = opened(**TINY | {"per_class": "6", "steps": "3000"}, ratio="3", d="squared-error")
    table = rows(page)
    assert [name[0] for name in table] == ["A", "B", "C", "D"]
    run = simulate(runs_of(lab_of(page))[1])
    cells = table["B Weight decay"]
    assert cells[3] == f"{run.q_min[-1]:.3g} of {run.q_min[-1]:.3g}"
    assert cells[4].split(" of ")[0] == f"{run.value[-1]:.3g}"
    assert cells[5] == "yes" and run.certificate[-1] <= 1e-9
    assert cells[7].split(" of ")[0] == f"{run.minority_cosine[-1]:.3g}".replace("-", "−")
    assert table["A ULPM"][3].endswith(" of ∞")
    assert table["A ULPM"][5] == "not known"


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"a": "no-such-rule"}, "a = no-such-rule is not a known choice"),
        ({"ratio": "1e9"}, "ratio = 1e9 is not a known choice"),
        ({"decay": "<script>"}, "decay = &lt;script&gt; is not a known choice"),
        ({"weight_decay": "0.1"}, "weight_decay = 0.1 is not a key of this link"),
        ({"per_class": "5000"}, "per_class = 5000 is out of range"),
    ],
)
def test_what_a_link_asks_for_and_no_page_has_is_refused_in_a_sentence_and_the_page_stands(link, words):
    page = opened(**TINY | link)
    (said,) = refusals(page)
    assert words in said
    assert len(films(page)) == 4


def test_runs_for_which_nobody_would_wait_are_refused_and_the_last_films_stay():
    page = opened(**TINY)
    before = films(page)
    for key, value in (("siblings-classes", 20), ("siblings-per_class", 1000), ("siblings-steps", 1_000_000)):
        (slider,) = (each for each in [*page.slider, *page.select_slider] if each.key == key)
        slider.set_value(value)
    sound(page.run())
    assert refusals(page)
    assert films(page) == before


def test_a_talk_has_the_films_alone():
    page = opened(**TINY, talk="1")
    assert len(films(page)) == 4
    assert not page.selectbox and not texts(page, "lab-glance")


def test_presets_are_links_and_their_words_hold():
    for preset in SIBLINGS_PRESETS:
        state = PageState(preset.config, choices=preset.choices)
        assert read_link(SIBLINGS_PAGE, state.to_link()) == (state, [])
        runs = runs_of(state)
        merged = [t.past for run in runs[1:3] if (t := threshold(Objective.of(run))) is not None]
        assert merged == {"Just below collapse": [False, False], "Just past collapse": [True, True]}.get(
            preset.name, []
        )


def test_every_rule_is_one_that_a_run_can_have():
    state = PageState(RunConfig())
    for name, sibling in SIBLINGS.items():
        chosen = PageState(state.config, choices={"a": name})
        assert names_of(chosen)[0] == name
        run = runs_of(chosen)[0]
        assert SIBLINGS_PAGE.refuse_beyond(run, SIBLINGS_PAGE.seconds) is None
        assert set(sibling.parameters) <= set(SIBLINGS_PAGE.choices)


def test_small_classes_merge_where_the_core_says():
    at = merging((2, 2, 30, 2), 1.5, 2.0)
    for ratio, fate in ((13, False), (14, True)):  # 30 / 2.25 = 13.3
        assert (ratio >= at.decayed) is fate
    config = RunConfig(class_sizes=(30, 30, 2, 2), norm_bound_w=2.0, norm_bound_h=2.0)
    found = threshold(Objective.of(config))
    assert found is not None and at.bounded == pytest.approx(found.at)
    assert all(map(math.isnan, merging((3, 1, 30, 3), 1.0, 2.0)))


def test_only_rules_on_stage_that_merge_classes_are_told_of():
    merging = Merging(13.3, 9.14)
    said = [
        without_terms(merging_words(merging.by_rule(names, "1.5", "1.5"), ratio))
        for names, ratio in ((["weight-decay", "norm-bound"], 10.0), (["norm-bound"], 1.0), (["ulpm", "adam"], 10.0))
    ]
    assert said == [
        "<p>Small classes merge under weight decay 1.5 from R = 13.3 on and under norm balls 1.5 from R = 9.14 on."
        " R = 10 is past the threshold of norm balls 1.5. Without decay or bounds they never merge exactly.</p>",
        "<p>Small classes merge under norm balls 1.5 from R = 9.14 on.</p>",
        "",
    ]
    assert Merging(math.nan, math.nan).by_rule(["norm-bound"], "1", "1") == {}


def test_the_slider_is_marked_where_classes_merge():
    ladder = ["1", "10", "100"]
    marks = marks_on(ladder, {"weight decay 1": 10.0, "norm balls 2": 10**1.5, "weight decay 9": 1000.0})
    assert re.findall(r'<i style="left: (.*?)%">', marks) == ["50.00", "75.00"]
    assert re.findall(r"<span.*?>(.*?)</span>", marks) == ["weight decay 1: 10", "norm balls 2: 31.6"]
    assert marks_on(ladder, {"weight decay 9": 1000.0}) == marks_on(["1"], {"norm balls 2": 1.0}) == ""
    page = opened(**TINY | {"per_class": "100", "ratio": "10"})
    (shown,) = (e.proto.body for e in page.get("html") if "lab-on-ladder" in e.proto.body)
    assert "weight decay 1: 100" in shown


def test_the_ends_of_runs_are_found_once_for_all_who_ask():
    runs = runs_of(PageState(RunConfig(classes=3, dimension=2, per_class=4, steps=50)))
    one, other = (ends_of(runs) for _ in range(2))
    assert one.key == other.key
    assert one.key != ends_of(runs[:3]).key


def test_films_that_take_long_come_in_their_order_and_stay_as_far_as_they_came():
    """Nothing stands in the place of a film that has not begun: its letter is another's."""
    page = opened(**TINY)
    runs, seen = runs_of(lab_of(page)), page.session_state["visit"]
    known = seen.own_film
    page.session_state["visit"].own_film = lambda run: None if run == runs[2] else known(run)
    page.session_state["siblings-films"] = ([], [])
    sound(page.run())
    assert [film["name"] for film in films(page)] == ["ULPM", "Weight decay"]


def test_the_four_films_are_downloaded_as_one_file():
    page = opened(**TINY)
    film, curves = page.get("download_button")
    assert (film.proto.label, curves.proto.label) == ("Download film", "Curves as CSV")
    assert not film.proto.disabled and not curves.proto.disabled
    kept = [published(film["address"].rpartition("/")[2]) for film in films(page)]
    assert all(kept)
    assert '["ULPM", "Weight decay"' in unescape(_offline([each.ref for each in kept if each], list(LABELS)))


def test_a_file_that_the_server_let_go_of_says_so():
    page = opened(**TINY)
    (first, *_) = (published(film["address"].rpartition("/")[2]) for film in films(page))
    assert first is not None
    assert GONE in _offline([replace(first.ref, key="0-0"), first.ref], list(LABELS))


def test_the_table_claims_a_shape_only_where_it_fits():
    names = ["ulpm", "weight-decay", "squared-error"]

    def said(dimension: int, uneven: bool) -> list[list[str]]:
        body = without_terms(siblings_table(names, None, RunConfig(classes=4, dimension=dimension), uneven))
        return [
            re.findall("<td[^>]*>(.*?)</td>", row)[:2] for row in re.findall("<tr><th scope=.row.>(.*?)</tr>", body)
        ]

    exact, tight, small, uneven = said(4, False), said(3, False), said(2, False), said(4, True)
    assert [row[0] for row in exact] == [SIBLINGS[name].shape for name in names]
    assert (
        tight[:2] == exact[:2] and "no room in d = 3" in tight[2][0]
    )  # right angles need as many dimensions as classes
    assert all("no room in d = 2" in row[0] for row in small)
    assert [row[0] for row in uneven] == [SIBLINGS[name].uneven for name in names]
    assert (
        [row[1] for row in small] == [row[1] for row in uneven] == ["none: margins grow like log t", "finite", "finite"]
    )


def test_rules_of_which_none_merges_classes_have_their_table_too():
    page = opened(**TINY, b="adam", c="sign-descent", d="spectral-descent")
    found = rows(page)
    assert "…" not in str(found)
    assert [name.split(" ", 1)[1] for name in found] == ["ULPM", "Adam", "Sign descent", "Spectral descent"]
    assert [cells[-1] for cells in found.values()][1:] == ["–"] * 3  # no film of theirs draws an ideal
    assert not any("Small classes merge" in element.proto.body for element in page.get("html"))


def test_of_sizes_that_differ_no_sentence_promises_a_simplex():
    said = without_terms(sentences([*SEATS.values()][:3], uneven=True))
    assert "simplex" not in said
    assert said.count("threshold") == 2
    assert without_terms(sentences([*SEATS.values()][:3], uneven=False)).count("simplex") == 3
    table = without_terms(siblings_table(["squared-error"], None, RunConfig(classes=4, dimension=3), uneven=True))
    assert "as far as d = 3 has room" in table


def test_figures_of_the_table_are_claims_of_their_films():
    page = opened(**TINY | {"ratio": "2"})
    (body,) = (e.proto.body for e in page.get("html") if "lab-table" in e.proto.body)
    claims, runs = claims_in(body), runs_of(lab_of(page))
    names = [
        (run, name)
        for run in runs
        for name in (
            "q_min",
            "value" if any(run.decays) else "loss",
            "certificate",
            "distance_to_ideal",
            "minority_cosine",
        )
    ]
    ended = {run.digest: simulate(run) for run in runs}
    known = [(run, name) for run, name in names if np.isfinite(_value(ended[run.digest], name))]
    assert [(claim.digest, claim.name) for claim in claims] == [(run.digest, name) for run, name in known]
    for claim in claims:
        made = claim_of(ended[claim.digest], claim.name)
        assert claim.value == pytest.approx(made.value, rel=1e-9, abs=10 * made.floor)
        assert replace(claim, value=made.value, digits=made.digits, interval=made.interval) == made


def _value(run, name: str) -> float:
    if name == "certificate" and run.rule == "ulpm":
        return np.nan  # its table says that of no such run: the optimum is a direction
    found = measured(run).metrics
    return float((found[name] if name in found else getattr(run, name))[-1])
