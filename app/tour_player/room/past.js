// A class that was, from the file of its record: its scenes, what was answered, and what was right.

/** @import { OpenedRecord } from "./types.d.ts" */
import { find, make, wordButton } from "../../player/parts.js";
import { TourPlayer } from "../tour.js";
import { ClassAnswers } from "./class_answers.js";
import { plotlyOfPage } from "./library.js";
import { ServedTour } from "./served.js";

/** Shows a record in the place of `door`. @type {(door: HTMLElement, lab: URL, record: OpenedRecord) => Promise<void>} */
export async function showRecord(door, lab, { day, title, scenes, notes, tour: address }) {
  const served = new ServedTour(lab, new URL(`../${address}`, lab));
  const data = await served.data();
  const past = find(document, ".teach-past");
  const bar = make("header", "teach-bar", past);
  make("h1", "", bar, title);
  make("p", "teach-here", bar, `The class of ${day}`);
  wordButton(bar, "room-button", "Close", () => location.reload());
  const main = make("main", "teach-main", past);
  const place = make("div", "room-tour", main);
  const side = make("aside", "teach-side", main);
  const answers = new ClassAnswers(make("section", "teach-answers", side), served.films, null);
  const said = make("div", "teach-notes", side);
  door.hidden = true;
  past.hidden = false;
  const answered = data.scenes.flatMap(({ questions }, scene) => questions.map((_, question) => [`${scene}.${question}`, { answer: null, told: true }]));
  /** @type {(scene: number) => void} */
  const turned = (scene) => {
    const { questions } = scenes[scene];
    answers.turnTo(data.scenes[scene]);
    answers.show(questions, questions.map(() => true), 0);
    said.innerHTML = notes[scene] ?? ""; // written by the reader of documents, which escapes
  };
  const tour = new TourPlayer(place, data, { Plotly: plotlyOfPage(), films: served.films, mode: "talk", told: { moved: turned } });
  tour.restore({ scene: 0, answers: Object.fromEntries(answered) });
  turned(0);
}
