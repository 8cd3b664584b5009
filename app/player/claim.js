// Makes the claim of a figure from its film, as `ulpm_core/claims` makes it from a file.

/** @import { Film } from "./film.js" */
/** @import { Claim, ClaimTable, Curve, Header } from "./types.d.ts" */

const SHA_256 = /^[0-9a-f]{64}$/;
const OF_A_LAYER = /^depth_(last|\d{1,3})$/; // curves of layers inside a network, which films define
const PLAIN_WORD = /^[\w@%+=:,./-]+$/; // what a shell reads as it stands
const NOT_ENDED = ["cancelled", "running"];

/** Whether a text is a SHA-256. @type {(text: string) => boolean} */
export function isDigest(text) {
  return SHA_256.test(text);
}

/** Puts values into a template: "{step}" becomes that of `step`. @type {(template: string, values: Record<string, unknown>) => string} */
export function filledIn(template, values) {
  return template.replaceAll(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(values, name) ? String(values[name]) : all));
}

/** A number with all its digits, as Python writes it, a whole one without a point. @type {(value: number) => string} */
export function allDigits(value) {
  const [mantissa, exponent] = value.toExponential().split("e").map(String);
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 16)) return pointed(mantissa, power);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** Digits with their point so many places further right. @type {(mantissa: string, power: number) => string} */
function pointed(mantissa, power) {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace("-", "").replace(".", "");
  if (power < 0) return `${sign}0.${"0".repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, "0");
  return sign + whole + (digits.length > power + 1 ? `.${digits.slice(power + 1)}` : "");
}

/**
 * The canonical JSON of a run's config, whose SHA-256 is its digest: as `Described.to_json` of `ulpm_core/model/config_base.py` writes it.
 * @type {(config: Record<string, unknown>, table: ClaimTable) => string}
 */
export function canonicalJson(config, { floats }) {
  /** @type {(name: string, value: unknown) => string} */
  const written = (name, value) => {
    if (typeof value !== "number") return JSON.stringify(value);
    const said = allDigits(value);
    return floats.includes(name) && /^-?\d+$/.test(said) ? `${said}.0` : said;
  };
  return `{${Object.keys(config).sort().map((name) => `${JSON.stringify(name)}:${written(name, config[name])}`).join(",")}}`;
}

/** A value of a config as the command line takes it. @type {(value: unknown) => string} */
export function asTyped(value) {
  if (Array.isArray(value)) return value.map(asTyped).join(",");
  if (value === Infinity) return "none";
  return typeof value === "number" ? allDigits(value) : String(value);
}

/** A word that a shell takes as one. @type {(word: string) => string} */
function shellWord(word) {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\"'\"'")}'`;
}

/** The words of an option. @type {(name: string, said: string) => string} */
function optionWords(name, said) {
  return `--${name.replaceAll("_", "-")}${said.startsWith("-") ? "=" : " "}${said}`;
}

/** Whether a curve is one that claims know. @type {(name: string, table: ClaimTable) => boolean} */
export function isClaimable(name, { figures }) {
  return figures.includes(name) || OF_A_LAYER.test(name);
}

/**
 * The claim of a curve of a film at one of its frames; null where it is not defined there. `link` is the address of the page, if it
 * has one.
 * @type {(film: Film, name: string, frame: number, table: ClaimTable, link?: string) => Claim | null}
 */
export function claimOf(film, name, frame, table, link = "") {
  const { header, clock } = film;
  const curve = film.curves.find((each) => each.name === name);
  const value = film.arrays[name]?.[frame];
  if (!curve || !isClaimable(name, table) || !Number.isFinite(value)) return null;
  const given = !header.config && (header.stop_reason ?? "").startsWith(table.given);
  /** @type {Record<string, number>} */
  const at = { [given ? "moment" : "step"]: Number(clock.step[frame]) };
  for (const [key, track] of /** @type {const} */ ([["log_time", clock.log_time], ["epoch", clock.epoch]])) {
    const moment = track?.[frame] ?? NaN;
    if (Number.isFinite(moment) && !given) at[key] = Number(moment);
  }
  const { config } = header;
  const kind = header.kind === "network" ? "network" : "run";
  const flows = kind === "run" && header.flow_from !== null;
  const key = flows && "log_time" in at ? "log_time" : "step";
  const where = given ? allDigits(at.moment) : filledIn(table.where[key], { [key]: allDigits(at[key]) });
  const floor = floorOf(curve, table);
  const { command, notes } = commandOf(film, name, frame, at, table, key);
  const check = kind === "run" ? checkOf(name, config ?? {}, where, table) : checkOfRecording(name, where, given, table);
  if (!check) notes.push(table.words[kind === "run" || given ? "no-check" : "not-held"]);
  return {
    name, value, digits: digitsOf(value, floor, table.digits[String(config?.dtype)] ?? table.digits.float64), floor, at,
    definition: curve.definition, formula: table.formulas[name] ?? "",
    source: Object.entries(table.sources).find(([start]) => name.startsWith(start))?.[1] ?? "",
    interval: intervalOf(film, name, frame), config: config ?? null,
    digest: isDigest(header.digest) ? header.digest : "", link: link || linkOfConfig(config, kind, table),
    versions: header.made_by ?? {}, command, notes, check,
  };
}

/** @type {(curve: Pick<Curve, "name" | "floor" | "scale">, table: ClaimTable) => number} */
function floorOf({ name, floor, scale }, table) {
  if (table.counted.includes(name)) return 0;
  return name === "loss" ? table.least_loss : Math.max(floor ?? 0, scale === "log" ? 0 : table.near_one);
}

