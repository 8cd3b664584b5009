// Work in slices: between two of them the worker hears its messages, so that a turned knob is never waited for.

/** Milliseconds of work between two looks at what the page wants. */
export const SLICE_MS = 8;

const { port1, port2 } = new MessageChannel();
/** @type {(() => void)[]} */
const waiting = [];
port1.onmessage = () => waiting.shift()?.();

/** Lets messages arrive, without the 4 ms that a timer waits at least. @type {() => Promise<void>} */
export function turn() {
  return new Promise((next) => {
    waiting.push(next);
    port2.postMessage(null);
  });
}
