"""exp of the browser's kernel against NumPy's, in units in the last place."""

from pathlib import Path

import numpy as np

from tests.javascript import run_node

CODE = """const writer = new ModuleWriter(), routine = new Routine([0x7f]);
const x = routine.vector(), at = routine.parameter(0);
const room = roomForExponential(routine);
routine.body = [
  local.set(x, v128.load(local.get(at))),
  v128.store(local.get(at), exponential(local.get(x), room)),
];
writer.routine(routine, "exponential");
const bytes = 8 * given.x.length;
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writer.bytes(bytes)));
const numbers = new Float64Array(exports.memory.buffer, 0, given.x.length);
numbers.set(given.x.map((text) => Number(text)));
for (let at = 0; at < bytes; at += 16) exports.exponential(at);
say(Array.from(numbers, String));"""
MODULES = tuple(f"player/engine/wasm/{name}.js" for name in ("assembler", "exponential", "instructions"))


def exponential(tmp_path: Path, x: np.ndarray) -> np.ndarray:
    text = [str(number).replace("inf", "Infinity") for number in x.tolist()]
    (found,) = run_node(tmp_path, CODE, *MODULES, x=text)
    return np.array([float(number.replace("Infinity", "inf")) for number in found])


def test_within_two_units_in_the_last_place(tmp_path: Path) -> None:
    x = np.concatenate([np.random.default_rng(0).uniform(-708.0, 700.0, 9000), np.linspace(-1.0, 1.0, 1000)])
    assert (np.abs(exponential(tmp_path, x) - np.exp(x)) <= 2.0 * np.spacing(np.exp(x))).all()


def test_ends_of_the_range(tmp_path: Path) -> None:
    found = exponential(tmp_path, np.array([0.0, -0.0, -708.1, -1e300, -np.inf, np.nan]))
    assert found[:5].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert np.isnan(found[5])
