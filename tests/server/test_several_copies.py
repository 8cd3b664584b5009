"""Two copies of the lab behind nginx, set up as docs/several says: pages, films, rooms, and a copy that is killed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from rooms.clients import Ear, Lab
from several import several
from visitor import Visitor
from websockets import ConnectionClosed

from ulpm_core import RunConfig

VISITORS = 4
SMALL = {"classes": 3, "dimension": 2, "steps": 100}


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Two copies that share the file of rooms, and nginx before them as documented; `ask` and `Ear` go through it. Who
    kills a copy starts it again.
    """
    with several(tmp_path_factory.mktemp("several")) as (port, labs):
        through = SimpleNamespace(port=port, labs=labs)
        through.ask = lambda *asked, **headers: Lab.ask(through, *asked, **headers)
        yield through
    for lab in labs:
        assert "Traceback" not in lab.log.read_text()


def link(seed: int) -> tuple[str, str]:
    """A link to a small run, and the run's digest."""
    return "&".join(f"{k}={v}" for k, v in {**SMALL, "seed": seed}.items()), RunConfig(**SMALL, seed=seed).digest


def test_a_cookie_keeps_a_visitor_with_one_copy(copies):
    _, _, headers = copies.ask("GET", "/_stcore/health")
    (given,) = (each for each in headers.get_all("Set-Cookie") if each.startswith("lab_copy="))
    cookie = given.partition(";")[0]
    assert "HttpOnly" in given
    assert "lab_copy=" not in str(copies.ask("GET", "/_stcore/health", Cookie=cookie)[2])

    async def films(cookie: str) -> list[bytes]:
        async with Visitor(copies.port, link(1)[0], cookie=cookie) as visitor:
            await visitor.open(link(1)[1])
            for seed in (2, 3):
                await visitor.turn("seed", "double_value", seed, link(seed)[1])
            return list(visitor.films.values())

    found = asyncio.run(films(cookie))
    status = [[lab.ask("HEAD", f"/{film.decode()}")[0] for film in found] for lab in copies.labs]
    assert len(found) >= 3 and sorted(map(set, status), key=min) == [{200}, {404}]
    assert all(copies.ask("HEAD", f"/{film.decode()}")[0] == 200 for film in found)


def test_who_loses_a_copy_loses_no_more_than_a_reload(copies):
    async def visit(seed: int, opened: asyncio.Semaphore, killed: asyncio.Event) -> int:
        """Opens a page, waits for the copy's end, and turns a knob; how often the page had to be loaded."""
        for loads in (1, 2, 3):
            try:
                async with Visitor(copies.port, link(seed)[0]) as visitor:
                    await visitor.open(link(seed)[1])
                    opened.release()
                    await killed.wait()
                    await visitor.turn("seed", "double_value", 100 + seed, link(100 + seed)[1])
                    return loads
            except ConnectionClosed:
                continue
        raise AssertionError("loaded three times")

    async def all_visits() -> list[int]:
        opened, killed = asyncio.Semaphore(0), asyncio.Event()
        visits = [asyncio.create_task(visit(seed, opened, killed)) for seed in range(VISITORS)]
        for _ in range(VISITORS):
            await opened.acquire()
        await asyncio.to_thread(copies.labs[0].kill)
        killed.set()
        return await asyncio.gather(*visits)

    assert set(asyncio.run(all_visits())) <= {1, 2}
    copies.labs[0].start()


def test_a_class_outlives_the_copy_that_keeps_it(copies):
    first, second = copies.labs
    status, made, _ = copies.ask("POST", "/lab/rooms", {"tour": "the-collapse"})
    assert status == 201
    code, secret = made["code"], made["secret"]
    ear = Ear(copies, code, "?who=student-1")
    answer = {"who": "student-1", "scene": 0, "question": 0, "answer": 1}
    assert copies.ask("POST", f"/lab/rooms/{code}/answers", answer)[0] == 204
    assert copies.ask("POST", f"/lab/rooms/{code}/state", {"scene": 1}, secret)[0] == 200
    status, refusal, _ = second.ask("GET", f"/lab/rooms/{code}/tour")
    assert status == 503 and refusal["error"].startswith("Another copy of the lab keeps the rooms")
    first.kill()
    while ear.next() is not None:
        pass
    again = Ear(copies, code, "?who=student-1")
    assert again.state["scene"] == 1 and again.seat == 0
    _, found, _ = copies.ask("GET", f"/lab/rooms/{code}/results", None, secret)
    assert found["scenes"][0]["questions"][0]["answered"] == 1
    first.start()  # an update: it comes back, and the other one still has the rooms
    assert copies.ask("GET", f"/lab/rooms/{code}/results", None, secret)[0] == 200
    assert copies.ask("GET", f"/room/{code}")[0] == 200
    second.stop()
    assert copies.ask("POST", f"/lab/rooms/{code}/state", {"scene": 2}, secret)[0] == 200
    again.close()
    second.start()
