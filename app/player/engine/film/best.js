// Says how far a run of another objective than the model's own is from the best value, and what kept it.

/** @import { State } from "../types.d.ts" */
/** @import { Told } from "./told.js" */
import { numberWords, powerOfE } from "../number_words.js";
import { cited } from "./cited.js";
import { plainWords } from "./said.js";
import { optimumNote } from "./stop_reason.js";
import { crawls } from "./told.js";

/** A start as much further out that lies on its bounds is beyond them. */
const BEYOND = 1 + 1e-9;
/** Snapshots at the end of a run that show whether its value has settled. */
const LAST_FEW = 10;
/** Share of its value above which a rise is no rounding. */
const RISES = 1e-6;
/** Least value that a rise is measured by. */
const LEAST_VALUE = 1e-9;

/** @type {(told: Told) => string} */
export function towardsItsIdeal(told) {
  const { say } = told;
  const settled = besideTheBest(told);
  const moving = leaps(told) ? say("leaping", { said: settled }) : settled;
  const { feature_norm: radius } = told.config;
  if (radius < Infinity) return say("at-one-length", { said: moving, radius: plainWords(radius) });
  const rest = told.analysis.marks.find(({ name }) => name === "at-rest");
  const words = rest ? say("at-rest", { said: moving, t: powerOfE(told.run.logTime[rest.snapshot]) }) : moving;
  return beginsHeld(told) ? say("held", { said: words }) : words;
}

/** @type {(told: Told) => string} */
function besideTheBest({ objective, table, say, value: values, last }) {
  const what = say(objective.regulariser ? "the-value" : "the-loss");
  const value = cited(objective.regulariser ? "value" : "loss", last, numberWords(values[last]));
  const note = optimumNote(objective, table.words);
  if (note) return say("value-noted", { what, value, note });
  const best = objective.ideal.value;
  if (Number.isNaN(best)) return say("value-unknown", { what, value });
  return say("value", { what, value, best: numberWords(best) });
}

/**
 * Whether the value of plain gradient descent rises again in the last snapshots: within bounds, a learning rate that is
 * too large has no other end.
 * @type {(told: Told) => boolean}
 */
function leaps({ config, value, last }) {
  let rise = 0;
  for (let i = Math.max(1, last - LAST_FEW + 2); i <= last; i += 1) rise = Math.max(rise, value[i] - value[i - 1]);
  return crawls(config) && rise > RISES * Math.max(value[last], LEAST_VALUE);
}

/** Whether a run begins on its bounds, as it does from any start beyond them. @type {(told: Told) => boolean} */
function beginsHeld({ run, config, objective }) {
  if (!objective.constraint) return false;
  const [first] = run.states;
  const further = { W: first.W.map((x) => BEYOND * x), H: first.H.map((x) => BEYOND * x) };
  /** @type {State} */
  const brought = { W: further.W.slice(), H: further.H.slice() };
  objective.constraint.project(brought, config.sizes);
  return brought.W.some((x, i) => x !== further.W[i]) || brought.H.some((x, i) => x !== further.H[i]);
}