/** @type {(value: number, floor: number, most: number) => number} */
function digitsOf(value, floor, most) {
  if (floor === 0) return most;
  return Math.abs(value) < floor ? 0 : Math.min(most, Math.floor(Math.log10(Math.abs(value)) - Math.log10(floor) + 1e-9));
}

/** Where the best value lies, as far as the film's own gap proves it. @type {(film: Film, name: string, frame: number) => [number, number] | null} */
function intervalOf({ arrays }, name, frame) {
  const [gap, gamma, objective] = ["duality_gap", "gamma", "objective"].map((each) => arrays[each]?.[frame] ?? NaN);
  if (!(gap >= 0)) return null;
  const most = Math.min(1, gamma * (1 + gap));
  if (name === "objective") return [objective / (1 + gap), objective];
  if (name === "gamma") return [gamma, Math.max(gamma, most)];
  return name === "gamma_gap" ? [Math.min(1 - most, 1 - gamma), 1 - gamma] : null;
}

/** The options that ask for a config, but for those at their defaults. @type {(config: Record<string, unknown>, kind: "run" | "network", table: ClaimTable) => [string, string][]} */
function optionsOf(config, kind, table) {
  const sizes = Array.isArray(config.class_sizes) && config.class_sizes.length ? ["classes", "per_class"] : [];
  return Object.entries(table.defaults[kind]).flatMap(([name, usual]) => {
    const said = Object.hasOwn(config, name) ? asTyped(config[name]) : usual;
    return (said === usual && !table.always_said.includes(name)) || sizes.includes(name) ? [] : [[name, said]];
  });
}

/** What follows a lab's address. @type {(config: Header["config"], kind: "run" | "network", table: ClaimTable) => string} */
function linkOfConfig(config, kind, table) {
  if (!config) return "";
  const escape = (/** @type {string} */ text) => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%20", "+");
  const keys = optionsOf(config, kind, { ...table, always_said: [] }).map((pair) => pair.map(escape).join("="));
  return `${kind === "network" ? "networks?" : "?"}${keys.join("&")}`;
}

/** @type {(film: Film, name: string, frame: number, at: Record<string, number>, table: ClaimTable, key: "step" | "log_time") => { command: string[], notes: string[] }} */
function commandOf({ header, frames }, name, frame, at, table, key) {
  const { words } = table;
  if (!header.config) return { command: [], notes: [words["no-command"]] };
  const cut = NOT_ENDED.includes(header.outcome ?? "") && frame === frames - 1 && at.step > 0;
  /** @type {Record<string, unknown>} */
  let config = header.config;
  const notes = [];
  const isNetwork = header.kind === "network";
  if (cut) notes.push(words[isNetwork ? "cut-training" : "cut"]);
  if (cut && !isNetwork) config = { ...config, ...endedAt(header, frames, at) };
  const digest = String(config.initial_digest ?? "");
  if (isDigest(digest)) notes.push(filledIn(words.start, { digest }));
  const [kind, command, out] = isNetwork ? /** @type {const} */ (["network", "train", "net.npz"]) : /** @type {const} */ (["run", "run", "run.npz"]);
  const given = isDigest(digest) ? ["--initial-state start.npz"] : [];
  const options = optionsOf(config, kind, table).map(([each, said]) => optionWords(each, shellWord(said)));
  const made = [`python -m ulpm_core ${command}`, ...options, ...given, `--out ${out}`].join(" ");
  return { command: [made, `python -m ulpm_core claim ${out} ${name} ${optionWords(key, allDigits(at[key]))}`], notes };
}

/** The parameters of a run that ends where this one was stopped. @type {(header: Header, frames: number, at: Record<string, number>) => Record<string, unknown>} */
function endedAt({ config, flow_from: flowFrom }, frames, at) {
  if (config?.method === "gradient-flow") return { log_time: at.log_time };
  return flowFrom === null || flowFrom >= frames ? { steps: at.step, fast_forward: 0 } : { fast_forward: at.log_time };
}

/** @type {(name: string, config: Record<string, unknown>, where: string, table: ClaimTable) => string} */
function checkOf(name, config, where, table) {
  const w = config.weight_decay ?? 0;
  const h = [undefined, table.as_for_w].includes(/** @type {number | undefined} */ (config.weight_decay_h)) ? w : config.weight_decay_h;
  let [needs, last] = table.checks[name] ?? [[], ""];
  if (name === "value" && (config.decay ?? "coupled") === "coupled") [needs, last] = [["loss"], filledIn(table.value, { w: asTyped(w), h: asTyped(h) })];
  const loss = table.losses[String(config.loss ?? "cross-entropy")];
  if (!last || !loss) return "";
  const mean = table.mean[String(config.loss_reduction ?? "sum")] ?? "";
  /** @type {Record<string, string>} */
  const begun = { ...table.needs, loss: filledIn(loss, { mean, smoothing: asTyped(config.smoothing ?? 0.1) }) };
  return [filledIn(table.run, { where }), ...needs.map((need) => begun[need]), last].join("\n");
}

/** @type {(name: string, where: string, given: boolean, table: ClaimTable) => string} */
function checkOfRecording(name, where, given, table) {
  const code = table.of_a_recording[name];
  if (!given) return code ? `${filledIn(table.net, { where })}\n${code}` : "";
  const [needs, last] = table.of_features[name] ?? [[], ""];
  return last ? [filledIn(table.features, { where }), ...needs.map((need) => table.needs[need]), last].join("\n") : "";
}
