// What a teacher does with a room beside teaching: its results as files, her link for another device, its end.

import { find, make, wordButton } from "../../player/parts.js";
import { Refused, asked } from "./asked.js";

const SURE_TO_END = "End the room for everybody? Its answers can still be saved here until tomorrow.";
const OWN_LINK = "Your own link, for another device of yours. It moves the room: show it to nobody.";

/**
 * @typedef {object} Menu
 * @property {HTMLElement} root
 * @property {HTMLElement} trouble
 * @property {string} code
 * @property {URL} room
 * @property {string} secret
 * @property {boolean} isRehearsal
 * @property {() => void} end
 */

/** Fills the menu of a room. @type {(menu: Menu) => void} */
export function fillMenu({ root, trouble, code, room, secret, isRehearsal, end }) {
  const box = find(root, ".teach-more div");
  if (isRehearsal) make("p", "", box, "A rehearsal has no record: its students are simulated.");
  else {
    wordButton(box, "", "Save the record of this class", () => save("record", `class-${code}.json`));
    wordButton(box, "", "Save all answers as a table (CSV)", () => save("csv", `class-${code}.csv`));
  }
  const label = make("label", "", box, OWN_LINK);
  const field = make("input", "teach-secret", label);
  field.type = "password";
  field.readOnly = true;
  field.value = `${location.href.replace(/#.*/, "")}#${secret}`;
  wordButton(box, "", "Show or hide this link", () => {
    field.type = field.type === "password" ? "text" : "password";
    if (field.type === "text") field.select();
  });
  wordButton(box, "", "End this room", () => { if (confirm(SURE_TO_END)) end(); });

  /** @type {(form: string, name: string) => Promise<void>} */
  async function save(form, name) {
    try {
      const answer = await asked(new URL(`${room.href}/results?format=${form}`), {}, secret);
      saveAs(await answer.blob(), name);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      trouble.textContent = error.message;
    }
  }
}

/** Hands a person a file. @type {(file: Blob, name: string) => void} */
function saveAs(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}
