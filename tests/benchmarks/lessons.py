"""Measures how a lesson opens, beside the playground, in a real Chromium: `python -m tests.benchmarks.lessons`.

Each visit has a fresh context; a lesson and the playground are visited in turn. A lesson is there when its words stand
on the page and its film on the stage, the playground when its film and its knobs do. `--files` says only how large the
offline files are. Prints Markdown, in five minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from app.tour_player.data import tour_data
from app.tour_player.offline import tour_html
from app.tours.document import document_in, read_tour
from app.tours.made import FilmMaker
from app.tours.shipped import SHIPPED, path_of
from tests.benchmarks.browser import CHROMIUM, OURS, ROOT, first_visit, served

MIB: Final = 2**20
PLAYGROUND: Final = "the first film on a whole page"
LESSON: Final = """document.querySelector(".tour-title")?.textContent
 && (document.querySelector(".tour-plain") || document.querySelector(".tour [data-testid=film-player][data-frame]"))"""
PORT: Final = 8733


def files() -> None:
    """Prints how large the offline files of the lessons that come with the lab are."""
    print("| offline file | MiB, below 6 |\n|---|---:|")
    for name in SHIPPED:
        path = path_of(name)
        tour = read_tour(document_in(path), path.name, path.parent)
        size = len(tour_html(tour_data(tour, FilmMaker().take)).encode())
        print(f"| {name} | {size / MIB:.2f} |", flush=True)


def visits(browser: Browser, address: str, times: int, lessons: list[str]) -> None:
    """Prints how long a lesson takes to be there, beside the playground."""
    print("| lesson | first time, s | lesson, s | playground, s | ratio, at most 1.5 |\n|---|---:|---:|---:|---:|")
    first_visit(browser, address, {PLAYGROUND: OURS[PLAYGROUND]})
    for name in lessons:
        link, state = f"{address}/lessons?tour={name}", {"": LESSON}
        first = first_visit(browser, link, state)[""]  # which has its films made
        pairs = [
            (first_visit(browser, link, state)[""], first_visit(browser, address, {"": OURS[PLAYGROUND]})[""])
            for _ in range(times)
        ]
        ours, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {first:.2f} | {ours:.2f} | {other:.2f} | {ours / other:.2f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", action="store_true", help="say how large the offline files are and nothing else")
    parser.add_argument("--times", type=int, default=5, help="visits to each lesson")
    parser.add_argument("--lessons", nargs="+", default=list(SHIPPED), choices=SHIPPED, help="which of them")
    options = parser.parse_args()
    if options.files:
        files()
        return
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    print(f"The machine's load at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    with sync_playwright() as playwright, served(ROOT / "app" / "main.py", PORT) as (address, _):
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        visits(browser, address, options.times, options.lessons)
        browser.close()


if __name__ == "__main__":
    main()
