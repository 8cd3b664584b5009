// Starts the lab in one file: first what is seen at once, then the engine, and what draws.

import { carried, painted, textOfCarried } from "../player/carried.js";
import { carriedPlotly } from "../player/carried_plotly.js";
import { Engine, openLab } from "../player/engine/engine.js";
import { parseFilm } from "../player/film.js";
import { fitWidth } from "../player/layout.js";
import { find } from "../player/parts.js";
import { sayInPlace } from "../player/trouble.js";
import { runOfHeader } from "./facts.js";
import { Films } from "./films.js";
import { Lab } from "./lab.js";

const WIDE_PAGE = "(min-width: 768px)";

/** Opens the knobs where they fill a side; a frame may get its width only later, and a phone be turned. @type {(knobs: HTMLElement) => void} */
function unfoldKnobs(knobs) {
  const wide = matchMedia(WIDE_PAGE);
  const unfold = () => { if (wide.matches) knobs.setAttribute("open", ""); };
  wide.addEventListener("change", unfold);
  unfold();
}

/** Shows the page, then makes it move. */
async function startLab() {
  const root = find(document, ".lab");
  fitWidth(find(root, ".fp"));
  if (root.dataset.form === "lab") unfoldKnobs(find(root, ".lab-knobs"));
  const [table, bytes] = await Promise.all([textOfCarried("table").then(JSON.parse), carried("film")]);
  const film = parseFilm(bytes);
  const first = runOfHeader(film.header.config, table.page);
  const lab = new Lab(root, table.page, first);
  await painted();
  const engine = new Engine(await textOfCarried("engine"), table.engine);
  openLab(engine);
  const films = new Films(engine);
  films.keep(first, bytes);
  lab.begin(await carriedPlotly(), films);
}

startLab().catch(sayInPlace);
