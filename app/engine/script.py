"""Joins the modules of the engine into the script of its Web Worker."""

from __future__ import annotations

from app.player.modules import joined


def worker_script() -> str:
    """Returns the script of the Web Worker, which imports nothing."""
    return joined("player/engine/worker.js")
