// Refuses a run that a page's memory cannot hold, in the words of `ulpm_core/dynamics/engines/cost.py`.

/** @import { Config } from "./config.js" */
/** @import { EngineTable } from "./jobs.js" */
import { filled } from "./film/said.js";
import { fixed } from "./number_words.js";
import { recordedSteps, snapshotsThatFit } from "./schedule.js";
import { samplesThatFit, tooManySamples } from "./config_refusals.js";

const GIGABYTE = 2 ** 30;
/** What a run may take: a tab has 4 GB at most, a phone's less. */
const MOST_BYTES = GIGABYTE;
/** Copies of a state beside its snapshots: in the kernel with its gradient and memories; also in a flow's, with its stages. */
const STATE_COPIES = { steps: 6, flow: 27 };
/** Arrays of all logits that exist at once where a state is measured. */
const LOGIT_COPIES = 3;

/** Most memory that a run takes, with at most so many samples of each class. @type {(config: Config, most?: number) => number} */
function predictedBytes(config, most = Infinity) {
  const { classes, dimension, flows } = config;
  const samples = config.sizes.reduce((sum, size) => sum + Math.min(size, most), 0);
  const kept = flows ? snapshotsThatFit(config) : recordedSteps(config).length;
  return 8 * ((kept + (flows ? STATE_COPIES.flow : STATE_COPIES.steps)) * dimension * (classes + samples) + LOGIT_COPIES * classes * samples);
}

/**
 * @throws {Refusal} with the most samples that fit
 * @type {(config: Config, table: EngineTable) => void}
 */
export function refuseTooLarge(config, { parameters: { refusals }, words }) {
  const needed = predictedBytes(config);
  if (needed <= MOST_BYTES) return;
  const fits = samplesThatFit(config.sizes, (most) => predictedBytes(config, most) <= MOST_BYTES);
  const gigabytes = (/** @type {number} */ bytes) => fixed(Math.max(1, bytes / GIGABYTE), 0);
  throw tooManySamples(refusals, config.sizes, filled(words.too_large, { needed: gigabytes(needed), most: gigabytes(MOST_BYTES) }), fits);
}
