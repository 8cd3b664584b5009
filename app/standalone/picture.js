// Draws the last moment of a film as a picture, for where its player may not run.

/** @import { Film } from "../player/film.js" */
/** @import { Theme } from "../player/types.d.ts" */
import { filled } from "../player/engine/film/said.js";
import { make } from "../player/parts.js";
import { shownView, USUAL } from "../player/settings.js";
import { sidesOf } from "../player/sides.js";
import { NO_HANDS, Sketch } from "../player/sketch.js";
import { geometryOf, tracesOf } from "../player/traces.js";
import { viewMap } from "../player/views.js";

const [WIDTH, HEIGHT] = [720, 560]; // pixels

/** An image of a film's last frame as the stage shows it, in the page's colours; `label` is what it is called. @type {(film: Film, theme: Theme, label: string) => HTMLImageElement} */
export function pictureOf(film, theme, label) {
  const view = shownView([film], USUAL.view);
  const { flat } = viewMap(film, view, 0);
  const [side] = sidesOf([film], USUAL, [flat], { width: WIDTH, height: HEIGHT });
  const geometry = geometryOf(film, USUAL, film.frames - 1, { view, seconds: 0, camera: side.camera, height: HEIGHT });
  const host = make("div", "", document.body);
  Object.assign(host.style, { position: "absolute", width: `${WIDTH}px`, height: `${HEIGHT}px` }); // a canvas is as large as it is laid out
  const sketch = new Sketch(host, NO_HANDS);
  sketch.show(tracesOf(film, 0, { settings: USUAL, theme, isFlat: flat, geometry }), [side]);
  const image = make("img", "fp-picture");
  image.src = sketch.canvas.toDataURL();
  image.alt = filled(label, { title: film.header.title, frame: film.frames, frames: film.frames });
  image.style.background = theme.ground;
  sketch.destroy();
  host.remove();
  return image;
}
