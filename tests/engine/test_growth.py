"""When films of a run so far are made: soon, not too often, and not just before the last one."""

from __future__ import annotations

from itertools import pairwise

from javascript import run_node

from app.engine.words import WAITS

JAVASCRIPT = """
let now = 0;
/** Moments at which a run of so many milliseconds, looked at every 8, makes films that take `cost` each. */
const moments = (length, cost) => {
  now = 0;
  const growth = new Growth(() => now), made = [];
  for (let done = 0; done < length; done += 8, now += 8) {
    if (!growth.wants(done / length)) continue;
    growth.measured((function* () { now += cost; })()).next();
    made.push(now);
  }
  return made;
};
"""


def asked(tmp_path, code, **given):
    return run_node(tmp_path, JAVASCRIPT + code, "player/engine/growth.js", **given)


def test_a_short_run_shows_its_last_film_alone(tmp_path):
    assert asked(tmp_path, "say(moments(20, 10))") == [[]]


def test_a_long_run_grows_early_and_at_intervals(tmp_path):
    (made,) = asked(tmp_path, "say(moments(2000, 10))")
    assert made[0] == 8 + 10
    gaps = [after - before for before, after in pairwise(made)]
    assert len(made) > 8 and all(150 <= gap <= 190 for gap in gaps)


def test_films_that_take_long_leave_most_of_the_time_to_the_run(tmp_path):
    (made,) = asked(tmp_path, "say(moments(20000, 300))")
    assert 300 * len(made) < 0.35 * 20000


def test_a_rest_is_no_time_of_the_run(tmp_path):
    code = """
    now = 0;
    const growth = new Growth(() => now);
    const after = (ms) => { now += ms; return growth.secondsLeft(0.5); };
    growth.goOn();
    say([after(1000), (growth.rest(), after(500000), growth.goOn(), after(0)), after(1000), growth.wants(0.5)]);
    """
    assert asked(tmp_path, code) == [[1.0, 1.0, 2.0, True]]


def test_a_wait_is_told_in_figures_that_do_not_pretend(tmp_path):
    code = """
    now = 0;
    const growth = new Growth(() => now);
    now = 10000;
    say([0.9, 0.5, 0.1, 0.0123, 0].map((share) => growth.told(share, given.waits)));
    now = 9000000;
    say([0.99, 0.5, 0.1, 1e-6].map((share) => growth.told(share, given.waits)));
    """
    said = asked(tmp_path, code, waits=WAITS)
    assert said == [["", "10 s", "90 s", "15 min", ""], ["90 s", "3 h", "25 h", "2,500,000 h"]]
