"""The page's side of the engine: what it asks its worker, and what it makes of the answers."""

from __future__ import annotations

from javascript import run_node

from app.engine.words import words

JAVASCRIPT = """
const workers = [];
const start = (script) => {
  const worker = Object.assign(new EventTarget(), {
    script, sent: [], ended: false,
    postMessage(message) { this.sent.push(message); },
    terminate() { this.ended = true; },
    says(data) { this.dispatchEvent(Object.assign(new Event("message"), { data })); },
    breaks(message) { this.dispatchEvent(Object.assign(new Event("error"), { message })); },
  });
  workers.push(worker);
  return worker;
};
const table = { words: given.words };
const fate = (promise) => promise.then((x) => ["done", x], (e) => [e.constructor.name, e.field ?? null, e.message]);
const make = (begin = start) => { workers.length = 0; return new Engine("script", table, begin); };
"""
MODULES = ("player/engine/engine.js", "player/engine/refusal.js")


def tell(tmp_path, code):
    return run_node(tmp_path, JAVASCRIPT + code, *MODULES, words=words())


def test_a_film_grows_and_arrives(tmp_path):
    ((sent, heard, end),) = tell(
        tmp_path,
        """
        const engine = make(), heard = [];
        const told = { grown: (film) => heard.push(["grown", film]), progress: (...how) => heard.push(how) };
        const film = engine.film({ seed: 3 }, told);
        const [worker] = workers, id = worker.sent[1].id;
        worker.says({ kind: "progress", id, share: 0.5, words: "step 5 of 10" });
        worker.says({ kind: "grown", id, film: "half" });
        worker.says({ kind: "done", id, result: "whole" });
        say([worker.sent.map(({ kind, fields }) => [kind, fields ?? null]), heard, await fate(film)]);
        """,
    )
    assert sent == [["table", None], ["film", {"seed": 3}]]
    assert heard == [[0.5, "step 5 of 10"], ["grown", "half"]]
    assert end == ["done", "whole"]


def test_a_newer_film_overtakes_the_one_before_and_no_run(tmp_path):
    ((ends, late),) = tell(
        tmp_path,
        """
        const engine = make();
        let late = 0;
        const run = engine.run({ seed: 1 }, { W: [[1]], H: [[1]] });
        const first = engine.film({ seed: 1 }, { grown: () => { late += 1; } });
        const second = engine.film({ seed: 2 });
        const [worker] = workers;
        worker.says({ kind: "grown", id: 2, film: "late" });
        worker.says({ kind: "done", id: 2, result: "late" });
        worker.says({ kind: "done", id: 3, result: "second" });
        worker.says({ kind: "done", id: 1, result: "run" });
        say([await Promise.all([fate(run), fate(first), fate(second)]), late]);
        """,
    )
    assert ends == [["done", "run"], ["Overtaken", None, ""], ["done", "second"]]
    assert late == 0


def test_a_refusal_names_its_field(tmp_path):
    (end,) = tell(
        tmp_path,
        """
        const engine = make();
        const film = engine.film({ seed: -1 });
        workers[0].says({ kind: "refused", id: 1, field: "seed", message: "seed = -1 is out of range." });
        say(await fate(film));
        """,
    )
    assert end == ["Refusal", "seed", "seed = -1 is out of range."]


def test_a_worker_that_breaks_down_is_replaced_and_said(tmp_path):
    ((broken, ended, sent, end),) = tell(
        tmp_path,
        """
        const engine = make();
        const film = engine.film({ seed: 1 }), run = engine.run({ seed: 1 });
        workers[0].says({ kind: "progress", id: 1, share: 0.1, words: "step 1 of 10" });
        workers[0].breaks("out of memory");
        const broken = await Promise.all([fate(film), fate(run)]);
        const again = engine.film({ seed: 2 });
        workers[1].says({ kind: "done", id: 3, result: "anew" });
        say([broken, workers[0].ended, workers[1].sent.map(({ kind }) => kind), await fate(again)]);
        """,
    )
    crashed = words()["engine"]["crashed"].format(why="out of memory")
    assert broken == [["Error", None, crashed]] * 2
    assert ended and sent == ["table", "film"] and end == ["done", "anew"]


def test_a_page_that_allows_no_worker_says_so(tmp_path):
    ((refused, silent),) = tell(
        tmp_path,
        """
        const none = make(() => { throw new Error("SecurityError"); });
        const refused = await fate(none.film({ seed: 1 }));
        const engine = make();
        const film = engine.film({ seed: 1 });
        workers[0].breaks();
        say([refused, await fate(film)]);
        """,
    )
    assert refused == silent == ["Error", None, words()["engine"]["blocked"]]


def test_scripts_run_configs_from_starts_of_their_own(tmp_path):
    ((sent, end),) = tell(
        tmp_path,
        """
        openLab(make());
        const asked = collapseLab.run({ classes: 2 }, { W: [[1], [2]], H: [[3, 4]] });
        workers[0].says({ kind: "done", id: 1, result: { step: 7 } });
        say([workers[0].sent[1], await fate(asked)]);
        """,
    )
    assert sent == {"kind": "run", "id": 1, "fields": {"classes": 2}, "start": {"W": [[1], [2]], "H": [[3, 4]]}}
    assert end == ["done", {"step": 7}]
