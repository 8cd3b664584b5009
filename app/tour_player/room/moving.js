// Sends a teacher's moves, one after the other, each with all that she has moved since; a server that is away gets them
// once it is back.

/** @import { RoomState } from "./types.d.ts" */
import { patiently, refusalOf } from "./patience.js";

export class Mover {
  /**
   * @param {URL} room
   * @param {string} secret
   * @param {(words: string) => void} told is told why a move was not made; empty once one was
   */
  constructor(room, secret, told) {
    this.address = new URL(`${room.href}/state`);
    this.secret = secret;
    this.told = told;
    /** @type {Partial<RoomState>} */
    this.waiting = {};
    /** All that was moved so far. @type {Partial<RoomState>} */
    this.said = {};
    this.isBusy = false;
  }

  /** Whether the room does not know yet of all that was moved. */
  get isAhead() {
    return this.isBusy || Object.keys(this.waiting).length > 0;
  }

  /** @type {(change: Partial<RoomState>) => Promise<void>} */
  async move(change) {
    if (change.scene !== undefined) delete this.waiting.frame; // of the scene before
    Object.assign(this.waiting, change);
    Object.assign(this.said, change);
    if (this.isBusy) return;
    this.isBusy = true;
    while (Object.keys(this.waiting).length) {
      const body = JSON.stringify(this.waiting);
      this.waiting = {};
      const headers = { "Content-Type": "application/json", Authorization: `Bearer ${this.secret}` };
      const answer = await patiently(this.address, { method: "POST", body, headers }); // oxlint-disable-line no-await-in-loop
      this.told(answer?.ok ? "" : answer ? await refusalOf(answer) : ""); // oxlint-disable-line no-await-in-loop
    }
    this.isBusy = false;
  }
}
