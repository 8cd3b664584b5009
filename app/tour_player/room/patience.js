// Asks a server that may be away for a moment: it is asked again until it answers.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;
const TOO_MANY = 429;
const SERVER_FAILED = 500;

/**
 * What the server answers; one that is away, overrun or failing is asked again, for as long as `wanted` holds; then null.
 * @type {(address: URL, request?: RequestInit, wanted?: () => boolean) => Promise<Response | null>}
 */
export async function patiently(address, request = {}, wanted = () => true) {
  for (let pause = FIRST_PAUSE_MS; wanted(); pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const answer = await fetch(address, request).catch(() => null); // oxlint-disable-line no-await-in-loop
    if (answer && answer.status !== TOO_MANY && answer.status < SERVER_FAILED) return answer;
    await new Promise((again) => { setTimeout(again, pause * (0.5 + Math.random())); }); // oxlint-disable-line no-await-in-loop
  }
  return null;
}

/** What a refusal says. @type {(answer: Response) => Promise<string>} */
export async function refusalOf(answer) {
  const said = await answer.json().catch(() => null);
  return said?.error ?? `The server answers ${answer.status}.`;
}
