// What is right, as far as a room has revealed it: a phone knows nothing of it before.

/** @import { TourData } from "../types.d.ts" */
/** @import { RoomState, Told } from "./types.d.ts" */
import { wholeAnswer } from "./served.js";

export class Revealed {
  /** @param {URL} room */
  constructor(room) {
    this.address = new URL(`${room.href}/revealed`);
    /** The questions whose answers stand in the tour. @type {Set<string>} */
    this.known = new Set();
  }

  /** Those of these questions whose answers are known. @type {(places: RoomState["revealed"]) => RoomState["revealed"]} */
  among(places) {
    return places.filter((place) => this.known.has(String(place)));
  }

  /** Writes the answers to these questions into the tour; says whether there were any to write. @type {(data: TourData, places: RoomState["revealed"]) => Promise<boolean>} */
  async learn(data, places) {
    if (this.among(places).length === places.length) return false;
    /** @type {{ revealed: Told[] }} */
    const { revealed } = await (await wholeAnswer(this.address)).json();
    for (const { scene, question, ...answer } of revealed) {
      Object.assign(data.scenes[scene].questions[question], answer);
      this.known.add(String([scene, question]));
    }
    return true;
  }
}
