"""Figures for papers from the page, as a person makes them and keeps them as files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from pypdf import PdfReader

from ulpm_core import RunConfig, simulate

pytestmark = pytest.mark.browser
RUN = RunConfig(classes=3, dimension=2, per_class=4, steps=200, seed=5)


def test_a_figure_is_made_looked_at_and_kept_with_its_numbers(tab_of):
    tab = tab_of(accept_downloads=True)
    page = tab.open(**RUN.to_link()).shows(RUN.digest).page
    page.get_by_text("Figure for a paper").click()
    page.get_by_role("button", name="Make the figure").click()
    picture = page.get_by_role("img", name="Metrics of 3 classes in 2 dimensions")
    picture.wait_for()
    shown = picture.evaluate("img => img.decode().then(() => [img.naturalWidth, img.getBoundingClientRect().width])")
    assert shown[0] == 1984 and shown[1] == pytest.approx(84 / 25.4 * 96, abs=1)  # 84 mm at 600 dots an inch
    with page.expect_download() as pdf:
        page.get_by_role("button", name="PDF").click()
    (sheet,) = PdfReader(pdf.value.path()).pages
    assert pdf.value.suggested_filename.endswith("-curves.pdf") and "clusters tighten" in sheet.extract_text()
    with page.expect_download() as table:
        page.get_by_role("button", name="Curves as CSV").click()
    head, *rows = csv.reader(Path(table.value.path()).read_text(encoding="utf-8").splitlines())
    read = [float(row[head.index("nc1_trace_ratio")]) for row in rows]
    assert read == pytest.approx(simulate(RUN).nc1_trace_ratio.tolist(), rel=1e-12)
