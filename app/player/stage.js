// The stage: turns films into traces for a pen (Scenes or Sketch), and holds the cameras that see them.

import { dollied, sightOf, turned } from "./camera.js";
import { Losses } from "./losses.js";
import { onResize } from "./parts.js";
import { Scenes } from "./scenes.js";
import { differ, kindOf, shownView, withCamera, withChanges } from "./settings.js";
import { sidesOf } from "./sides.js";
import { Sketch } from "./sketch.js";
import { geometryOf, TRACES, tracesOf } from "./traces.js";
import { viewMap } from "./views.js";

/** @import { Geometry } from "./traces.js" */
/** @import { Film } from "./film.js" */
/** @import { Camera, Cameras, Hands, Pen, PlotlyModule, Points, Settings, Side, Theme, Trace } from "./types.d.ts" */

/** What is missing where WebGL is, for the caption. @typedef {"" | "never" | "lost" | "absent"} Lack @type {Record<Lack, string>} */
export const LACKS = {
  "": "",
  never: "This browser gives no WebGL: the stage is a plain drawing of the same points.",
  absent: "What draws in 3-D is not within reach of this output: the stage is a plain drawing of the same points. Run the notebook's first film again.",
  lost: "The graphics card dropped its picture again and again: the stage is a plain drawing of the same points.",
};

const [USUAL_HEIGHT, SMALLEST] = [340, 0.7]; // pixels of a scene for which marks and names have their size; where two stand below each other, they shrink so far at most

/**
 * What stands on stage: films, the present one last, at a frame each, seen with these settings and colours.
 * @typedef {{ films: Film[], settings: Settings, theme: Theme, frames: number[], seconds: number }} Picture
 */

export class Stage {
  /**
   * @param {HTMLElement} host
   * @param {PlotlyModule | null} Plotly null where it has not come
   * @param {{ redrawn: () => void, moved: (cameras: Cameras) => void }} on another pen draws than before; a person moved a camera
   */
  constructor(host, Plotly, on) {
    this.host = host;
    this.Plotly = Plotly;
    this.on = on;
    /** @type {Picture | null} */
    this.picture = null;
    /** Whether each film lies in a plane. @type {boolean[]} */
    this.flat = [];
    /** Where each film's samples are. @type {Points[]} */
    this.spotted = [];
    /** Of the host, in pixels: asking the page for it in each frame would have the page lay itself out. */
    this.size = { width: 0, height: 0 };
    /** Cameras that a hand is moving just now. @type {(Camera | undefined)[]} */
    this.turning = [];
    this.losses = new Losses();
    this.renewing = false;
    this.gone = false;
    /** @type {Lack} */
    this.lack = Plotly ? "" : "absent";
    /** @type {Pen} */
    this.pen = this.#penFor(this.lack);
    this.observer = onResize(host, () => this.picture && host.clientWidth && this.#fit()); // 0: taken off the page
  }

  get films() {
    return this.picture?.films ?? [];
  }

  /**
   * Shows a frame of each film as the settings say; what has not changed is not drawn again.
   * @type {(picture: Picture) => void}
   */
  render(picture) {
    const before = this.picture;
    const { films, settings, theme } = picture;
    this.picture = picture;
    const isSame = before?.films === films && before.theme === theme && !differ(before.settings, settings, ["view", "raw", "big"]);
    if (!isSame) {
      this.#measure();
      this.#paint();
    } else if (before.settings.cameras !== settings.cameras) {
      this.pen.look(this.sides);
    }
    this.#draw();
  }

  /** The cameras nearer (factor below 1) or farther. @type {(factor: number) => Cameras} */
  zoomed(factor) {
    return this.#each((camera) => dollied(camera, factor));
  }

  /**
   * The cameras with what is seen in space turned; null where nothing is.
   * @type {(across: number, up: number) => Cameras | null}
   */
  turned(across, up) {
    const { picture } = this;
    const seen = this.sides.find(({ flat }) => !flat);
    return picture && seen ? withCamera(picture.settings, false, turned(seen.camera, across, up)) : null;
  }

  /** Tries WebGL again, or for the first time with a Plotly that has come. @type {(Plotly?: PlotlyModule | null) => void} */
  retry(Plotly = this.Plotly) {
    this.Plotly = Plotly;
    this.losses = new Losses();
    this.#takeUp("");
  }

  /**
   * Where a film's samples are seen in the host: x and y in pixels, and depth, of each.
   * @type {(side: number) => { x: number, y: number, depth: number }[]}
   */
  spots(side) {
    const [x, y, z] = this.spotted[side] ?? [];
    if (!x) return [];
    const { camera, cell: { x: from, y: below, width, height } } = this.sides[side];
    const sight = sightOf(this.turning[side] ?? camera, width, height);
    return Array.from(x, (_, i) => {
      const [left, top, depth] = sight(x[i], y[i], z[i]);
      return { x: from + left, y: below + top, depth };
    });
  }

  /** Has another pen draw what is on stage. @type {(pen: Pen) => void} */
  drawWith(pen) {
    if (this.picture && pen.show(this.#traces(this.picture), this.sides)) this.#draw(pen);
  }

  destroy() {
    this.gone = true;
    this.observer.disconnect();
    this.pen.destroy();
  }

  /** @type {(lack: Lack) => Pen} */
  #penFor(lack) {
    /** @type {Hands} */
    const hands = { turning: (cameras) => this.#follow(cameras), turned: (side, camera) => this.#keep(side, camera), lost: () => this.#lost() };
    return lack || !this.Plotly ? new Sketch(this.host, hands) : new Scenes(this.host, this.Plotly, hands);
  }

  #paint() {
    const { picture } = this;
    if (!picture) return;
    this.flat = picture.films.map((film) => viewMap(film, shownView(picture.films, picture.settings.view), 0).flat);
    this.spotted = [];
    if (!this.pen.show(this.#traces(picture), this.sides)) this.#takeUp(this.losses.times.length ? "lost" : "never");
  }

  /** @type {(picture: Picture) => Trace[]} */
  #traces(picture) {
    const { films, theme } = picture;
    return this.sides.flatMap((side, i) => tracesOf(films[i], i, {
      settings: sizedFor(picture, side.cell.height), theme, isFlat: side.flat, geometry: this.#geometry(picture, side, i, 0, 0),
    }));
  }

  /** Draws one frame of each film; only what moves is touched. */
  #draw(pen = this.pen) {
    const { picture } = this;
    if (!picture) return;
    this.sides.forEach((side, i) => {
      const geometry = this.#geometry(picture, side, i, picture.frames[i], picture.seconds);
      this.spotted[i] = geometry.features;
      TRACES.forEach((name, trace) => {
        const points = geometry[name];
        if (points) pen.move(i * TRACES.length + trace, points);
      });
    });
    pen.flush();
  }

  /**
   * Puts another pen to the same picture: Plotly's scenes where WebGL has no `lack`, else a plain drawing.
   * @type {(lack: Lack) => void}
   */
  #takeUp(lack) {
    this.pen.destroy();
    this.lack = lack;
    this.pen = this.#penFor(lack);
    if (!this.picture) return;
    this.#paint();
    this.#draw();
    this.on.redrawn();
  }

  /** A graphics card that lost its pictures draws them anew; one that keeps losing them is left alone. */
  #lost() {
    if (this.renewing) return; // all scenes of a comparison go at once
    this.renewing = true;
    const renew = () => {
      if (this.gone) return;
      if (document.hidden) {
        document.addEventListener("visibilitychange", renew, { once: true });
        return;
      }
      this.renewing = false;
      this.#takeUp(this.losses.add() ? "lost" : "");
    };
    setTimeout(renew); // not while Plotly still hears of it
  }

