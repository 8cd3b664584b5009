// Spreads a seed over many words, as NumPy's SeedSequence does (O'Neill 2015, "Developing a seed_seq alternative").

const SEED_POOL = 4;
const SEED_SHIFT = 16;

/** @typedef {{ by: number, grows: number }} Hash a constant of the hash, and what it is multiplied with at each use */

/** @type {(value: number, hash: Hash) => number} */
function hashedSeed(value, hash) {
  const keyed = value ^ hash.by;
  hash.by = Math.imul(hash.by, hash.grows);
  const spread = Math.imul(keyed, hash.by);
  return spread ^ (spread >>> SEED_SHIFT);
}

/** @type {(x: number, y: number) => number} */
function mixedSeeds(x, y) {
  const both = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
  return both ^ (both >>> SEED_SHIFT);
}

/**
 * The first words, of 32 bits each, of the sequence that a seed of 32 bits begins:
 * `numpy.random.SeedSequence(seed).generate_state(count)`.
 * @type {(seed: number, count: number) => Uint32Array}
 */
export function seedSequence(seed, count) {
  const into = { by: 0x43b0d7e5, grows: 0x931e8875 };
  const pool = Array.from({ length: SEED_POOL }, (_, i) => hashedSeed(i ? 0 : seed, into));
  for (let source = 0; source < SEED_POOL; source += 1) {
    for (let target = 0; target < SEED_POOL; target += 1) {
      if (source !== target) pool[target] = mixedSeeds(pool[target], hashedSeed(pool[source], into));
    }
  }
  const outOf = { by: 0x8b51f9dd, grows: 0x58f38ded };
  return Uint32Array.from({ length: count }, (_, i) => hashedSeed(pool[i % SEED_POOL], outOf));
}
