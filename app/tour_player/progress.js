// How far a person is in a tour, kept in the browser where it lets pages keep anything: never a failure where it does not.

/** @import { TourProgress } from "./types.d.ts" */

/** @type {(digest: string) => string} */
const placeOf = (digest) => `collapse-lab-tour-${digest}`;

/** What was kept of the tour with this digest; null where nothing was, or nothing that is to be read. @type {(digest: string) => TourProgress | null} */
export function keptProgress(digest) {
  try {
    return progressOf(JSON.parse(localStorage.getItem(placeOf(digest)) ?? "null"));
  } catch {
    return null;
  }
}

/** @type {(digest: string, progress: TourProgress) => void} */
export function keepProgress(digest, progress) {
  try {
    localStorage.setItem(placeOf(digest), JSON.stringify(progress));
  } catch {
    // a file, a private window or a full store keeps nothing
  }
}

/** A value as progress; null where it has another form. Whether an answer fits its question, the kind of question says. @type {(value: any) => TourProgress | null} */
export function progressOf(value) {
  if (!Number.isInteger(value?.scene) || value.answers === null || typeof value.answers !== "object") return null;
  const answers = Object.entries(value.answers).filter(([place, one]) => /^\d+\.\d+$/.test(place) && one && typeof one === "object");
  return { scene: value.scene, answers: Object.fromEntries(answers.map(([place, { answer = null, told }]) => [place, { answer, told: told === true }])) };
}
