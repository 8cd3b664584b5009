// The lens: the image of a sample, in a corner of the stage, and a ring round its dot. The sample is the one under the
// pointer, or the next one by key: so keys reach all of them, also where they lie on one spot.

/** @import { Film } from "./film.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Images } from "./types.d.ts" */
import { cellAt } from "./cells.js";
import { contextOf, make } from "./parts.js";

const REACH = 14; // pixels from the pointer within which a dot is meant: a fingertip's half

/**
 * A sample of a film, and where it is seen.
 * @typedef {{ film: Film, sample: number, spot: { x: number, y: number } }} Found
 */

export class Lens {
  /**
   * @param {HTMLElement} host
   * @param {Stage} stage
   */
  constructor(host, stage) {
    this.host = host;
    this.stage = stage;
    /** Where the pointer is. @type {{ x: number, y: number } | null} */
    this.pointer = null;
    /** How many samples have been gone through by key. @type {number | null} */
    this.turn = null;
    /** @type {Found | null} */
    this.found = null;
    this.request = 0;
    const box = host.parentElement ?? host;
    this.ring = make("div", "fp-ring", box);
    this.card = make("div", "fp-lens", box);
    this.canvas = make("canvas", "", this.card);
    this.canvas.setAttribute("role", "img");
    this.words = make("p", "", this.card);
    this.words.setAttribute("aria-live", "polite");
    this.#hide();
    this.abort = new AbortController();
    const { signal } = this.abort;
    /** @type {(event: PointerEvent) => void} */
    const look = (event) => this.#point(event.buttons && event.pointerType === "mouse" ? null : event); // a drag turns the scene
    for (const kind of /** @type {const} */ (["pointermove", "pointerdown", "pointerup"])) {
      host.addEventListener(kind, look, { signal, capture: true });
    }
    host.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.#point(null); // what a finger chose stays until the next tap
    }, { signal });
  }

  /** Looks again at what is under the pointer: dots move, and so does the camera. */
  draw() {
    const found = this.turn === null ? this.pointer && this.#under(this.pointer) : this.#chosen();
    if (found) this.#show(found);
    else this.#hide();
  }

  /** Goes to the next sample: of every class one, then of every class the second. */
  next() {
    if (!this.stage.films.some(({ images }) => images)) return; // or Escape would close what nobody sees
    this.turn = (this.turn ?? -1) + 1;
    this.draw();
  }

  /** Leaves what was chosen by key; whether anything was. */
  close() {
    const chosen = this.turn !== null;
    this.turn = null;
    this.draw();
    return chosen;
  }

  destroy() {
    this.abort.abort();
    cancelAnimationFrame(this.request);
    this.card.remove();
    this.ring.remove();
  }

  /** At most one look a frame, however fast the pointer moves. @type {(event: PointerEvent | null) => void} */
  #point(event) {
    this.turn = null;
    const box = this.host.getBoundingClientRect();
    this.pointer = event && { x: event.clientX - box.left, y: event.clientY - box.top };
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame(() => this.draw());
  }

  /**
   * The nearest dot within reach; of dots on one spot the one in front.
   * @type {(pointer: { x: number, y: number }) => Found | null}
   */
  #under({ x, y }) {
    const { films } = this.stage;
    const side = cellAt(this.stage.sides.map(({ cell }) => cell), x, y);
    const film = films[side];
    if (!film?.images) return null;
    let found = null, nearest = [REACH, Infinity];
    this.stage.spots(side).forEach((spot, sample) => {
      const off = Math.round(Math.hypot(spot.x - x, spot.y - y));
      if (off > nearest[0] || (off === nearest[0] && !(spot.depth < nearest[1]))) return;
      found = { film, sample, spot };
      nearest = [off, spot.depth];
    });
    return found;
  }

  /** @type {() => Found | null} */
  #chosen() {
    const side = this.stage.films.findLastIndex(({ images }) => images);
    if (side < 0 || this.turn === null) return null;
    const film = this.stage.films[side];
    const turn = this.turn % film.samples;
    const sample = (turn % film.classes) * (film.samples / film.classes) + Math.floor(turn / film.classes);
    const spot = this.stage.spots(side)[sample];
    return spot ? { film, sample, spot } : null;
  }

  /** @type {(found: Found) => void} */
  #show(found) {
    const { film, sample, spot } = found;
    this.ring.hidden = this.card.hidden = false;
    this.ring.style.transform = `translate(${this.host.offsetLeft + spot.x}px, ${this.host.offsetTop + spot.y}px)`;
    const name = film.nameOf(film.labels[sample]);
    const isAnother = this.found?.film !== film || this.found.sample !== sample;
    if (isAnother && film.images) this.#paint(film.images, sample);
    this.found = found;
    this.words.textContent = `class ${name}`;
    this.canvas.setAttribute("aria-label", `Image of a sample of class ${name}`);
  }

  /**
   * Black is 0 and white is 1, on light ground as on dark: a photograph is no negative of itself.
   * @type {(images: Images, sample: number) => void}
   */
  #paint({ height, width, pixels }, sample) {
    this.canvas.height = height;
    this.canvas.width = width;
    const context = contextOf(this.canvas);
    const image = context.createImageData(width, height);
    for (let i = 0; i < height * width; i += 1) {
      const grey = Math.round(255 * pixels[sample * height * width + i]);
      image.data.set([grey, grey, grey, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }

  #hide() {
    if (!this.ring.hidden) this.ring.hidden = this.card.hidden = true;
  }
}
