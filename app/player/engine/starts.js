// The random starts of runs, each drawn from its own seed, as ulpm_core/model/initialisation.py draws them.

/** @import { Config } from "./config.js" */
/** @import { State } from "./types.d.ts" */
import { minimumNormOptimum, unevenOptimum } from "./etf.js";
import { Objective } from "./objective.js";
import { standardNormals } from "./random/normal.js";
import { Pcg64 } from "./random/pcg64.js";

/** `small` starts at a hundredth of the scale: close enough to the saddle at the origin to see it being left. */
const SMALL_FACTOR = 0.01;

/** @type {Record<string, (config: Config) => State>} */
const DRAWN_STARTS = {
  gaussian,
  small: (config) => eachEntry(gaussian(config), (entry) => SMALL_FACTOR * entry),
  collapsed,
  "etf-perturbed": etfPerturbed,
};

/** Independent entries N(0, initial_scale^2) in W, then H. @type {(config: Config) => State} */
function gaussian({ classes, dimension, sampleCount, initial_scale: scale, seed }) {
  const bits = new Pcg64(seed);
  const W = standardNormals(bits, classes * dimension);
  const H = standardNormals(bits, dimension * sampleCount);
  return eachEntry({ W, H }, (entry) => scale * entry);
}

/** Every sample of a class on one Gaussian point: NC1 holds from the start, and stays by symmetry. @type {(config: Config) => State} */
function collapsed(config) {
  const { W, H } = gaussian(config);
  const { sizes, labels, sampleCount: N } = config;
  let before = 0;
  const first = sizes.map((size) => (before += size) - size);
  return { W, H: H.map((_, at) => H[at - (at % N) + first[labels[at % N]]]) };
}

/** The minimum-norm optimum, all margins 1, plus Gaussian noise of initial_scale. Needs d >= K - 1. @type {(config: Config) => State} */
function etfPerturbed(config) {
  const { class_sizes: sizes, classes, dimension, per_class: perClass } = config;
  const ideal = sizes.length ? unevenOptimum(sizes, dimension) : minimumNormOptimum(classes, dimension, perClass);
  const noise = gaussian(config);
  return { W: ideal.W.map((entry, i) => entry + noise.W[i]), H: ideal.H.map((entry, i) => entry + noise.H[i]) };
}

/** @type {(state: State, change: (entry: number) => number) => State} */
function eachEntry({ W, H }, change) {
  return { W: W.map(change), H: H.map(change) };
}

/** The start that a config names, drawn and brought within what the config bounds. @type {(config: Config) => State} */
export function drawStart(config) {
  return broughtWithin(config, DRAWN_STARTS[config.initialisation](config));
}

/** The start itself where there are no bounds, else the nearest state within. @type {(config: Config, start: State) => State} */
export function broughtWithin(config, start) {
  const { constraint } = Objective.of(config);
  if (constraint === null) return start;
  const within = { W: start.W.slice(), H: start.H.slice() };
  constraint.project(within, config.sizes);
  return within;
}
