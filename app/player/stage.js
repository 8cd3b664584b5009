// The stage: features, class means, classifiers and the ideal frame of each film, as traces for a pen (Scenes or Sketch).

import { dollied, homeCamera, HOMES, sightOf, turned, viewerAt } from "./camera.js";
import { classLook, pale, repeated } from "./colours.js";
import { NAME_SIZE, namesApart, nameSizes } from "./names.js";
import { onResize } from "./parts.js";
import { sceneName, Scenes } from "./scenes.js";
import { allPairs, ARROW_LENGTH, ARROW_POINTS, arrows, circle, nameSpots, scaled, segments, sphere, TRAIL_FRAMES, trailLines } from "./shapes.js";
import { Sketch } from "./sketch.js";
import { project, viewMap, viewsOf } from "./views.js";

const EDGES_UP_TO = 8;
const [MOST_LOSSES, LOSSES_WITHIN_MS] = [3, 60_000];
const TRACES = ["sphere", "edges", "ghost", "residuals", "trails", "features", "classifiers", "means", "names"];

/** What is missing where WebGL is, for the caption. */
export const LACKS = {
  "": "",
  never: "This browser gives no WebGL: the stage is a plain drawing of the same points.",
  lost: "The graphics card dropped its picture again and again: the stage is a plain drawing of the same points.",
};

