"""`python -m app film run.npz --out film.html` and `python -m app serve`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.player.player import offline_html
from ulpm_core import ConfigError
from ulpm_core.cli import BAD_INPUT, Parser, writable
from ulpm_core.film.files import load_run, whole_file
from ulpm_core.film.film import Film, build_film
from ulpm_core.model.parameters import shown, shown_path

ONE_THREAD_A_RUN: Final = {"OPENBLAS_NUM_THREADS": "1"}
"""The matrices of a run are small: a second thread doubles its time at (20, 30, 100), and visitors share the cores."""


LAST_PORT: Final = 65_535


def parser() -> Parser:
    top = Parser(prog="python -m app", description="The lab in a browser, and films as files.")
    commands = top.add_subparsers(dest="command", required=True, metavar="film | serve")
    film = commands.add_parser("film", help="make one offline HTML file from a run", allow_abbrev=False)
    film.add_argument("run", metavar="RUN.npz", help="a run saved by python -m ulpm_core run")
    film.add_argument("--out", metavar="FILE", required=True, help="the HTML file to write")
    serve = commands.add_parser("serve", help="open the lab in a browser", allow_abbrev=False)
    serve.add_argument("--port", type=port, default=8501, help="where to listen; default 8501")
    serve.add_argument("--no-browser", action="store_true", help="only listen, open nothing")
    return top


def port(text: str) -> int:
    """A port from the command line."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"port = {shown(text)} is no port: use 1 to {LAST_PORT}, for example 8501.")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.command == "serve":
        return serve(options.port, not options.no_browser)
    try:
        return film(options.run, options.out)
    except ConfigError as refusal:
        named = "--out: " if refusal.field == "out" else ""
        print(f"python -m app film: {named}{refusal}", file=sys.stderr)
        return BAD_INPUT


def film(run: str, out: str) -> int:
    """Writes the offline film of a saved run."""
    target = writable(out, "film.html")
    film: Film = build_film(load_run(run))
    page = offline_html(film.to_bytes(), film.header["title"])
    try:
        with whole_file(target, ".html") as partial:
            partial.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "out", f"out = {shown_path(target)} cannot be written ({shown(error)}): use film.html."
        ) from None
    return 0


def serve(port: int, browser: bool) -> int:
    """Runs the page until it is stopped, from the folder that holds .streamlit/config.toml."""
    main_file = Path(__file__).with_name("main.py")
    command = [sys.executable, "-m", "streamlit", "run", str(main_file)]
    command += [f"--server.port={port}", f"--server.headless={str(not browser).lower()}"]
    try:
        return subprocess.call(command, cwd=main_file.parents[1], env={**ONE_THREAD_A_RUN, **os.environ})
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
