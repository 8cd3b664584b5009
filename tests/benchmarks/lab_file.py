"""Measures the lab in one file as a person meets it, opened from disk in a real Chromium:
`python -m tests.benchmarks.lab_file`.

The first paint and the first film; a turned knob from its release to the first new frame; memory over many turned
knobs; and the same on a phone whose processor is four times slower.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from app.standalone.standalone import lab
from tests.benchmarks.browser import CHROMIUM

MIB = 2**20
SAMPLED_EVERY = 50
KEPT_FILMS = 6
"""As many as the page keeps: films of other sizes are gone before memory is looked at."""
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 720}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PHONE_SLOWER = 4
VARIED = {
    "classes": (2, 3, 4, 9, 16),
    "dimension": (2, 3, 8, 16),
    "per_class": (2, 30, 100),
    "method": ("gradient-descent", "momentum", "normalised-gradient-descent", "gradient-flow"),
}
WATCH = """
window.seen = { contexts: [], moving: 0, film: 0, made: 0, longest: 0 };
const { getContext } = HTMLCanvasElement.prototype;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  const context = getContext.call(this, kind, ...rest);
  const known = seen.contexts.some((each) => each.deref() === context);
  if (context && String(kind).startsWith("webgl") && !known) seen.contexts.push(new WeakRef(context));
  return context;
};
const { postMessage } = Worker.prototype, heard = new WeakSet();
Worker.prototype.postMessage = function (message, ...rest) {
  if (message.kind === "film") Object.assign(seen, { film: performance.now(), made: 0 });
  if (!heard.has(this)) {
    heard.add(this);
    this.addEventListener("message", ({ data, timeStamp }) => { if (data.kind === "done") seen.made = timeStamp; });
  }
  return postMessage.call(this, message, ...rest);
};
new MutationObserver(() => {
  const { frame } = document.querySelector(".fp")?.dataset ?? {};
  if (!seen.moving && Number(frame) > 0) seen.moving = performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-frame"] });
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
}).observe({ entryTypes: ["longtask"] });
"""
"""A script that runs before the page's own: it keeps the moments and the pictures that the table tells of."""
PAINT = """performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null"""
PLAYS = """new Promise((done) => {
  const look = () => (seen.moving > 0 ? done() : setTimeout(look, 20));
  look();
})"""
"""The page's policy forbids Playwright's own waiting for an expression."""
TURN_SEED = """(seed) => new Promise((done) => {
  const player = document.querySelector(".fp"), knob = document.querySelector("#lab-seed");
  const before = player.dataset.digest, released = performance.now(), times = {};
  const whole = () => {
    if (!("frame" in times) || player.dataset.partial !== "false") return;
    watch.disconnect();
    setTimeout(() => done({ ...times, engine: seen.made - seen.film }), 400);
  };
  const watch = new MutationObserver(() => {
    if (player.dataset.digest !== before && !("there" in times)) {
      times.there = performance.now() - released;
      requestAnimationFrame(() => setTimeout(() => {
        times.frame = performance.now() - released;
        whole();
      }));
    }
    whole();
  });
  watch.observe(player, { attributes: true });
  knob.value = seed;
  knob.dispatchEvent(new Event("change", { bubbles: true }));
})"""
"""Turns the knob of seeds; answers the milliseconds until the film is there and until its first frame has gone to the
screen, and those that the engine took for the whole film.
"""
TURN_MANY = """(link) => new Promise((done) => {
  const player = document.querySelector(".fp"), seed = `"seed":${/seed=(\\d+)/.exec(link)[1]}`;
  const there = ({ digest, partial }) => digest.includes(seed) && partial === "false";
  const watch = new MutationObserver(() => { if (there(player.dataset)) done(watch.disconnect()); });
  watch.observe(player, { attributes: true });
  location.hash = link;
})"""
PLAYED = """(ms) => new Promise((done) => {
  const player = document.querySelector(".fp"), begun = performance.now();
  let screen = 0, film = 0, last = player.dataset.frame;
  const next = (now) => {
    screen += 1;
    if (player.dataset.frame !== last) film += 1;
    last = player.dataset.frame;
    if (now - begun < ms) requestAnimationFrame(next);
    else done([1e3 * screen / (now - begun), 1e3 * film / (now - begun)]);
  };
  requestAnimationFrame(next);
})"""


@contextmanager
def opened(browser: Browser, path: Path, slower: float = 1, **options: Any) -> Iterator[Page]:
    """Opens the file in a fresh context, offline, on a processor so many times slower, until its film plays."""
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path.as_uri())
    page.evaluate(PLAYS)
    yield page
    context.close()


def row(words: str, figure: float, unit: str, beside: str = "") -> None:
    print(f"| {words} | {figure:.3g} {unit} | {beside} |", flush=True)


