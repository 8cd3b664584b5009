"""A class at protocol level: a server, requests, and readers of its events."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from app.rooms.library import Folders

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
DOCUMENT = """---
title: Why the angles even out
minutes: 12
---
# Three clusters
Every dot is one training image as the last layer sees it.

```film
classes=3&dimension=2&steps=60&seed=7
```

```question
Where will the three class means end up?
- on a line
- at 90°
* at 120°
Because three equal repulsions around the origin balance only there.
```

```question number
By what factor do the clusters shrink?
= nc1_trace_ratio at start / nc1_trace_ratio at end within 10%
Because it falls.
```
# =1+1
Now without them.

```film
classes=3&dimension=2&steps=60&seed=8
```

```question several
Which of these end nearer to each other?
* =cmd()
* nearer
- further
Because these do.
```

```question draw loss
How does the loss fall?
Because it falls slowly.
```

```question place
Where will the class means end?
Because they end there.
```
# The end
Goodbye.
"""
"""A tour with each kind of question, and with words that a spreadsheet would run."""
LESSON = Folders([]).outline(DOCUMENT)
SERVE = """
import sys, uvicorn
from app import main
uvicorn.run(main.app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
ANSWERS = {(0, 0): 2, (0, 1): -0.5, (1, 0): [2, 0], (1, 1): [[0, 1], [1, 0.25]], (1, 2): [[1, 0], [-0.5, 0.9]]}


class Lab:
    """A server on a free port, whose rooms are in this file; it can be killed and started again."""

    def __init__(self, folder: Path, **settings: str):
        self.folder, self.log, self.settings = folder, folder / "log", settings
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.file = folder / f"rooms-{self.port}.sqlite3"

    def start(self) -> Lab:
        settings = self.folder / ".streamlit" / "config.toml"
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(f"[server]\nport = {self.file.stem.removeprefix('rooms-')}\n")
        own = {"PYTHONPATH": str(ROOT), "COLLAPSE_LAB_CACHE": str(self.file.parent), **self.settings}
        line = [sys.executable, "-c", SERVE, str(self.port)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(line, cwd=self.folder, env={**os.environ, **own}, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            try:
                if self.ask("GET", "/_stcore/health")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def ask(self, method, path, body=None, secret=None, **headers):
        """Status, what the body says if it is JSON or else its text, and headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        if body is not None and not isinstance(body, (bytes, str)):
            body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
        if isinstance(body, str):
            body = body.encode()
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text, answer.headers

    def open(self, document=DOCUMENT):
        """Code and secret of a new room."""
        status, made, _ = self.ask("POST", "/lab/rooms", document, Content_Type="text/markdown")
        assert status == 201, made
        return made["code"], made["secret"]

    def answer(self, code, who, scene=0, question=0, answer=None):
        answer = ANSWERS[scene, question] if answer is None else answer
        body = {"who": who, "scene": scene, "question": question, "answer": answer}
        return self.ask("POST", f"/lab/rooms/{code}/answers", body)[0]

    def move(self, code, secret, **move):
        status, state, _ = self.ask("POST", f"/lab/rooms/{code}/state", move, secret)
        assert status == 200, state
        return state

    def results(self, code, secret, query=""):
        status, found, _ = self.ask("GET", f"/lab/rooms/{code}/results{query}", None, secret)
        assert status == 200, found
        return found


class Ear:
    """A reader of a room's events, with the state as far as it has heard."""

    def __init__(self, lab: Lab, code: str, query: str = "", base: str = "", **headers: str):
        self.state, self.last, self.seat, self.events = {}, None, None, []
        self._connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=PATIENCE)
        self._connection.request("GET", f"{base}/lab/rooms/{code}/events{query}", headers=headers)
        self.answer = self._connection.getresponse()
        if self.answer.status == 200:
            self.hear(lambda state: "scene" in state)

    def next(self):
        """The fields of the next event; None at the end."""
        fields = {}
        while line := self.answer.readline().decode():
            line = line.rstrip("\n")
            if not line and fields:
                break
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.strip()
        else:
            return None
        if "data" in fields:
            data = json.loads(fields["data"])
            if fields.get("event") == "seat":
                self.seat = data["seat"]
            else:
                self.state.update(data)
                self.events.append(data)
        self.last = fields.get("id", self.last)
        return fields

    def hear(self, enough):
        """Listens until the state is one that was waited for."""
        deadline = time.monotonic() + PATIENCE
        while not enough(self.state):
            assert time.monotonic() < deadline, self.state
            assert self.next() is not None, "the stream has ended"
        return self.state

    def close(self):
        self.answer.close()
        self._connection.close()
