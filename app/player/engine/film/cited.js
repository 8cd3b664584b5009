// Marks the numbers in sentences that are values of curves, and takes the marks out again once sentences are whole, as
// `ulpm_core/film/cited.py` does.

const [OPENS, PARTS, CLOSES] = ["\ue000", "\ue001", "\ue002"]; // of Unicode's private use area: no sentence has them
const MARKED = new RegExp(`${OPENS}(\\w+)${PARTS}(\\d+)${PARTS}([^${OPENS}-${CLOSES}]*)${CLOSES}`, "g");

/** The words of a number, marked as the value of a curve at a snapshot. @type {(curve: string, snapshot: number, words: string) => string} */
export function cited(curve, snapshot, words) {
  return [OPENS, curve, PARTS, snapshot, PARTS, words, CLOSES].join("");
}

/**
 * Sentences without marks, and those of the marked numbers that a curve of a film has at one of its frames.
 * @param {string[]} sentences
 * @param {Record<string, ArrayLike<number>>} values of the curves, at the frames
 * @param {ArrayLike<number>} frames the snapshots that are frames
 */
export function parted(sentences, values, frames) {
  const frameOf = new Map(Array.from(frames, (snapshot, frame) => [snapshot, frame]));
  /** @type {{ sentence: number, start: number, end: number, curve: string, frame: number, value: number }[]} */
  const figures = [];
  const plain = sentences.map((words, sentence) => {
    let [said, at] = ["", 0];
    for (const { index, 0: mark, 1: curve, 2: snapshot, 3: number } of words.matchAll(MARKED)) {
      said += words.slice(at, index);
      const frame = frameOf.get(Number(snapshot));
      const value = frame === undefined ? NaN : values[curve]?.[frame] ?? NaN;
      if (frame !== undefined && Number.isFinite(value)) {
        figures.push({ sentence, start: said.length, end: said.length + number.length, curve, frame, value });
      }
      [said, at] = [said + number, index + mark.length];
    }
    return said + words.slice(at);
  });
  return { sentences: plain, figures };
}
