// Puts the film on paper as it is on screen: as wide as a page, and drawn where a graphics card's picture is not printed.

/** @import { FilmPlayer } from "../player/player.js" */
import { find } from "../player/parts.js";
import { NO_HANDS, Sketch } from "../player/sketch.js";

/** A page between its margins, in pixels. */
const PAGE_WIDTH = 660;

/** Fills what a drawing leaves free: on paper that would be white. @type {(sketch: Sketch, colour: string) => void} */
function ground({ canvas: { width, height }, context }, colour) {
  context.resetTransform();
  Object.assign(context, { globalCompositeOperation: "destination-over", fillStyle: colour });
  context.fillRect(0, 0, width, height);
}

/** Draws the film for paper whenever the page is printed, and takes that back after. @type {(player: FilmPlayer) => void} */
export function drawForPaper({ root, stage, parts }) {
  const drawn = [find(root, ".fp-stage"), parts.curves];
  /** @type {Sketch | null} */
  let sketch = null;
  addEventListener("beforeprint", () => {
    sketch ??= new Sketch(stage.host, NO_HANDS);
    stage.drawWith(sketch);
    ground(sketch, getComputedStyle(root).backgroundColor);
    const width = root.clientWidth;
    for (const { style, clientHeight } of drawn) style.height = `${clientHeight}px`;
    Object.assign(root.style, { width: `${width}px`, height: "auto", zoom: Math.min(1, PAGE_WIDTH / width) });
  });
  addEventListener("afterprint", () => {
    sketch?.destroy();
    sketch = null;
    for (const { style } of [root, ...drawn]) Object.assign(style, { width: "", height: "", zoom: "" });
  });
}
