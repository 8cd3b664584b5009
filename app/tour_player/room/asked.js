// How a teacher's pages ask their server, and what they keep of her rooms in her own browser.

/** @import { KeptRoom } from "./types.d.ts" */
import { keep, kept } from "./connection.js";

const ROOM_KEY = "collapse-lab-room-";
const DAY_MS = 86_400_000;
const UNREACHED = "The server does not answer: is it running, and is this machine still on its network?";

/** A refusal in words for the person who asked. */
export class Refused extends Error {}

/**
 * Asks for something; a teacher's secret travels in a header, never in an address.
 * @throws {Refused} one sentence
 * @type {(address: URL, request?: RequestInit, secret?: string) => Promise<Response>}
 */
export async function asked(address, request = {}, secret = "") {
  const headers = { ...request.headers, ...(secret && { Authorization: `Bearer ${secret}` }) };
  let answer;
  try {
    answer = await fetch(address, { ...request, headers });
  } catch {
    throw new Refused(UNREACHED);
  }
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => null);
  throw new Refused(said?.error ?? `The server answers ${answer.status}.`);
}

/** Sends JSON. @type {(address: URL, body: object, secret?: string) => Promise<Response>} */
export function posted(address, body, secret = "") {
  return asked(address, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }, secret);
}

/** Keeps a room that was opened here; answers whether that was allowed. @type {(code: string, room: KeptRoom) => boolean} */
export function keepRoom(code, room) {
  return keep(() => localStorage, ROOM_KEY + code, JSON.stringify(room));
}

/** @type {(code: string) => KeptRoom | null} */
export function keptRoom(code) {
  try {
    const room = JSON.parse(kept(() => localStorage, ROOM_KEY + code) ?? "null");
    return room && typeof room.secret === "string" && Date.now() - room.opened < DAY_MS ? room : null;
  } catch {
    return null; // not of our writing
  }
}

/** The codes of the rooms that were opened here in the last day, the latest first; what is older is forgotten. @type {() => string[]} */
export function keptCodes() {
  try {
    const codes = Object.keys(localStorage).filter((key) => key.startsWith(ROOM_KEY)).map((key) => key.slice(ROOM_KEY.length));
    for (const code of codes) if (!keptRoom(code)) forgetRoom(code);
    return codes.filter(keptRoom).sort((a, b) => (keptRoom(b)?.opened ?? 0) - (keptRoom(a)?.opened ?? 0));
  } catch {
    return [];
  }
}

/** @type {(code: string) => void} */
export function forgetRoom(code) {
  try {
    localStorage.removeItem(ROOM_KEY + code);
  } catch {
    // nothing was kept
  }
}
