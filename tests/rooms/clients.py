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

from app.rooms.tour import Outline, Question, Scene

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LESSON = Outline(
    "Why the angles even out",
    (
        Scene("Three clusters", (Question("choice", ("on a line", "at 90°", "at 120°")), Question("number"))),
        Scene("=1+1", (Question("several", ("=cmd()", "nearer", "further")), Question("draw"), Question("place"))),
        Scene("The end"),
    ),
)
"""A tour with each kind of question, and with words that a spreadsheet would run."""
ANSWERS = {(0, 0): 2, (0, 1): -0.5, (1, 0): [2, 0], (1, 1): [[0, 1], [1, 0.25]], (1, 2): [[1, 0], [-0.5, 0.9]]}


class Lab:
    """A server on a free port, whose rooms are in this file; it can be killed and started again."""

    def __init__(self, folder: Path):
        self.file, self.log = folder / "rooms.sqlite3", folder / "log"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self) -> Lab:
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        line = [sys.executable, str(Path(__file__).with_name("server.py")), str(self.port), str(self.file)]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(line, cwd=self.file.parent, env=environment, stdout=log, stderr=log)
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

    def open(self, tour=LESSON):
        """Code and secret of a new room."""
        status, made, _ = self.ask("POST", "/lab/rooms", tour.to_json(), Content_Type="text/markdown")
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

    def __init__(self, lab: Lab, code: str, query: str = "", **headers: str):
        self.state, self.last, self.seat, self.events = {}, None, None, []
        self._connection = http.client.HTTPConnection("127.0.0.1", lab.port, timeout=PATIENCE)
        self._connection.request("GET", f"/lab/rooms/{code}/events{query}", headers=headers)
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
