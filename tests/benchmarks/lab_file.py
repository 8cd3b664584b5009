"""Measures the lab in one file as a person meets it, opened from disk in a real Chromium:
`python -m tests.benchmarks.lab_file`.

The first paint and the first film; a turned knob from its release to the first new frame; memory over many turned
knobs; and the same on a phone whose processor is four times slower.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

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
  const seal = document.createElement("p");
  seal.textContent = seed;
  seal.setAttribute("elementtiming", seed);
  seal.style.cssText = "position: fixed; left: 0; top: 0; margin: 0; font-size: 8px";
  const whole = () => {
    if (!("frame" in times) || player.dataset.partial !== "false") return;
    watch.disconnect();
    seal.remove();
    setTimeout(() => done({ ...times, engine: seen.made - seen.film }), 400);
  };
  const watch = new MutationObserver(() => {
    if (player.dataset.digest !== before && !("there" in times)) {
      times.there = performance.now() - released;
      document.body.append(seal);
    }
    whole();
  });
  watch.observe(player, { attributes: true });
  new PerformanceObserver((list, observer) => {
    const seals = list.getEntries().filter(({ identifier }) => identifier === String(seed));
    for (const { renderTime } of seals) times.frame = renderTime - released;
    if (seals.length) observer.disconnect();
    whole();
  }).observe({ type: "element" });
  knob.value = seed;
  knob.dispatchEvent(new Event("change", { bubbles: true }));
})"""
"""Turns the knob of seeds; answers the milliseconds until the film is there and until its first frame is on the screen,
and those that the engine took for the whole film. That frame is sealed with a few letters: of an element with the
attribute `elementtiming` the browser tells when the frame with its first painting was presented.
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


def resident_bytes(browser: Browser) -> int:
    """Returns the memory that the browser's pages hold, shared libraries too, as the system counts it."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    kilobytes = 0
    for process in processes:
        if process["type"] == "renderer":
            said = Path(f"/proc/{process['id']}/status").read_text()
            kilobytes += sum(map(int, re.findall(r"^VmRSS:\s+(\d+) kB$", said, re.MULTILINE)))
    return kilobytes * 1024


class Heap(NamedTuple):
    """MiB of scripts' objects and of their buffers, once what nobody holds is gone."""

    objects: float
    buffers: float


class Memory:
    """What a page's scripts hold, and what those of its engine, a worker, do."""

    def __init__(self, page: Page):
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.workers: list[str] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.asked = 0
        self.session.on("Target.attachedToTarget", lambda news: self.workers.append(news["sessionId"]))
        self.session.on("Target.receivedMessageFromTarget", lambda news: self._hear(json.loads(news["message"])))
        self.session.send("Performance.enable")
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
        self.session.send("Target.setAutoAttach", attach)

    def of_page(self) -> Heap:
        return self._heap(self.session.send)

    def of_engine(self) -> Heap:
        return self._heap(self._ask_engine)

    def counts(self) -> dict[str, float]:
        """Returns how many nodes, listeners and other things of the page there are."""
        return {each["name"]: each["value"] for each in self.session.send("Performance.getMetrics")["metrics"]}

    def _heap(self, ask: Callable[[str], Any]) -> Heap:
        for _ in range(2):  # what the first collection finds may have held more
            ask("HeapProfiler.collectGarbage")
        usage = ask("Runtime.getHeapUsage")
        return Heap(usage["usedSize"] / MIB, usage.get("backingStorageSize", 0) / MIB)

    def _ask_engine(self, method: str) -> dict[str, Any]:
        self.asked += 1
        message = json.dumps({"id": self.asked, "method": method})
        self.session.send("Target.sendMessageToTarget", {"sessionId": self.workers[-1], "message": message})
        while self.asked not in self.answers:
            self.page.wait_for_timeout(20)
        return self.answers.pop(self.asked)

    def _hear(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self.answers[message["id"]] = message["result"]


def many_turns(browser: Browser, path: Path, turns: int) -> None:
    """Measures what stays in memory while knobs turn, each time with runs of one size on stage and kept."""
    chance = random.Random(16)
    with opened(browser, path, **DESK) as page:
        memory = Memory(page)
        for turn in range(turns + 1):
            knobs = {name: chance.choice(values) for name, values in VARIED.items()}
            link = "&".join(f"{name}={value}" for name, value in knobs.items())
            page.evaluate(TURN_MANY, f"seed={3000 + turn}&steps=1000&log_time=30&{link}")
            if turn % SAMPLED_EVERY == 0 or turn == turns:
                for seed in range(KEPT_FILMS):
                    page.evaluate(TURN_MANY, f"seed={9000 + 10 * turn + seed}&steps=1000")
                print(kept(browser, page, memory, turn), flush=True)


def kept(browser: Browser, page: Page, memory: Memory, turn: int) -> str:
    ours, engine, counts = memory.of_page(), memory.of_engine(), memory.counts()
    contexts = page.evaluate("seen.contexts.filter((each) => each.deref()).length")
    attached = page.evaluate("document.querySelectorAll('*').length")
    return (
        f"| after {turn} turned knobs | {sum(ours):.1f} MiB | heap {ours.objects:.1f}, buffers {ours.buffers:.1f}; "
        f"the engine's {engine.objects:.1f} and {engine.buffers:.1f}; process {resident_bytes(browser) / MIB:.0f} MiB; "
        f"{counts['Nodes']:.0f} nodes ({attached} elements in the page), "
        f"{counts['JSEventListeners']:.0f} listeners, {contexts} WebGL contexts |"
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
    parser.add_argument("--memory", action="store_true", help="watch memory and take no time")
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
        if not given.memory:
            first_film(browser, path, min(5, given.times))
            with opened(browser, path, **DESK) as page:
                turned(page, given.times, "a knob turn at the default, release to first new frame")
            phone(browser, path, given.times)
        many_turns(browser, path, given.turns)
        print(f"\nThe load at the end: {os.getloadavg()[0]:.1f}.")
        browser.close()


if __name__ == "__main__":
    main()
