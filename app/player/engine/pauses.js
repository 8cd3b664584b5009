// Work that can be paused: generators that yield after each small piece of it.

/**
 * Does all of it without a pause; returns what it does.
 * @template Answer
 * @param {Generator<unknown, Answer, void>} work
 * @returns {Answer}
 */
export function finished(work) {
  let now = work.next();
  while (!now.done) now = work.next();
  return now.value;
}

/**
 * Does all of it with a pause after about every `sliceMs` milliseconds; returns what it does.
 * @template Answer
 * @param {Generator<unknown, Answer, void>} work
 * @param {number} sliceMs
 * @returns {Generator<void, Answer, void>}
 */
export function* paced(work, sliceMs) {
  let begun = performance.now();
  for (let now = work.next(); ; now = work.next()) {
    if (now.done) return now.value;
    if (performance.now() - begun < sliceMs) continue;
    yield;
    begun = performance.now();
  }
}
