"""Runs nginx for a test, on a free port, with what stands inside its http { }."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 120.0
CONFIG = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{inside}
}}
"""


@contextmanager
def nginx(folder: Path, inside: str) -> Iterator[int]:
    """Runs nginx with this configuration, in which PORT stands for its port; the port. Skips where there is no nginx,
    but in CI, where nothing is skipped.
    """
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("nginx is missing: apt-get install nginx-light brings it.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""  # who else may not write to a folder of root's tests
    inside = inside.replace("PORT", str(port))
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, user=user, inside=inside))
    process = subprocess.Popen([found, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None and time.monotonic() < deadline, (folder / "error.log").read_text()
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)
