// Starts the lab in one file: first what is seen at once, then the engine, and what draws.

import { carried, damage, painted, runCarried, textOfCarried } from "../player/carried.js";
import { Engine, openLab } from "../player/engine/engine.js";
import { parseFilm } from "../player/film.js";
import { fitWidth } from "../player/layout.js";
import { find } from "../player/parts.js";
import { sayInPlace } from "../player/trouble.js";
import { Films } from "./films.js";
import { Lab, runOfFilm } from "./lab.js";

const WIDE_PAGE = "(min-width: 768px)";

/** Shows the page, then makes it move. */
async function startLab() {
  const root = find(document, ".lab");
  fitWidth(find(root, ".fp"));
  const knobs = root.querySelector("details");
  if (knobs) knobs.open = root.dataset.form === "lab" && matchMedia(WIDE_PAGE).matches;
  const [table, bytes] = await Promise.all([textOfCarried("table").then(JSON.parse), carried("film")]);
  const film = parseFilm(bytes);
  const first = runOfFilm(film, table.page);
  const lab = new Lab(root, table.page, first);
  await painted();
  const engine = new Engine(await textOfCarried("engine"), table.engine);
  openLab(engine);
  const films = new Films(engine);
  films.keep(first, bytes);
  await runCarried("plotly");
  if (!window.Plotly) throw damage("plotly");
  lab.begin(window.Plotly, films);
}

startLab().catch(sayInPlace);