export class Stage {
  /** Calls `redrawn` when another pen draws than before, and `moved` when a person has moved the camera. */
  constructor(host, Plotly, { redrawn, moved }) {
    Object.assign(this, { host, Plotly, redrawn, moved, raw: false, trails: true, talk: false, cameras: {}, turning: [], losses: [] });
    this.#takeUp("");
    this.observer = onResize(host, () => this.films && host.clientWidth && this.#look({ autosize: true })); // 0: taken off the page
  }

  /** Puts films on stage, the present one last; `theme` holds the ground and ink colours. */
  show(films, theme) {
    Object.assign(this, { films, theme, drawn: null });
    this.flat = films.map((film) => viewMap(film, this.#view(film), 0).flat);
    this.#paint();
  }

  /** Draws one frame of each film; only what moves is touched. */
  draw(frames, seconds) {
    this.drawn = [frames, seconds];
    this.films.forEach((_, side) => {
      const geometry = this.#geometry(side, frames[side], seconds);
      this.spotted[side] = geometry.features;
      TRACES.forEach((name, i) => { if (geometry[name]) this.pen.move(side * TRACES.length + i, geometry[name]); });
    });
    this.pen.flush();
  }

  /** Moves the camera nearer (factor below 1) or farther. */
  zoom(factor) {
    for (const flat of new Set(this.flat)) this.cameras[flat] = dollied(this.#camera(flat), factor);
    this.#look();
    this.moved();
  }

  /** Turns what is seen in space. */
  turn(across, up) {
    if (this.flat.every(Boolean)) return;
    this.cameras.false = turned(this.#camera(false), across, up);
    this.#look();
    this.moved();
  }

  /** Back to the first camera. */
  resetCamera() {
    this.cameras = {};
    this.#look();
    this.moved();
  }

  /** The camera that a person chose for the present film, if one did. */
  get chosenCamera() {
    return this.cameras[this.flat.at(-1)];
  }

  /** Looks at flat films, or at the others, from here. */
  standAt(flat, eye) {
    this.cameras[flat] = turned(dollied({ ...HOMES[flat ? "flat" : "space"], eye }, 1), 0, 0);
  }

  /** Tries WebGL again. */
  retry() {
    this.losses = [];
    this.#takeUp("");
  }

  /** Where a film's samples are seen in the host: x and y in pixels, and depth, of each. */
  spots(side) {
    const [x, y, z] = this.spotted?.[side] ?? [[]];
    const { camera, width, height } = this.#views()[side];
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

  /** What the pen tells of: scenes turned by hand, and a drawing that is gone. */
  #hands() {
    return { turning: (cameras) => this.#follow(cameras), turned: (side, camera) => this.#keep(side, camera), lost: () => this.#lost() };
  }

  #paint() {
    this.spotted = [];
    const traces = this.films.flatMap((film, side) => this.#traces(film, side));
    try {
      this.pen.show(traces, this.#views());
    } catch (error) {
      if (this.lack) throw error;
      this.#takeUp(this.losses.length ? "lost" : "never");
    }
  }

  /** Puts another pen to the same picture: Plotly's scenes where WebGL has no `lack`, else a plain drawing. */
  #takeUp(lack) {
    this.pen?.destroy();
    this.lack = lack;
    this.pen = lack ? new Sketch(this.host, this.#hands()) : new Scenes(this.host, this.Plotly, this.#hands());
    if (!this.films) return;
    this.#paint();
    if (this.drawn) this.draw(...this.drawn);
    this.redrawn();
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
      const now = performance.now();
      this.losses = [...this.losses.filter((then) => now - then < LOSSES_WITHIN_MS), now];
      this.#takeUp(this.losses.length > MOST_LOSSES ? "lost" : "");
    };
    setTimeout(renew); // not while Plotly still hears of it
  }

  #view(film) {
    return viewsOf(film).some((view) => view.name === this.viewName) ? this.viewName : "first";
  }

  /** Camera, flatness and size of each film's side. */
  #views() {
    const [width, height] = [this.host.clientWidth / this.films.length, this.host.clientHeight];
    return this.flat.map((flat) => ({ camera: this.#camera(flat), flat, width, height }));
  }

  /** One camera for all flat films and one for the others: two films to compare are seen from the same side. */
  #camera(flat) {
    const { clientWidth, clientHeight } = this.host;
    const shadow = this.films.some(({ axes }) => axes > 3);
    return this.cameras[flat] ?? homeCamera({ flat, shadow }, clientWidth / this.films.length, clientHeight);
  }

  /** Turns every scene to its camera, and arrowheads and names with it. */
  #look(change) {
    this.pen.look(this.#views(), change);
    if (this.drawn) this.draw(...this.drawn);
  }

  /** While a person turns a scene, its arrowheads and names face them already. */
  #follow(cameras) {
    this.turning = cameras;
    if (this.drawn) this.draw(...this.drawn);
  }

  /** A camera that a person moved is kept for later films. */
  #keep(side, camera) {
    this.turning = [];
    this.cameras[this.flat[side]] = dollied(camera, 1);
    this.#look();
    this.moved();
  }

  #geometry(side, frame, seconds) {
    const film = this.films[side];
    const camera = this.turning[side] ?? this.#camera(this.flat[side]);
    const viewer = viewerAt(camera);
    const { rows } = viewMap(film, this.#view(film), seconds);
    const place = (name, at = frame) => project(film.at(name, at), film.axes, rows, film.unit(name, at, this.raw));
    const means = place("means");
    const ideal = film.fits ? place("ideal") : null;
    return {
      edges: ideal && film.classes <= EDGES_UP_TO ? segments(ideal, ideal, allPairs(film.classes)) : null,
      ghost: ideal,
      residuals: ideal && segments(means, ideal, means[0].length),
      trails: this.trails ? trailLines(film, frame, place) : [[0], [0], [0]],
      features: place("features"),
      classifiers: arrows(scaled(place("classifiers"), ARROW_LENGTH), viewer),
      means,
      names: namesApart(nameSpots(means, viewer), camera, this.host.clientHeight, nameSizes(film, NAME_SIZE * this.#scale(film))),
    };
  }

  /** How large marks, lines and names are drawn. */
  #scale(film) {
    return (this.talk ? 1.5 : 1) * (film.classes > 10 ? 0.8 : 1);
  }

  #traces(film, side) {
    const { ink, ground, faint, grey, font } = this.theme;
    const big = this.#scale(film);
    const looks = Array.from({ length: film.classes }, (_, k) => classLook(k, ink));
    const geometry = { ...this.#geometry(side, 0, 0), sphere: this.flat[side] ? circle() : sphere() };
    const sizes = (size, of) => of.map((look) => size * big * look.size);
    const lines = (width, color) => ({ mode: "lines", line: { width: width * big, color } });
    const marks = (of, size, more) => ({
      mode: "markers",
      marker: {
        symbol: of.map((l) => l.symbol), color: of.map((l) => l.colour), size: sizes(size, of), line: { width: 0 }, opacity: 1, ...more,
      },
    });
    const looksOf = {
      sphere: lines(1.5, faint),
      edges: lines(1.5, grey),
      ghost: { mode: "markers", marker: { size: 11 * big, symbol: "circle-open", color: grey } },
      residuals: lines(3, grey),
      trails: lines(2, repeated(looks, TRAIL_FRAMES + 1)),
      features: marks(film.labels.map((k) => looks[k]), film.samples > 1000 ? 3 : 5, {
        color: film.labels.map((k) => pale(looks[k].colour, ground)),
      }),
      classifiers: lines(5, repeated(looks, ARROW_POINTS)),
      means: marks(looks, 11, { line: { width: 2, color: ground } }),
      names: {
        mode: "text", textposition: "middle center", text: looks.map((_, k) => film.nameOf(k)),
        textfont: { size: NAME_SIZE * big, color: ink, family: font },
      },
    };
    return TRACES.map((name) => {
      const [x, y, z] = geometry[name] ?? [[0], [0], [0]];
      const visible = name === "sphere" || Boolean(geometry[name]);
      // Marks and names that a trace already drawn meets for the first time come out at half size: more classes, new traces.
      const uid = `${sceneName(side)}-${name}-${film.classes}`;
      const common = { type: "scatter3d", scene: sceneName(side), hoverinfo: "skip", showlegend: false, connectgaps: false };
      return { ...common, uid, name, x, y, z, visible, ...looksOf[name] };
    });
  }
}
