"""Films that grow faster than a page can show them: the newest is shown, and nothing of an older one after the last."""

from __future__ import annotations

from base64 import b64encode

from tests.javascript import run_node
from ulpm_core import RunConfig, simulate
from ulpm_core.film.film import build_film

GROWS = """
const film = () => bytesOf(given.film);
const nap = (ms) => new Promise((done) => setTimeout(done, ms));
const run = { digest: "a", toJSON: () => ({}) };
const seen = [];
const told = { grown: (film) => seen.push(film), progress: () => {} };
let tell = null, end = null;
const engine = { film: (fields, { grown }) => new Promise((done, fail) => { tell = grown; end = { done, fail }; }) };
const films = new Films(engine);
const made = films.of(run, told);
for (let i = 0; i < 5; i += 1) tell(film());
await nap(20);
say(seen.length);
tell(film());
await nap(20);
say(seen.length);
tell(film());
end.done(film());
say((await made).film === films.known(run).film);
await nap(20);
say(seen.length);
const overtaken = films.of({ ...run, digest: "b" }, told).catch((error) => error.message);
tell(film());
end.fail(new Error("overtaken"));
say(await overtaken);
await nap(20);
say(seen.length);
"""


def test_a_page_shows_the_newest_of_a_growing_film_and_nothing_of_it_after_the_last(tmp_path):
    film = b64encode(build_film(simulate(RunConfig(steps=3))).to_bytes()).decode()
    said = run_node(tmp_path, GROWS, "standalone/films.js", film=film)
    assert said == [1, 2, True, 2, "overtaken", 2]
