// One step of an explicit pair of order 5 in eight stages, stable up to h |eigenvalue| = 13.8 on real spectra.
//
// For d theta/ds = -grad log L, whose spectrum is real. Where the classes are apart, stability and not accuracy sets the
// steps of DOP853, whose twelve stages are stable up to 6. How the coefficients were found is said in
// `ulpm_core/dynamics/flow/stabilised.py`.

/** @import { FlowMemory } from "./memory.js" */
/** @import { LogField } from "./log_field.js" */

export const LATE_ORDER = 5;
/** h |eigenvalue| up to which a step is taken to be stable; the polynomial's own limit is 13.8. */
export const STABLE = 13;
/** What each of the eight stages takes from those before it. */
export const LATE_STAGES = [
  [],
  [0.15434076554965612],
  [0.04213047370640488, 0.11000529198711644],
  [-0.1103866362691106, 0.20798827297057612, 0.2906955424530669],
  [0.08189326372040151, 0.028711193185318156, 0.11724908859124028, 0.2836333592743522],
  [0.12049946294682294, -0.07904333843036114, 0.16418973087805563, 0.19984425761741964, 0.2805439416543306],
  [
    0.0698135453017805, 0.09458575973548376, 0.15859365485864393, -0.0015564481826133366,
    0.20799264772016723, 0.338130363854499,
  ],
  [
    0.052540698584318764, 0.0629392604455573, 0.17600967026583153, -0.04109329476591475,
    0.0605559851638795, -0.08914904366894873, 0.05341135111977954,
  ],
];
/** The step, and its error: the one combination of the stages that vanishes for all orders up to 4. */
export const LATE_STEP = [
  [
    0.10161210429097967, -0.006243561972025879, 0.001601679987623673, 0.2372914114467773,
    0.03909596724008383, 0.09391224508387501, 0.2997260118993021, 0.23300414202338418,
  ],
  [
    0.011686203805792293, -0.013201830173983901, -0.02541156615009695, 0.018079051277892597,
    -0.012072975245710665, -0.0073693048195704915, 0.003930765851849334, 0.024359655453827775,
  ],
];
const [WHOLE_LATE_STEP, LATE_ERROR] = LATE_STEP;

/** The steps of a flow. */
export class Stabilised {
  /** @param {LogField} field */
  constructor(field) {
    this.field = field;
    this.logLoss = NaN;
  }

  /**
   * One step of length h; returns the norm of its error and leaves log L at its end.
   * @type {(at: FlowMemory, h: number) => Generator<null, number, void>}
   */
  *step(at, h) {
    const { field } = this;
    const { theta, f, end, endF, trial } = at;
    const stages = [f, ...at.stages];
    for (let s = 1; s < LATE_STAGES.length; s += 1) {
      field.addStages(trial, theta, h, LATE_STAGES[s], stages);
      field.at(trial, stages[s]);
      if (field.pauses) yield null;
    }
    field.addStages(end, theta, h, WHOLE_LATE_STEP, stages);
    this.logLoss = field.at(end, endF);
    field.addStages(trial, null, h, LATE_ERROR, stages);
    const error = field.norm(trial);
    return Number.isFinite(error) ? error : Infinity;
  }
}
