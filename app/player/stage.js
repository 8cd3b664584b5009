// The stage: turns films into traces for a pen (Scenes or Sketch), and holds the cameras that see them.

import { dollied, homeCamera, sightOf, turned } from "./camera.js";
import { Losses } from "./losses.js";
import { onResize } from "./parts.js";
import { Scenes } from "./scenes.js";
import { differ, shownView, withCamera } from "./settings.js";
import { Sketch } from "./sketch.js";
import { geometryOf, TRACES, tracesOf } from "./traces.js";
import { viewMap } from "./views.js";

/** @import { Geometry } from "./traces.js" */
/** @import { Film } from "./film.js" */
/** @import { Camera, Cameras, Hands, Pen, PlotlyModule, Points, Settings, Side, Theme } from "./types.d.ts" */

/** What is missing where WebGL is, for the caption. @typedef {"" | "never" | "lost"} Lack @type {Record<Lack, string>} */
export const LACKS = {
  "": "",
  never: "This browser gives no WebGL: the stage is a plain drawing of the same points.",
  lost: "The graphics card dropped its picture again and again: the stage is a plain drawing of the same points.",
};

/**
 * What stands on stage: films, the present one last, at a frame each, seen with these settings and colours.
 * @typedef {{ films: Film[], settings: Settings, theme: Theme, frames: number[], seconds: number }} Picture
 */

export class Stage {
  /**
   * @param {HTMLElement} host
   * @param {PlotlyModule} Plotly
   * @param {{ redrawn: () => void, moved: (cameras: Cameras) => void }} on `redrawn` when another pen draws than before,
   *   `moved` when a person has moved a camera
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
    /** Cameras that a hand is moving just now. @type {(Camera | undefined)[]} */
    this.turning = [];
    this.losses = new Losses();
    this.renewing = false;
    this.gone = false;
    /** @type {Lack} */
    this.lack = "";
    /** @type {Pen} */
    this.pen = this.#penFor("");
    this.observer = onResize(host, () => this.picture && host.clientWidth && this.#look({ autosize: true })); // 0: taken off the page
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
    const isSame = before?.films === films && before.theme === theme && !differ(before.settings, settings, ["view", "raw", "talk"]);
    if (!isSame) this.#paint();
    else if (before.settings.cameras !== settings.cameras) this.pen.look(this.#sides());
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
    if (!picture || this.flat.every(Boolean)) return null;
    return withCamera(picture.settings, false, turned(this.#camera(picture, false), across, up));
  }

  /** Tries WebGL again. */
  retry() {
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
    const { camera, width, height } = this.#sides()[side];
    const sight = sightOf(this.turning[side] ?? camera, width, height);
    return Array.from(x, (_, i) => {
      const [left, top, depth] = sight(x[i], y[i], z[i]);
      return { x: side * width + left, y: top, depth };
    });
  }

  destroy() {
    this.gone = true;
    this.observer.disconnect();
    this.pen.destroy();
  }

  /** @type {(lack: Lack) => Pen} */
  #penFor(lack) {
    /** @type {Hands} */
    const hands = {
      turning: (cameras) => this.#follow(cameras), turned: (side, camera) => this.#keep(side, camera), lost: () => this.#lost(),
    };
    return lack ? new Sketch(this.host, hands) : new Scenes(this.host, this.Plotly, hands);
  }

  #paint() {
    const { picture } = this;
    if (!picture) return;
    const { films, settings, theme } = picture;
    const view = shownView(films, settings.view);
    this.flat = films.map((film) => viewMap(film, view, 0).flat);
    this.spotted = [];
    const traces = films.flatMap((film, side) => tracesOf(film, side, {
      settings, theme, isFlat: this.flat[side], geometry: this.#geometry(picture, side, 0, 0),
    }));
    if (!this.pen.show(traces, this.#sides())) this.#takeUp(this.losses.times.length ? "lost" : "never");
  }

  /** Draws one frame of each film; only what moves is touched. */
  #draw() {
    const { picture } = this;
    if (!picture) return;
    picture.films.forEach((_, side) => {
      const geometry = this.#geometry(picture, side, picture.frames[side], picture.seconds);
      this.spotted[side] = geometry.features;
      TRACES.forEach((name, i) => {
        const points = geometry[name];
        if (points) this.pen.move(side * TRACES.length + i, points);
      });
    });
    this.pen.flush();
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
    if (this.renewing) return; // both scenes of a comparison go at once
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

  /** Camera, flatness and size of each film's side. @type {() => Side[]} */
  #sides() {
    const { picture } = this;
    if (!picture) return [];
    const [width, height] = [this.host.clientWidth / picture.films.length, this.host.clientHeight];
    return this.flat.map((flat) => ({ camera: this.#camera(picture, flat), flat, width, height }));
  }

  /**
   * One camera for all flat films and one for the others: two films to compare are seen from the same side.
   * @type {(picture: Picture, flat: boolean) => Camera}
   */
  #camera({ films, settings }, flat) {
    const { clientWidth, clientHeight } = this.host;
    const shadow = films.some(({ axes }) => axes > 3);
    return settings.cameras[flat ? "flat" : "space"] ?? homeCamera({ flat, shadow }, clientWidth / films.length, clientHeight);
  }

  /** Every camera that is seen through, moved. @type {(move: (camera: Camera) => Camera) => Cameras} */
  #each(move) {
    const { picture } = this;
    if (!picture) return {};
    const kinds = [...new Set(this.flat)].map((flat) => [flat ? "flat" : "space", move(this.#camera(picture, flat))]);
    return { ...picture.settings.cameras, ...Object.fromEntries(kinds) };
  }

  /** Turns every scene to its camera, and arrowheads and names with it. @type {(change: Record<string, unknown>) => void} */
  #look(change) {
    this.pen.look(this.#sides(), change);
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

  /** @type {(picture: Picture, side: number, frame: number, seconds: number) => Geometry} */
  #geometry(picture, side, frame, seconds) {
    const film = picture.films[side];
    const camera = this.turning[side] ?? this.#camera(picture, this.flat[side]);
    return geometryOf(film, picture.settings, frame, {
      view: shownView(picture.films, picture.settings.view), seconds, camera, height: this.host.clientHeight,
    });
  }
}
