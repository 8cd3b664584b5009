"""Two copies of the lab behind nginx, as docs/several/nginx.conf sets them up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nginx import nginx
from rooms.clients import ROOT, Lab


@contextmanager
def several(folder: Path) -> Iterator[tuple[int, list[Lab]]]:
    """Runs two copies that share a file of rooms; the port of nginx, and the copies."""
    shared = {"COLLAPSE_LAB_ROOMS": str(folder / "shared" / "rooms.sqlite3")}
    inside = re.sub(r"#.*", "", (ROOT / "docs" / "several" / "nginx.conf").read_text())
    inside = inside.replace("listen 80;", "listen 127.0.0.1:PORT;")
    copies = []
    for name in ("lab1", "lab2"):
        (folder / name).mkdir()
        copies.append(Lab(folder / name, **shared).start())
        inside = inside.replace(f"{name}:8501", f"127.0.0.1:{copies[-1].port}")
    assert ":8501" not in inside
    (folder / "nginx").mkdir()
    with nginx(folder / "nginx", inside) as port:
        yield port, copies
    for copy in copies:
        copy.stop()
