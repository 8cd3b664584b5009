// The marks on a film's clock, in words, as `ulpm_core/film/events.py`.

/** @import { MarkOfRun } from "../types.d.ts" */
/** @import { Told } from "./told.js" */
import { fixed, powerOfE } from "../number_words.js";
import { filled, plainWords } from "./said.js";
import { momentOf } from "./told.js";

/** The events of a run in order of time. @type {(told: Told) => object[]} */
export function eventsOf(told) {
  const { run, config, analysis: { marks, stage: { frames } }, table: { words } } = told;
  const rate = plainWords(config.learning_rate);
  const labelled = marks.map((mark) => {
    const name = mark.name === "vanished" && mark.classes.length === 1 ? "vanished-one" : mark.name;
    return { mark, label: filled(words.events[name], { rate, classes: listedWords(told, mark.classes) }) };
  });
  labelled.sort((a, b) => a.mark.snapshot - b.mark.snapshot || (a.label < b.label ? -1 : 1));
  return labelled.map(({ mark, label }) => ({
    frame: frames.findIndex((snapshot) => snapshot >= mark.snapshot),
    step: run.step[mark.snapshot],
    when: markMoment(told, mark),
    id: mark.name,
    label,
    kind: words.kinds[mark.name] ?? "note",
  }));
}

/** Numbers of classes in words: 3, 4 and 5. @type {(told: Told, classes: number[]) => string} */
function listedWords({ say }, classes) {
  const names = classes.map((k) => String(k + 1));
  const [first, last] = [names.slice(0, -1).join(", "), names[names.length - 1] ?? ""];
  return first ? say("and", { first, last }) : last;
}

/** @type {(told: Told, mark: MarkOfRun) => string} */
function markMoment(told, { snapshot, name, logTime }) {
  if (Number.isNaN(logTime)) return momentOf(told, snapshot);
  return told.say("time", { t: name === "billion-steps" ? `e^${fixed(logTime, 1)}` : powerOfE(logTime) });
}
