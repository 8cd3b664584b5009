// The kinds of question: one module each, and one row here.

/** @import { QuestionKind } from "./types.d.ts" */
import { CHOICE, SEVERAL } from "./choosing.js";
import { NUMBER } from "./estimating.js";
import { PLACE } from "./placing.js";
import { DRAW } from "./sketching.js";

/** @type {Record<string, QuestionKind | undefined>} */
export const QUESTION_KINDS = { choice: CHOICE, several: SEVERAL, number: NUMBER, draw: DRAW, place: PLACE };