def first_film(browser: Browser, path: Path, times: int) -> None:
    """Measures the first paint and the first film, in fresh contexts after one that warms the disk's cache."""
    paints, films, turns = [], [], []
    for _ in range(1 + times):
        with opened(browser, path, **DESK) as page:
            paints.append(page.evaluate(PAINT))
            films.append(page.evaluate("seen.moving"))
            turns.append(page.evaluate(TURN_SEED, 99)["frame"])
    row("first paint from disk", statistics.median(paints[1:]), "ms", f"longest of {times}: {max(paints[1:]):.0f} ms")
    row("the film plays", statistics.median(films[1:]), "ms", f"longest: {max(films[1:]):.0f} ms")
    row("the first knob turn of a page", statistics.median(turns[1:]), "ms", f"longest: {max(turns[1:]):.0f} ms")


def turned(page: Page, times: int, words: str) -> None:
    """Measures a turned knob, once some have been turned."""
    for seed in range(1000, 1003):
        page.evaluate(TURN_SEED, seed)
    turns = [page.evaluate(TURN_SEED, seed) for seed in range(2000, 2000 + times)]
    frame, there, engine = (statistics.median(turn[name] for turn in turns) for name in ("frame", "there", "engine"))
    longest = max(turn["frame"] for turn in turns)
    beside = f"longest of {times}: {longest:.0f} ms; drawn after {there:.0f} ms; the engine's film {engine:.0f} ms"
    row(words, frame, "ms", beside)


def private_bytes(browser: Browser) -> int:
    """Returns the memory that the browser's pages hold for themselves, as the system counts it."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    kilobytes = 0
    for process in processes:
        if process["type"] == "renderer":
            said = Path(f"/proc/{process['id']}/smaps_rollup").read_text()
            kilobytes += sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB$", said, re.MULTILINE)))
    return kilobytes * 1024


def many_turns(browser: Browser, path: Path, turns: int) -> None:
    """Measures what stays in memory while knobs turn, each time with runs of one size on stage and kept."""
    chance = random.Random(16)
    with opened(browser, path, **DESK) as page:
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        for turn in range(turns + 1):
            knobs = {name: chance.choice(values) for name, values in VARIED.items()}
            link = "&".join(f"{name}={value}" for name, value in knobs.items())
            page.evaluate(TURN_MANY, f"seed={3000 + turn}&steps=1000&log_time=30&{link}")
            if turn % SAMPLED_EVERY == 0 or turn == turns:
                for seed in range(KEPT_FILMS):
                    page.evaluate(TURN_MANY, f"seed={9000 + 10 * turn + seed}&steps=1000")
                print(kept(browser, page, session, turn), flush=True)


def kept(browser: Browser, page: Page, session: Any, turn: int) -> str:
    for _ in range(2):  # what the first collection finds may have held more
        session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    contexts = page.evaluate("seen.contexts.filter((each) => each.deref()).length")
    attached = page.evaluate("document.querySelectorAll('*').length")
    heap, buffers = usage["usedSize"] / MIB, usage.get("backingStorageSize", 0) / MIB
    private = private_bytes(browser) / MIB
    return (
        f"| after {turn} turned knobs | {heap + buffers:.1f} MiB | heap {heap:.1f}, buffers {buffers:.1f}, "
        f"process {private:.0f} MiB; {metrics['Nodes']:.0f} nodes ({attached} elements in the page), "
        f"{metrics['JSEventListeners']:.0f} listeners, {contexts} WebGL contexts |"
    )


def phone(browser: Browser, path: Path, times: int) -> None:
    """Measures what a phone's visitor waits for."""
    with opened(browser, path, PHONE_SLOWER, **PHONE) as page:
        row(
            "on a phone: the film plays",
            page.evaluate("seen.moving"),
            "ms",
            f"first paint {page.evaluate(PAINT):.0f} ms",
        )
        page.evaluate(TURN_SEED, 98)
        page.evaluate("seen.longest = 0")
        screen, film = page.evaluate(PLAYED, 3000)
        longest = page.evaluate("seen.longest")
        beside = f"{film:.0f} frames of the film; longest task {longest:.0f} ms"
        row("on a phone: frames a second while it plays", screen, "", beside)
        page.evaluate("seen.longest = 0")
        turned(page, times, "on a phone: a knob turn, release to first new frame")
        row("on a phone: longest task of these turns", page.evaluate("seen.longest"), "ms")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.lab_file")
    parser.add_argument("--turns", type=int, default=500, help="knobs turned while memory is watched")
    parser.add_argument("--times", type=int, default=15, help="knobs turned while time is taken")
    return parser.parse_args()


def main() -> None:
    given = options()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.html"
        path.write_text(lab().one_file(), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
        print(f"The machine's load at the beginning: {load} on {os.cpu_count()} cores.\n")
        print("| the lab in one file, in Chromium with software WebGL | | |\n|---|---:|---|")
        first_film(browser, path, min(5, given.times))
        with opened(browser, path, **DESK) as page:
            turned(page, given.times, "a knob turn at the default, release to first new frame")
        phone(browser, path, given.times)
        many_turns(browser, path, given.turns)
        print(f"\nThe load at the end: {os.getloadavg()[0]:.1f}.")
        browser.close()


if __name__ == "__main__":
    main()
