"""The playground: turn a knob and watch the whole collapse."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from app.blocks.film_stage import above, run_film
from app.blocks.presets import preset_of, preset_pills
from app.jobs.films import FilmRef
from app.page import session, sidebar
from app.page.difference import difference
from app.page.runs import FAST_FORWARD_END, RUNS, RunState, goes_on_by_flow
from app.views.lines import paragraphs
from app.views.words import setting

FAST_FORWARD_WORDS: Final = (
    "From the last state, gradient flow goes on to t = e^1,000 in log time: one film, the hand-over marked."
)
NO_FLOW: Final = "Gradient flow follows cross-entropy alone: for it take away the bounds, the decay or the other loss."


def playground_screen() -> None:
    lab = session.restore(RUNS)
    sidebar.sidebar(RUNS, lab)
    if lab.is_plain:
        preset_pills(RUNS)
    preset = preset_of(RUNS.presets, lab)
    watch = preset.watch if preset else setting(lab.config) if lab.controls is None else "Watch the run."
    above(RUNS, lab, watch)
    differs = [difference(RUNS, lab.pinned, lab.config)] if lab.pinned else []
    say = lambda film: paragraphs([*differs, *film.header["sentences"]])  # noqa: E731
    run_film(RUNS, lab, say, lambda own: _buttons(lab, own), pinned=lab.pinned)


def _buttons(lab: RunState, own: FilmRef | None) -> None:
    """Draws the buttons that carry a run on, ten times as long, or from steps to the limit by gradient flow and back,
    and the one that pins it. None turns a knob that a teacher hid.
    """
    config = lab.config
    flow = config.method == "gradient-flow"
    ended = own is not None and own.header["outcome"] in ("diverged", "stalled")
    name, what = ("log_time", "as far in log t") if flow else ("steps", "as many steps")
    length, parameter = getattr(config, name), RUNS.parameters[name]
    most = parameter.kind(parameter.high)
    if lab.offers(name):
        words = f"Ten times {what}, from the last state on; at most {most:,.10g}."
        _change(lab, "Continue 10×", "continue", words, length >= most or ended, **{name: min(10 * length, most)})
    if not flow and lab.offers("fast_forward"):
        if config.fast_forward:
            _change(lab, "Steps only", "steps-only", "Back to the steps alone.", False, fast_forward=0.0)
        else:
            fits = goes_on_by_flow(config)
            words = FAST_FORWARD_WORDS if fits else NO_FLOW
            _change(lab, "Fast-forward", "fast-forward", words, ended or not fits, fast_forward=FAST_FORWARD_END)
    if lab.pinned is None:
        words = "Keeps this run as A. Turn one knob, and both play on one clock, from the same start."
        beside = replace(lab, pinned=config)
        st.button("Pin as A", key="pin", help=words, on_click=session.put, args=(RUNS, beside))
    else:
        st.button("Unpin A", key="unpin", on_click=session.put, args=(RUNS, replace(lab, pinned=None)))


def _change(lab: RunState, label: str, key: str, words: str, disabled: bool, **values: float) -> None:
    """Draws a button that changes some values of the run."""
    args = (RUNS, lab)
    st.button(label, key=key, help=words, on_click=session.change, args=args, kwargs=values, disabled=disabled)
