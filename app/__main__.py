"""The lab's command line: `python -m app film run.npz --out film.html`, `python -m app figure run.npz --show curves
--out fig.pdf`, `python -m app lab --out lab.html`, `python -m app tour lesson.md --check` and `python -m app serve`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.command.figure import FIELDS, add_figure, figure
from app.command.saved import film_of
from app.command.video import Shape, add_options, asked, write_video
from app.jobs.cache import LEAST, MOST, SETTING, USUAL, memory_bytes
from app.standalone.written import holds, put
from app.video.encoder import KINDS
from app.views.film_names import MOST_FILMS, film_names
from ulpm_core import ConfigError
from ulpm_core.extras import not_installed
from ulpm_core.model.refusal import refuse, shown, span
from ulpm_core.terminal import (
    BAD_INPUT,
    INTERRUPTED,
    Parser,
    end,
    joined,
    not_empty,
    said_of_unused,
    unwritable,
    writable,
)

ONE_THREAD_A_RUN: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""The matrices of a run are small: a second thread doubles its time at (20, 30, 100), and visitors share the cores."""
OPTIONS: Final = ("out", "port", "tours", "size", "fps", "seconds", "theme")
"""Fields that a person gave as an option."""
LAST_PORT: Final = 65_535
USUAL_PORT: Final = 8501
"""The port that Streamlit uses where none is named."""


def parser() -> Parser:
    top = Parser(prog="python -m app", description="The lab in a browser, and films as files.")
    commands = top.add_subparsers(dest="command", required=True, metavar="film | figure | lab | tour | serve")
    words = "make one offline HTML file, or a video, of a run or a network, or of several side by side"
    film = commands.add_parser("film", help=words, allow_abbrev=False)
    path, words = "the path of a file", "what python -m ulpm_core run, train or a recorder saved, or features.npz"
    words += f"; up to {MOST_FILMS} of them play on one clock"
    film.argument("runs", path, "run.npz", metavar="RUN.npz", nargs="+", help=words)
    words = "the HTML file to write, or the video: .mp4, .webm or .gif"
    film.argument("--out", path, "film.html", metavar="FILE", required=True, help=words)
    add_options(film)
    add_figure(commands)
    words = "make the lab one HTML file that computes in the browser, or a folder for a static host"
    lab = commands.add_parser("lab", help=words, allow_abbrev=False)
    words = "the HTML file to write; a folder, or a path that ends in /: that folder for a static host"
    lab.argument(
        "--out", f"{path}, or of a folder with / behind it", "lab.html", metavar="FILE", required=True, help=words
    )
    words = "check a lesson that is written in Markdown, or make it one offline HTML file"
    tour = commands.add_parser("tour", help=words, allow_abbrev=False)
    tour.argument("file", path, "lesson.md", metavar="LESSON.md", help="what docs/tours.md describes")
    words = "say what is wrong, line by line, and make all its films to find out"
    tour.works |= {"--check": ("it alone", "--check"), "--out": (path, "lesson.html")}
    either = tour.add_mutually_exclusive_group(required=True)
    either.add_argument("--check", action="store_true", help=words)
    words = "check it, then write the HTML file to play it from"
    either.add_argument("--out", metavar="FILE", type=not_empty, help=words)
    serve = commands.add_parser("serve", help="open the lab in a browser", allow_abbrev=False)
    words = f"where to listen; default {USUAL_PORT}"
    serve.argument("--port", f"1 to {LAST_PORT}", USUAL_PORT, type=port, default=USUAL_PORT, help=words)
    given, words = os.environ.get(SETTING) or str(USUAL), f"how much to keep of runs and films; default {USUAL}"
    serve.argument("--memory", f"{LEAST} to {MOST} MiB", USUAL, metavar="MIB", default=given, help=words)
    words = "a folder with tours of your own: the Lessons screen and rooms have them"
    serve.argument("--tours", "the path of a folder", "lessons/", metavar="FOLDER", help=words)
    serve.argument("--no-browser", "it alone", "--no-browser", action="store_true", help="only listen, open nothing")
    return top


