"""The engine with its worker in a thread of Node, which hears and says what a Web Worker does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.engine.script import worker_script
from app.engine.table import table
from tests.javascript import run_node

# Node works through a thousand messages of one port before it looks at another: a browser does not.
THREADS = """
const { Worker: Thread } = await import("node:worker_threads");
const { parseFilm } = await import(given.film);
const SHIM = `const { parentPort } = require("node:worker_threads");
  globalThis.self = new EventTarget();
  self.postMessage = (said, transfer) => parentPort.postMessage(said, transfer);
  parentPort.on("message", (data) => self.dispatchEvent(Object.assign(new Event("message"), { data })));
  globalThis.MessageChannel = class {
    port1 = Object.assign(new EventTarget(), { start() {} });
    port2 = { postMessage: () => setImmediate(() => this.port1.dispatchEvent(new Event("message"))) };
  };`;
const threads = [];
const start = (script) => {
  const thread = new Thread(SHIM + script, { eval: true });
  threads.push(thread);
  return {
    postMessage: (said, transfer) => thread.postMessage(said, transfer),
    terminate: () => thread.terminate(),
    addEventListener: (name, hear) => thread.on(name, (said) => hear(name === "message" ? { data: said } : said)),
  };
};
const table = JSON.parse(given.table), engine = new Engine(given.script, table, start);
const fate = (promise) => promise.then((x) => ["done", x], (e) => [e.constructor.name, e.field ?? null, e.message]);
const mapped = (all, make) => Object.fromEntries(Object.entries(all).map(([name, x]) => [name, make(x)]));
const opened = (bytes) => {
  const { header, arrays } = parseFilm(bytes);
  return { header, arrays: mapped(arrays, (x) => [...x]) };
};
"""


def tell_engine(folder: Path, code: str, **given: Any) -> list[Any]:
    """What `code`, which has `engine`, says."""
    film = (Path(__file__).parents[2] / "app" / "player" / "film.js").as_uri()
    ended = f"{THREADS}{code}\nfor (const thread of threads) thread.terminate();"
    modules = ("player/engine/engine.js",)
    return run_node(folder, ended, *modules, script=worker_script(), table=json.dumps(table()), film=film, **given)
