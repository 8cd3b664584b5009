"""The playground: turn a knob and watch the whole collapse."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app.blocks.draft import add_as_scene
from app.blocks.film_stage import below_line, line_above, run_film
from app.blocks.presets import preset_of, preset_pills
from app.jobs.films import FilmRef
from app.page import session, sidebar
from app.page.difference import difference
from app.page.facts import GOES_ON_BY_FLOW
from app.page.runs import FAST_FORWARD_END, RUNS, RunState
from app.views import actions
from app.views.lines import film_sentences, paragraphs
from app.views.opening import ASKED_OF_ANY, care, disputed
from app.views.words import setting


def playground_screen() -> None:
    lab = session.restore(RUNS)
    sidebar.sidebar(RUNS, lab)
    add_as_scene(RUNS, lab)
    if lab.is_plain:
        preset_pills(RUNS)
    preset = preset_of(RUNS.presets, lab)
    watch = preset.watch if preset else setting(lab.config) if lab.controls is None else ASKED_OF_ANY
    line = st.empty()
    below_line(RUNS, lab)
    differs = [difference(RUNS, lab.pinned, lab.config)] if lab.pinned else []
    say = lambda film: paragraphs([*differs, *film_sentences(film.header)])  # noqa: E731
    show_line = lambda film: line.html(line_above(lab, watch, film))  # noqa: E731
    run_film(RUNS, lab, say, lambda own: _buttons(lab, own), pinned=lab.pinned, show_line=show_line)
    if lab.is_plain:
        st.html(disputed() * any(lab.config.decays) + care())


def _buttons(lab: RunState, own: FilmRef | None) -> None:
    """Draws the buttons that carry a run on, ten times as long, or from steps to the limit by gradient flow and back,
    and the one that pins it. None turns a knob that a teacher hid.
    """
    config = lab.config
    flow = config.method == "gradient-flow"
    ended = own is not None and own.header["outcome"] in ("diverged", "stalled")
    name = "log_time" if flow else "steps"
    length, parameter = getattr(config, name), RUNS.parameters[name]
    most = parameter.kind(parameter.high)
    if lab.offers(name):
        action = actions.CONTINUE
        action = action._replace(help=action.help.format(what=actions.AS_FAR[name], most=f"{most:,.10g}"))
        _change(lab, action, "continue", length >= most or ended, **{name: min(10 * length, most)})
    if not flow and lab.offers("fast_forward"):
        if config.fast_forward:
            _change(lab, actions.STEPS_ONLY, "steps-only", False, fast_forward=0.0)
        else:
            fits = GOES_ON_BY_FLOW(config)
            action = actions.FAST_FORWARD if fits else actions.FAST_FORWARD._replace(help=actions.NO_FLOW)
            _change(lab, action, "fast-forward", ended or not fits, fast_forward=FAST_FORWARD_END)
    if lab.pinned is None:
        beside = replace(lab, pinned=config)
        st.button(actions.PIN.label, key="pin", help=actions.PIN.help, on_click=session.put, args=(RUNS, beside))
    else:
        unpinned = replace(lab, pinned=None)
        st.button(actions.UNPIN.label, key="unpin", on_click=session.put, args=(RUNS, unpinned))


def _change(lab: RunState, action: actions.Action, key: str, disabled: bool, **values: float) -> None:
    """Draws a button that changes some values of the run."""
    args = (RUNS, lab)
    label, words = action
    st.button(label, key=key, help=words, on_click=session.change, args=args, kwargs=values, disabled=disabled)
