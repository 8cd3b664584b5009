// From steps to the flow: how well the two agree where the flow takes over.

/** @import { Config } from "./config.js" */
/** @import { HandOver, State } from "./types.d.ts" */
import { FlowRun } from "./flow/gradient_flow.js";
import { euclideanNorm } from "./flow/norm.js";

/** A state of a run, as it is recorded. @typedef {{ step: number, state: State, logTime: number }} Recorded */

/** The norm of (W, H). @type {(state: State) => number} */
function sizeOf({ W, H }) {
  return Math.hypot(euclideanNorm(W), euclideanNorm(H));
}

/**
 * The hand-over after the last of these states of a run by steps; yields null for a pause.
 *
 * Steps and flow are run side by side over the last nine tenths: from the last snapshot within the first tenth of the
 * steps, the flow for the time that the steps took. The error is ||theta_flow - theta_steps|| / ||theta_steps||, or NaN
 * where the flow stalls.
 * @type {(config: Config, kept: Recorded[]) => Generator<null, HandOver, void>}
 */
export function* measureHandOver(config, kept) {
  const here = kept[kept.length - 1];
  const past = kept.slice(1, -1).findLast((at) => at.step <= Math.floor(here.step / 10)) ?? kept[0];
  const flow = new FlowRun(config, past.state, past.logTime).follow(here.logTime);
  let flowed = past.state;
  let now = flow.next();
  for (; !now.done; now = flow.next()) {
    if (now.value) flowed = now.value.state;
    yield null;
  }
  let error = NaN;
  if (now.value) {
    const apart = sizeOf({
      W: flowed.W.map((value, i) => value - here.state.W[i]),
      H: flowed.H.map((value, i) => value - here.state.H[i]),
    });
    error = apart > 0 ? apart / sizeOf(here.state) : 0;
  }
  return { frame: kept.length - 1, step: here.step, logTime: here.logTime, fromStep: past.step, error };
}
