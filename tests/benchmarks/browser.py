"""Measures what a person waits for, in a real Chromium, as ratios within one run: `python -m tests.benchmarks.browser`.

A frame of the player against Plotly's own animation of the same scene; a first film on a cold page against a bare
Streamlit page with one Plotly chart; a knob turn with a new run against one whose film is known, and that turn beside
two visitors who run a million steps each against the same alone. `--frames` measures the frames alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from playwright.sync_api import Browser, Page, sync_playwright

from app.player.modules import joined
from app.player.offline import offline_html
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import Film, build_film

ROOT = Path(__file__).parents[2]
CHROMIUM = ["--no-sandbox", "--enable-unsafe-swiftshader"]
"""Chromium's own choice else: it uses a card where there is one, and where there is none draws scenes by software."""
BARE_PAGE = """
import numpy as np, plotly.graph_objects as go, streamlit as st
x, y, z = np.random.default_rng(0).standard_normal((3, 120))
st.plotly_chart(go.Figure(go.Scatter3d(x=x, y=y, z=z, mode="markers")))
"""
SCENES = (
    RunConfig(),
    RunConfig(classes=10, dimension=9, per_class=20),
    RunConfig(classes=20, per_class=200, learning_rate=0.01, steps=20_000, snapshots=60),
)
"""The runs whose films are played. The last has 4,000 samples, and frames so few that all of them are drawn."""
OURS = {
    "a picture of the first film": "document.querySelector('.fp-picture')?.getBoundingClientRect().height > 0",
    "the first film, moving": "Number(document.querySelector('[data-testid=film-player]')?.dataset.frame) > 0",
    "the first film on a whole page": "document.querySelector('.stMain [data-testid=film-player][data-frame]')"
    " && document.querySelector('.stSidebar input[type=range]')",
}
"""States of a first visit to the lab, each with the JavaScript that says that it has come."""
NO_DRAWING = """for (const name of ["drawArrays", "drawElements", "readPixels", "clear", "finish"])
  for (const Kind of [WebGLRenderingContext, WebGL2RenderingContext]) Kind.prototype[name] = () => {};"""
"""A script that keeps WebGL from drawing: a processor that plays graphics card would be timed along, and here only the
script counts.
"""
SIXTY_A_SECOND = """const now = performance.now.bind(performance);
performance.now = () => window.moment ?? now();"""
"""A clock that only PLAY moves: what the player does some times a second comes as often as at 60 frames a second, also
where a machine draws few.
"""
PREPARE_OURS = """() => {
  window.draw = {
    ours: (i) => {
      Object.assign(player.clock, { playing: true, position: (3 * i) % player.clock.frames });
      player.render();
    },
  };
}"""
PREPARE_PLOTLY = """async () => {
  const host = window.player.parts.plot, other = document.body.appendChild(document.createElement("div"));
  other.style.cssText = `position:fixed;left:0;top:0;width:${host.clientWidth}px;height:${host.clientHeight}px`;
  await Plotly.newPlot(other, structuredClone(host.data), structuredClone(host.layout));
  const frames = Array.from({ length: 31 }, (_, i) => ({
    data: host.data.map(({ x, y, z }) => ({ x: x.map((v) => v * (1 - i / 1000)), y, z })),
  }));
  const how = { mode: "immediate", transition: { duration: 0 }, frame: { duration: 0, redraw: true } };
  window.draw.plotly = (i) => Plotly.animate(other, frames[i], how);
}"""
PLAY = """([who, frames]) => new Promise((done, failed) => {
  let i = 0;
  const next = async () => {
    if (i === frames) return done();
    window.moment = (window.moment ?? performance.now()) + 1000 / 60;
    await window.draw[who](i);
    i += 1;
    requestAnimationFrame(() => next().catch(failed));
  };
  requestAnimationFrame(() => next().catch(failed));
})"""


def with_player_named(films: Sequence[Film]) -> str:
    """Returns the offline page of films, whose player scripts of ours reach as `window.player`."""

    def named(entry: str) -> str:
        return joined(entry).replace("const player = new FilmPlayer(", "const player = window.player = new FilmPlayer(")

    with patch("app.player.player.joined", named):
        return offline_html([film.to_bytes() for film in films], films[0].header["title"])


class Work(NamedTuple):
    """Milliseconds of a processor that the page's main thread takes for a frame, as the browser itself counts them."""

    script: float
    all: float
    """Scripts, and what comes of them: styles, layout, painting."""


def frame_cost(browser: Browser, *configs: RunConfig) -> tuple[Work, Work]:
    """Measures the work for a frame of films side by side: the player's, and that of Plotly.animate on their traces."""
    html = with_player_named([build_film(simulate(config)) for config in configs])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.html"
        path.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
        page.add_init_script(NO_DRAWING + SIXTY_A_SECOND)
        page.goto(path.as_uri())
        page.wait_for_selector("[data-testid=film-player][data-digest]")
        page.evaluate(PREPARE_OURS)
        looks = [work(page, "ours") for _ in range(7)]
        ours = Work(*(statistics.median(figures) for figures in zip(*looks, strict=True)))
        page.evaluate(PREPARE_PLOTLY)
        costs = ours, work(page, "plotly")
        page.close()
    return costs


