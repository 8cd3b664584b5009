// The stage: features, class means, classifiers and the ideal frame in one Plotly scene for each film.

const OKABE_ITO = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "ink", "#B8A800"];
/** Plotly draws these as letters; its "x" is an emoji that many machines lack, and open circles are the ideal frame's. */
const SYMBOLS = ["circle", "square", "diamond", "cross", "square-open", "diamond-open"];
const SYMBOL_SIZES = { circle: 1, square: 0.9, diamond: 1.1, cross: 1.5, "square-open": 1, "diamond-open": 1.2 };
const TRAIL_FRAMES = 24;
const EDGES_UP_TO = 8;
const TRACES = ["sphere", "edges", "ghost", "residuals", "trails", "features", "classifiers", "means", "names"];

/** Colour and shape of a class: neighbours differ in both, and no pair repeats within twenty classes. */
function classLook(k, ink) {
  const colour = OKABE_ITO[k % OKABE_ITO.length];
  const symbol = SYMBOLS[(k + 2 * Math.floor(k / OKABE_ITO.length)) % SYMBOLS.length];
  return { colour: colour === "ink" ? ink : colour, symbol, size: SYMBOL_SIZES[symbol] };
}

class Stage {
  constructor(host, Plotly) {
    this.host = host;
    this.Plotly = Plotly;
    this.raw = false;
    this.trails = true;
    this.talk = false;
    this.cameras = {};
    this.turning = {};
    this.observer = onResize(host, () => this.films && host.clientWidth && this.#look({ autosize: true })); // 0: taken off the page
  }

  /** Puts films on stage, the present one last; `theme` holds the ground and ink colours. */
  show(films, theme) {
    const isFirst = !this.films;
    Object.assign(this, { films, theme, drawn: null });
    this.flat = films.map((film) => viewMap(film, this.#view(film), 0).flat);
    const traces = films.flatMap((film, side) => this.#traces(film, side));
    this.Plotly.react(this.host, traces, this.#layout(), { displayModeBar: false, responsive: false, scrollZoom: false });
    if (!isFirst) return;
    this.host.on("plotly_relayouting", (change) => this.#follow(change));
    this.host.on("plotly_relayout", (change) => this.#keep(change));
  }

  /** Draws one frame of each film; only what moves is touched. */
  draw(frames, seconds) {
    this.drawn = [frames, seconds];
    this.films.forEach((_, side) => {
      const geometry = this.#geometry(side, frames[side], seconds);
      TRACES.forEach((name, i) => { if (geometry[name]) this.#move(side * TRACES.length + i, geometry[name]); });
    });
  }

  /** Moves the camera nearer (factor below 1) or farther. */
  zoom(factor) {
    for (const flat of new Set(this.flat)) this.cameras[flat] = dollied(this.#camera(flat), factor);
    this.#look();
  }

  /** Turns what is seen in space. */
  turn(across, up) {
    if (this.flat.every(Boolean)) return;
    this.cameras.false = turned(this.#camera(false), across, up);
    this.#look();
  }

  /** Back to the first camera. */
  resetCamera() {
    this.cameras = {};
    this.#look();
  }

  /**
   * Where a film's samples are seen in the host: x and y in pixels, and depth, of each. Plotly has no public word for
   * it, and its own hover draws the whole scene once more; where a future Plotly has none at all, nothing is under the
   * pointer.
   */
  spots(side) {
    const { glplot, dataScale } = this.#scene(side) ?? {};
    const matrices = glplot?.cameraParams;
    if (!matrices || !dataScale) return [];
    const [width, height] = [this.host.clientWidth / this.films.length, this.host.clientHeight];
    const samples = this.host.data[side * TRACES.length + TRACES.indexOf("features")];
    return Array.from(samples.x, (_, i) => {
      const at = point([samples.x, samples.y, samples.z], i).map((x, axis) => x * dataScale[axis]);
      const [x, y, z, w] = ["model", "view", "projection"].reduce((v, name) => applied(matrices[name], v), [...at, 1]);
      return { x: (side + (1 + x / w) / 2) * width, y: ((1 - y / w) / 2) * height, depth: z / w };
    });
  }

  destroy() {
    this.observer.disconnect();
    this.Plotly.purge(this.host);
  }

  #view(film) {
    return viewsOf(film).some((view) => view.name === this.viewName) ? this.viewName : "first";
  }

  /** One camera for all flat films and one for the others: two films to compare are seen from the same side. */
  #camera(flat) {
    const { clientWidth, clientHeight } = this.host;
    const shadow = this.films.some(({ axes }) => axes > 3);
    return this.cameras[flat] ?? homeCamera({ flat, shadow }, clientWidth / this.films.length, clientHeight);
  }

  /** Turns every scene to its camera, and arrowheads and names with it. */
  #look(change = {}) {
    const cameras = this.flat.map((flat, side) => [`${sceneName(side)}.camera`, this.#camera(flat)]);
    this.Plotly.relayout(this.host, { ...change, ...Object.fromEntries(cameras) });
    if (this.drawn) this.draw(...this.drawn);
  }

  /** While a person turns a scene, its arrowheads and names face them already. */
  #follow(change) {
    this.turning = Object.fromEntries(this.films.map((_, side) => [side, change[`${sceneName(side)}.camera`]]));
    if (this.drawn) this.draw(...this.drawn);
  }

  /** A camera that a person moved is kept for later films. */
  #keep(change) {
    this.turning = {};
    const side = this.films.findIndex((_, i) => change[`${sceneName(i)}.camera`]);
    if (side < 0) return;
    const [flat, camera] = [this.flat[side], change[`${sceneName(side)}.camera`]];
    if (JSON.stringify(camera) === JSON.stringify(this.#camera(flat))) return; // our own doing
    this.cameras[flat] = dollied(camera, 1);
    this.#look();
  }

  #scene(side) {
    return this.host._fullLayout?.[sceneName(side)]?._scene;
  }

  /**
   * Gives one trace new coordinates. Plotly's own way re-reads the whole figure, five times as slow; the scene's
   * trace objects take new data directly. Where a future Plotly has none, the slow way still draws.
   */
  #move(index, [x, y, z]) {
    const full = this.host._fullData[index];
    const drawn = this.#scene(full.scene === "scene2" ? 1 : 0)?.traces?.[full.uid];
    Object.assign(this.host.data[index], { x, y, z });
    if (drawn?.update) {
      Object.assign(full, { x, y, z, _length: x.length });
      drawn.update(full);
    } else {
      this.Plotly.restyle(this.host, { x: [x], y: [y], z: [z] }, [index]);
    }
  }

  #geometry(side, frame, seconds) {
    const film = this.films[side];
    const viewer = viewerAt(this.turning[side] ?? this.#camera(this.flat[side]));
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
      names: nameSpots(means, viewer),
    };
  }

  #traces(film, side) {
    const { ink, ground, faint, grey, font } = this.theme;
    const big = (this.talk ? 1.5 : 1) * (film.classes > 10 ? 0.8 : 1);
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
        mode: "text", textposition: "middle center", text: looks.map((_, k) => plain(film.nameOf(k))),
        textfont: { size: 16 * big, color: ink, family: font },
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

  #layout() {
    const axis = { range: [-HALF_RANGE, HALF_RANGE], visible: false, autorange: false, showspikes: false };
    const shared = this.films.length;
    const margin = { l: 0, r: 0, t: 0, b: 0 };
    const layout = { margin, paper_bgcolor: "rgba(0,0,0,0)", uirevision: "kept", hovermode: false, autosize: true };
    this.films.forEach((_, side) => {
      layout[sceneName(side)] = {
        domain: { x: [side / shared, (side + 1) / shared], y: [0, 1] }, aspectmode: "cube", dragmode: this.flat[side] ? false : "orbit",
        xaxis: axis, yaxis: axis, zaxis: axis, camera: this.#camera(this.flat[side]), uirevision: "kept", hovermode: false,
      };
    });
    return layout;
  }
}

/** Text that Plotly shows as it is: it reads tags and entities. */
function plain(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

/** A colour a quarter nearer to the ground. Real transparency would have the scene drawn twice. */
function pale(colour, ground) {
  const [a, b] = [colour, ground].map(rgbOf);
  return `rgb(${a.map((x, i) => Math.round(0.75 * x + 0.25 * b[i])).join(",")})`;
}

/** The numbers of #rrggbb or rgb(r, g, b). */
function rgbOf(colour) {
  if (colour.startsWith("#")) return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return colour.match(/[\d.]+/g).slice(0, 3).map(Number);
}

/** Each class's colour for every point of its lines. */
function repeated(looks, count) {
  return looks.flatMap((look) => Array(count).fill(look.colour));
}

function sceneName(side) {
  return side ? "scene2" : "scene";
}
