"""Draws the buttons that keep a phase picture: its runs as a table, and as a figure for a paper."""

from __future__ import annotations

import json

import streamlit as st

from app.blocks.paper_figures import Order, figures
from app.page.state import State
from app.paper.again import lines_of_sweep
from app.paper.phases import phases_plate
from app.paper.plates import Plate
from app.paper.provenance import Provenance
from app.paper.tables import as_csv
from app.views import saving
from app.views.phase_pictures import PICTURES
from ulpm_core.files.sweep import run_columns
from ulpm_core.studies.sweep import Sweep


def phase_files(lab: State, name: str, found: Sweep) -> None:
    """Draws the button that saves the runs of a picture as a table, as far as they are made, and the panel that makes a
    figure of it.
    """
    if lab.talk or not found.figures:
        return
    study, file = found.study, f"phases-{name}"
    with st.container(horizontal=True, key="actions"):
        st.download_button(
            saving.RUNS.label,
            data=lambda: as_csv(dict(run_columns(found))),
            file_name=f"{file}.csv",
            mime="text/csv",
            on_click="ignore",
            help=saving.RUNS.help,
        )

    def make() -> tuple[Plate, Provenance]:
        plate, said = phases_plate(found), json.loads(study.to_json())
        return plate, Provenance(PICTURES[name].label, plate.caption, lines_of_sweep(study), [said], [study.digest])

    key = f"{study.digest} {sorted(found.outcomes.items())}"
    figures(lab, ["phases"], lambda show: Order(study.digest, key, make), file)