def work(page: Page, who: str, frames: int = 28) -> Work:
    """Measures frames that follow each other, once some have been drawn."""
    counter = page.context.new_cdp_session(page)
    counter.send("Performance.enable", {"timeDomain": "threadTicks"})

    def counted() -> list[float]:
        metrics = {metric["name"]: metric["value"] for metric in counter.send("Performance.getMetrics")["metrics"]}
        return [metrics["ScriptDuration"], metrics["TaskDuration"]]

    page.evaluate(PLAY, [who, 3])
    before = counted()
    page.evaluate(PLAY, [who, frames])
    return Work(*((now - then) / frames * 1e3 for now, then in zip(counted(), before, strict=True)))


@contextmanager
def served(script: Path, port: int) -> Iterator[tuple[str, int]]:
    """Serves one script with Streamlit until the block ends, and yields its address and its process."""
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", "--server.headless=true"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://localhost:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.25)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait()


def first_visit(browser: Browser, address: str, moments: dict[str, str]) -> dict[str, float]:
    """Measures the seconds from an empty browser cache to each of some states of the page, in the order in which they
    come.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True)
    page = context.new_page()
    begun, seconds = time.perf_counter(), {}
    page.goto(address, wait_until="commit")
    for name, state in moments.items():
        page.wait_for_function(state, polling=20, timeout=60_000)
        seconds[name] = time.perf_counter() - begun
    context.close()
    return seconds


def knob_turn(page: Page, key: str) -> float:
    """Measures the seconds from a key on the slider of classes to another film on stage."""
    digest = "document.querySelector('[data-testid=film-player]').dataset.digest"
    before = page.evaluate(digest)
    page.get_by_role("slider", name="Classes K").focus()
    begun = time.perf_counter()
    page.keyboard.press(key)
    page.wait_for_function(f"before => {digest} !== before", arg=before, polling=10, timeout=60_000)
    return time.perf_counter() - begun


def crowd(browser: Browser, address: str) -> None:
    """Has two more visitors start a run of a million steps each, and closes their pages: their browsers are not to be
    measured, and the server goes on for twenty seconds.
    """
    for seed in range(2):
        page = browser.new_page(reduced_motion="reduce")
        page.add_init_script(NO_DRAWING)
        page.goto(f"{address}?classes=10&dimension=16&per_class=200&learning_rate=0.001&steps=1000000&seed={seed}")
        page.get_by_role("button", name="Cancel").wait_for()
        page.close()


def cpu_seconds(process: int) -> float:
    """Returns the processor time that a process has taken, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row(words: str, ours: float, other: float, unit: str) -> None:
    print(f"| {words} | {ours:.3g} {unit} | {other:.3g} {unit} | {ours / other:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.browser")
    parser.add_argument("--frames", action="store_true", help="measure the work for a frame and nothing else")
    given = parser.parse_args()
    scene = "document.querySelector('.js-plotly-plot .gl-container canvas') !== null"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"The machine's load at the beginning: {load} on {os.cpu_count()} cores.\n")
        print("| in Chromium with software WebGL | ours | against | ratio |\n|---|---:|---:|---:|")
        for config in SCENES:
            ours, plotly = frame_cost(browser, config)
            shape = (config.classes, config.dimension, config.per_class)
            words = f"work for a frame at {shape}, of it {ours.script:.1f} ms script, against Plotly.animate"
            row(words, ours.all, plotly.all, "ms")
        one, _ = frame_cost(browser, RunConfig())
        for count in (2, 4):
            ours, _ = frame_cost(browser, *(RunConfig(seed=seed) for seed in range(count)))
            words = (
                f"work for a frame of {count} films, of it {ours.script:.1f} ms script, against {one.script:.1f} of one"
            )
            row(words, ours.all, one.all, "ms")
        if given.frames:
            return
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE_PAGE)
        with served(bare, 8731) as (theirs, _), served(ROOT / "app" / "main.py", 8732) as (lab, server):
            time.sleep(10)  # both have started whatever they start in the background
            visits = [(first_visit(browser, lab, OURS), first_visit(browser, theirs, {"": scene})) for _ in range(5)]
            other = statistics.median(bare[""] for _, bare in visits)
            for name in OURS:
                row(
                    f"{name}, against a bare page with one chart",
                    statistics.median(v[name] for v, _ in visits),
                    other,
                    "s",
                )
            page = browser.new_page(viewport={"width": 1280, "height": 720}, reduced_motion="reduce", bypass_csp=True)
            page.goto(lab)
            page.wait_for_function(scene)
            fresh = [knob_turn(page, "ArrowRight") for _ in range(8)]
            known = [knob_turn(page, "ArrowLeft") for _ in range(8)]
            ours, other = statistics.median(fresh), statistics.median(known)
            row("a knob turn, against one whose film is known", ours, other, "s")
            crowd(browser, lab)
            begun, before = time.perf_counter(), cpu_seconds(server)
            beside = statistics.median(knob_turn(page, "ArrowRight") for _ in range(8))
            busy = (cpu_seconds(server) - before) / (time.perf_counter() - begun)
            row(
                f"the same beside two runs of a million steps ({busy:.1f} cores busy), against alone", beside, ours, "s"
            )
        browser.close()


if __name__ == "__main__":
    main()