def port(text: str) -> int:
    """Reads a port from the command line. Raises ArgumentTypeError for one that no server can have."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"port = {shown(text)} is no port")
    return int(text)


def why_taken(port: int) -> str:
    """Returns why nobody can listen on this port of this machine; empty if one can."""
    try:
        socket.create_server(("", port)).close()  # as the server does: a port that was just left is free
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    if missing := not_installed("page"):
        print(f"python -m app {options.command}: {missing}", file=sys.stderr)
        return BAD_INPUT
    try:
        if options.command == "serve":
            return serve(options.port, not options.no_browser, options.memory, options.tours or "")
        if options.command == "lab":
            return lab(options.out)
        if options.command == "tour":
            return tour(options.file, options.out)
        with said_of_unused(f"python -m app {options.command}"):
            if options.command == "figure":
                return figure(options)
            return film(options.runs, options.out, asked(options))
    except ConfigError as refusal:
        named = f"--{refusal.field}: " if refusal.field in (*OPTIONS, *FIELDS) else ""
        print(f"python -m app {options.command}: {named}{refusal}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED


def film(saved: Sequence[str], out: str, video: Shape | None) -> int:
    """Writes the offline film of a saved run or network, or of several side by side, or their video."""
    from app.standalone.standalone import film_html  # imported late: it needs Streamlit, which a light install lacks

    target = writable(out, "film.html", *saved, kinds=(".html", *KINDS))
    if len(saved) > MOST_FILMS:
        raise refuse("film", f"{len(saved)} files", "are too many for one stage", f"1 to {MOST_FILMS} files", "run.npz")
    films = list(map(film_of, saved))
    names = film_names([film.header for film in films], [Path(path).stem for path in saved])
    title = films[0].header["title"] if len(films) == 1 else " · ".join(names)
    if video is not None:
        write_video(video, films, title, names, target)
        return 0
    put({target: film_html([film.to_bytes() for film in films], title, names)}, "film.html")
    return 0


def tour(file: str, out: str | None) -> int:
    """Checks a tour, and writes its offline file if `out` says where."""
    from app.tours.command import check  # imported late, as above

    if out is None:
        return check(file)
    from app.tour_player.data import tour_data
    from app.tour_player.offline import tour_html

    target = writable(out, "lesson.html", file)
    return check(file, lambda read, films: put({target: tour_html(tour_data(read, films.take))}, "lesson.html"))


def lab(out: str) -> int:
    """Writes the lab as one file, or as a folder for a static host: what is asked for again and again keeps its name
    while it is the same, and `index.html`, which names the rest, is written last.
    """
    from app.standalone.standalone import lab  # imported late: it needs Streamlit, which a light install lacks

    folder = Path(out)
    if not (out.endswith(("/", os.sep)) or folder.is_dir()):
        target = writable(out, "lab.html, or site/ for a folder", kinds=(".html",))
        put({target: lab().one_file()}, "lab.html")
        return 0
    texts = {path: text for name, text in lab().folder().items() if not holds(path := folder / name, text)}
    new = [path for path in (folder, *texts) if not path.exists()]
    try:
        folder.mkdir(exist_ok=True)
        put(texts, "site/")
    except OSError as error:
        raise unwritable(folder, error, "site/") from None
    except ConfigError:
        for path in new:
            path.unlink(missing_ok=True) if path != folder else shutil.rmtree(folder)
        raise
    return 0


def open_when_ready(address: str, ended: threading.Event) -> None:
    """Opens the page in a browser once it is served. Streamlit would too, but then puts notices of its own over the
    page.
    """
    while not ended.wait(0.1):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1.0):
                webbrowser.open(address)
                return
        except OSError:
            continue


def serve(port: int, browser: bool, memory: str, tours: str = "") -> int:
    """Runs the page until it is stopped, from the folder that holds our packages."""
    if why := why_taken(port):
        free = next((other for other in range(USUAL_PORT, LAST_PORT + 1) if not why_taken(other)), USUAL_PORT)
        raise refuse("port", port, f"cannot be used ({why})", span(1, LAST_PORT), free)
    memory_bytes(memory)
    os.environ[SETTING] = memory
    if tours:
        from app.tours.shelf import SETTING as TOURS  # imported late: it needs Streamlit, which a light install lacks
        from app.tours.shelf import tour_folder

        os.environ[TOURS] = str((tour_folder(tours) or Path()).resolve())
    main_file = Path(__file__).with_name("main.py")
    command = [sys.executable, "-m", "streamlit", "run", str(main_file)]
    command += [f"--server.port={port}", "--server.headless=true"]
    ended = threading.Event()
    if browser:
        threading.Thread(target=open_when_ready, args=(f"http://localhost:{port}", ended), daemon=True).start()
    try:
        return until_stopped(command, main_file.parents[1])
    except KeyboardInterrupt:
        return 0
    finally:
        ended.set()


def until_stopped(command: list[str], folder: Path) -> int:
    """Runs the server and returns its exit code. A SIGTERM to us ends the server too, else it would outlive us and hold
    the port. The code is 0 where it was asked to stop, as a shell's where something else killed it: 137, for instance,
    where memory ran out.
    """
    with subprocess.Popen(command, cwd=folder, env={**ONE_THREAD_A_RUN, **os.environ}) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        ended = server.wait()
    asked = ended in (-signal.SIGTERM, -signal.SIGINT)
    return 0 if asked else ended if ended >= 0 else 128 - ended


if __name__ == "__main__":
    end(main)
