"""Random numbers are NumPy's, bit for bit; where the machine's own exponential or logarithm has a part, to one ulp."""

from __future__ import annotations

import numpy as np

from tests.engine.ziggurat import drawn, widths, word
from tests.javascript import run_node

SEQUENCE, PCG64, NORMAL = (f"player/engine/random/{name}.js" for name in ("seed_sequence", "pcg64", "normal"))
SEEDS = [0, 1, 4, 2**31, 2**32 - 1, *range(1000, 1040)]
TAIL = 3.6541528853610088


def test_a_seed_is_spread_as_numpy_spreads_it(tmp_path):
    (said,) = run_node(tmp_path, "say(given.seeds.map((seed) => [...seedSequence(seed, 11)]));", SEQUENCE, seeds=SEEDS)
    assert said == [np.random.SeedSequence(seed).generate_state(11).tolist() for seed in SEEDS]


def test_words_and_uniform_numbers_are_those_of_pcg64(tmp_path):
    code = """
        for (const seed of given.seeds) {
          const bits = new Pcg64(seed);
          const words = Array.from({ length: 200 }, () => {
            bits.draw();
            return String((BigInt(bits.high) << 32n) | BigInt(bits.low));
          });
          say([words, Array.from({ length: 5 }, () => bits.uniform())]);
        }"""
    for seed, (words, numbers) in zip(SEEDS, run_node(tmp_path, code, PCG64, seeds=SEEDS), strict=True):
        bits = np.random.PCG64(seed)
        assert list(map(int, words)) == bits.random_raw(200).tolist()
        assert numbers == np.random.Generator(bits).random(5).tolist()


def test_normal_numbers_are_those_of_numpy(tmp_path):
    """180,000 of them: some 2,000 in the corners of layers, and 50 in the tail."""
    code = "for (const seed of given.seeds) say([...standardNormals(new Pcg64(seed), 4000)]);"
    said = np.array(run_node(tmp_path, code, PCG64, NORMAL, seeds=SEEDS))
    wanted = np.array([np.random.default_rng(seed).standard_normal(4000) for seed in SEEDS])
    tail = np.abs(wanted) > TAIL
    assert 20 < tail.sum() < 100
    np.testing.assert_array_equal(said[~tail], wanted[~tail])
    np.testing.assert_array_max_ulp(said[tail], wanted[tail], 1)


def test_the_layers_are_numpys_to_the_last_bit(tmp_path):
    (said,) = run_node(tmp_path, "say([...LAYER_WIDTHS]);", "player/engine/random/ziggurat.js")
    assert said == widths().tolist()


def test_each_layer_is_sure_of_the_same_parts_as_numpys(tmp_path):
    """A word of the last part that is sure is enough, and one of the next part is not."""
    code = """
        let draws = 0;
        const bits = { draw() { draws += 1; }, uniform() { draws += 1; return 0; } };
        const drawsOf = (value) => {
          draws = 0;
          Object.assign(bits, { low: Number(BigInt(value) & 0xffffffffn), high: Number(BigInt(value) >> 32n) });
          standardNormal(bits);
          return draws;
        };
        say(given.words.map((pair) => pair.map(drawsOf)));"""
    layers = range(2, 256)
    sure = {layer: sure_parts(layer) for layer in layers}
    words = [[str(word(layer, sure[layer] - 1)), str(word(layer, sure[layer]))] for layer in layers]
    (said,) = run_node(tmp_path, code, NORMAL, words=words)
    assert said == [[1, 2]] * len(layers)


def sure_parts(layer: int) -> int:
    """How many parts of a layer of NumPy's lie under the curve for sure, by halving."""
    low, high = 0, 2**52
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if drawn(word(layer, middle), 0)[1] else (low, middle)
    return low
