// Work in slices: between two of them the worker hears its messages, so that a turned knob is never waited for.

/** Milliseconds of work between two looks at what the page wants. */
export const SLICE_MS = 8;

const { port1: heardPort, port2: toldPort } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
heardPort.addEventListener("message", () => waiting.shift()?.());
heardPort.start();

/** Goes on after messages have arrived, without the 4 ms that a timer waits at least. @type {(go: () => void) => void} */
function later(go) {
  waiting.push(go);
  toldPort.postMessage(null, []);
}

/**
 * Works through all looks at something that goes on, each of them told, as long as it is wanted; answers whether it was
 * to the end.
 * @template Look
 * @param {Iterator<Look>} looks each a slice of work
 * @param {(look: Look) => void} tell
 * @param {() => boolean} wanted
 * @returns {Promise<boolean>}
 */
export function inSlices(looks, tell, wanted) {
  return new Promise((resolve, reject) => {
    const next = () => {
      try {
        if (!wanted()) return resolve(false);
        const { value, done } = looks.next();
        if (done) return resolve(true);
        tell(value);
        return later(next);
      } catch (error) {
        return reject(error);
      }
    };
    next();
  });
}
