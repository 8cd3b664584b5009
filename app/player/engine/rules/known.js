// The rules there are, by name: a new one is a file of this folder and a row here.

/** @import { Rule } from "../parts.d.ts" */
import { GRADIENT_DESCENT } from "./gradient_descent.js";
import { NORMALISED } from "./normalised.js";
import { SIGN_DESCENT } from "./sign_descent.js";
import { adamRule } from "./adam.js";
import { momentumRule } from "./momentum.js";

/** Parameters of rules, by the names of a run's fields. @typedef {{ momentum: number, beta2: number, epsilon: number }} RuleParameters */

/** @type {Record<string, (parameters: RuleParameters) => Rule>} */
const RULES_BY_METHOD = {
  "gradient-descent": () => GRADIENT_DESCENT,
  momentum: ({ momentum }) => momentumRule(momentum),
  "normalised-gradient-descent": () => NORMALISED,
  adam: adamRule,
  "sign-descent": () => SIGN_DESCENT,
};

/**
 * The rule of a run's steps; of a flow, that of which it is the limit.
 * @type {(config: RuleParameters & { method: string }) => Rule}
 */
export function stepRule(config) {
  return (RULES_BY_METHOD[config.method] ?? RULES_BY_METHOD["gradient-descent"])(config);
}
