// The rules there are, by name: a new one is a file of this folder and a row here.

/** @import { Rule } from "../parts.d.ts" */
import { GRADIENT_DESCENT } from "./gradient_descent.js";
import { NORMALISED } from "./normalised.js";
import { momentumRule } from "./momentum.js";

/** @type {Record<string, (parameters: { momentum: number }) => Rule>} */
const RULES_BY_METHOD = {
  "gradient-descent": () => GRADIENT_DESCENT,
  momentum: ({ momentum }) => momentumRule(momentum),
  "normalised-gradient-descent": () => NORMALISED,
};

/**
 * The rule of a run's steps; of a flow, that of which it is the limit.
 * @type {(config: { method: string, momentum: number }) => Rule}
 */
export function stepRule(config) {
  return (RULES_BY_METHOD[config.method] ?? RULES_BY_METHOD["gradient-descent"])(config);
}