  /** How each film is seen. @type {Side[]} */
  get sides() {
    const { picture, flat, size } = this;
    return picture ? sidesOf(picture.films, picture.settings, flat, size) : [];
  }

  /** Every camera that is seen through, moved. @type {(move: (camera: Camera) => Camera) => Cameras} */
  #each(move) {
    const kinds = this.sides.map(({ flat, camera }) => [kindOf(flat), move(camera)]);
    return { ...this.picture?.settings.cameras, ...Object.fromEntries(kinds) };
  }

  #measure() {
    this.size = { width: this.host.clientWidth, height: this.host.clientHeight };
  }

  /** The host has another size: so have its scenes, and their cameras, arrowheads and names turn with them. */
  #fit() {
    this.#measure();
    this.pen.look(this.sides, { autosize: true });
    if (this.films.length > 2) this.#paint(); // in marks of another size
    this.#draw();
  }

  /** While a person turns a scene, its arrowheads and names face them already. @type {Hands["turning"]} */
  #follow(cameras) {
    this.turning = cameras;
    this.#draw();
  }

  /** A camera that a person moved is kept for later films. @type {Hands["turned"]} */
  #keep(side, camera) {
    this.turning = [];
    if (this.picture) this.on.moved(withCamera(this.picture.settings, this.flat[side], dollied(camera, 1)));
  }

  /** @type {(picture: Picture, side: Side, i: number, frame: number, seconds: number) => Geometry} */
  #geometry(picture, { camera, cell: { height } }, i, frame, seconds) {
    const { films, settings } = picture;
    const view = shownView(films, settings.view);
    return geometryOf(films[i], sizedFor(picture, height), frame, { view, seconds, camera: this.turning[i] ?? camera, height });
  }
}

/** The settings with marks and names of a size that fits scenes of this height. @type {(picture: Picture, height: number) => Settings} */
function sizedFor({ films, settings }, height) {
  const share = films.length > 2 ? Math.min(1, Math.max(SMALLEST, height / USUAL_HEIGHT)) : 1;
  return share < 1 ? withChanges(settings, { big: share * settings.big }) : settings;
}
