// The lens: the image of a sample, in a corner of the stage, and a ring round its dot. The sample is the one under the
// pointer, or the next one by key: so keys reach all of them, also where they lie on one spot.

import { make } from "./parts.js";

const REACH = 14; // pixels from the pointer within which a dot is meant: a fingertip's half

export class Lens {
  constructor(host, stage) {
    Object.assign(this, { host, stage, pointer: null, turn: null });
    this.ring = make("div", "fp-ring", host.parentElement);
    this.card = make("div", "fp-lens", host.parentElement);
    this.canvas = make("canvas", "", this.card);
    this.canvas.setAttribute("role", "img");
    this.words = make("p", "", this.card);
    this.words.setAttribute("aria-live", "polite");
    this.#hide();
    this.abort = new AbortController();
    const { signal } = this.abort;
    const look = (event) => this.#point(event.buttons && event.pointerType === "mouse" ? null : event); // a drag turns the scene
    for (const kind of ["pointermove", "pointerdown", "pointerup"]) host.addEventListener(kind, look, { signal, capture: true });
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
    if (!this.stage.films?.some(({ images }) => images)) return; // or Escape would close what nobody sees
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

  /** At most one look a frame, however fast the pointer moves. */
  #point(event) {
    this.turn = null;
    const box = event && this.host.getBoundingClientRect();
    this.pointer = event && { x: event.clientX - box.left, y: event.clientY - box.top };
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame(() => this.draw());
  }

  /** The nearest dot within reach; of dots on one spot the one in front. */
  #under({ x, y }) {
    const { films } = this.stage;
    const side = films ? Math.min(films.length - 1, Math.floor((x / this.host.clientWidth) * films.length)) : 0;
    const film = films?.[side];
    if (!film?.images) return null;
    let [found, nearest] = [null, [REACH, Infinity]];
    this.stage.spots(side).forEach((spot, sample) => {
      const off = Math.round(Math.hypot(spot.x - x, spot.y - y));
      if (off > nearest[0] || (off === nearest[0] && !(spot.depth < nearest[1]))) return;
      found = { film, sample, spot };
      nearest = [off, spot.depth];
    });
    return found;
  }

  #chosen() {
    const side = this.stage.films?.findLastIndex(({ images }) => images) ?? -1;
    if (side < 0) return null;
    const film = this.stage.films[side];
    const turn = this.turn % film.samples;
    const sample = (turn % film.classes) * (film.samples / film.classes) + Math.floor(turn / film.classes);
    const spot = this.stage.spots(side)[sample];
    return spot && { film, sample, spot };
  }

  #show({ film, sample, spot }) {
    this.ring.hidden = this.card.hidden = false;
    this.ring.style.transform = `translate(${this.host.offsetLeft + spot.x}px, ${this.host.offsetTop + spot.y}px)`;
    const name = film.nameOf(film.labels[sample]);
    if (this.film !== film || this.sample !== sample) this.#paint(film.images, sample);
    Object.assign(this, { film, sample });
    this.words.textContent = `class ${name}`;
    this.canvas.setAttribute("aria-label", `Image of a sample of class ${name}`);
  }

  /** Black is 0 and white is 1, on light ground as on dark: a photograph is no negative of itself. */
  #paint({ height, width, pixels }, sample) {
    Object.assign(this.canvas, { height, width });
    const context = this.canvas.getContext("2d");
    const image = context.createImageData(width, height);
    for (let i = 0; i < height * width; i += 1) {
      const grey = Math.round(255 * pixels[sample * height * width + i]);
      image.data.set([grey, grey, grey, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }

  #hide() {
    this.ring.hidden = this.card.hidden = true;
  }
}
