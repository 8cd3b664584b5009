// Writes a claim as text and LaTeX, as `ulpm_core/claims/claim.py` and `latex.py` write it.

/** @import { Claim, ClaimTable } from "./types.d.ts" */
import { allDigits, asTyped, filledIn } from "./claim.js";

/** The moment of a claim in words. @type {(claim: Claim, words: ClaimTable["words"]) => string} */
export function claimMoment({ at }, words) {
  return Object.entries(at).map(([key, value]) => filledIn(words[key], { [key]: allDigits(value) })).join(", ");
}

/** The parts of a claim that are not empty, in their order. @type {(claim: Claim, table: ClaimTable) => [string, string][]} */
function claimParts(claim, { words, headings }) {
  const { name, digits, floor, interval } = claim;
  const moment = claimMoment(claim, words);
  const link = /^(networks)?\?/.test(claim.link) ? filledIn(words.behind, { link: claim.link }) : claim.link;
  const held = digits ? filledIn(words[digits === 1 ? "digit" : "digits"], { digits }) : filledIn(words["no-digits"], { floor: allDigits(floor) });
  /** @type {Record<string, string>} */
  const said = {
    ...claim, link, value: filledIn(words.value, { name, value: allDigits(claim.value), moment }), digits: held,
    certificate: interval ? filledIn(words.interval, { low: allDigits(interval[0]), high: allDigits(interval[1]) }) : "",
    config: Object.entries(claim.config ?? {}).map(([key, value]) => `${key} = ${asTyped(value)}`).join("; "),
    versions: Object.entries(claim.versions).map((pair) => pair.join(" ")).join(", "),
    command: claim.command.join("\n"), note: claim.notes.join("; "),
    floor: "", at: "", interval: "", notes: "",
  };
  return Object.keys(headings).flatMap((part) => (said[part] ? [[part, said[part]]] : []));
}

/** A claim as lines for a message or a notebook. @type {(claim: Claim, table: ClaimTable) => string} */
export function claimText(claim, table) {
  const indented = (/** @type {string} */ code) => code.split("\n").map((line) => `  ${line}`.trimEnd()).join("\n");
  return claimParts(claim, table).map(([part, said]) => `${table.headings[part]}:${table.code.includes(part) ? `\n${indented(said)}` : ` ${said}`}`).join("\n");
}

/** Code as it stands, small; a longer line of a shell goes on after a backslash. @type {(code: string, most: number) => string} */
function setCode(code, most) {
  const lines = code.split("\n").flatMap((line) => (line.length <= most || !line.startsWith("python ") ? [line] : wrapped(line, most)));
  return ["\\leavevmode{\\scriptsize", "\\begin{verbatim}", ...lines, "\\end{verbatim}", "}"].join("\n");
}

/** A command as lines that are not too long, as far as spaces part it. @type {(line: string, most: number) => string[]} */
function wrapped(line, most) {
  const lines = [""];
  for (const word of line.split(" ")) {
    if (lines[lines.length - 1].length + word.length + 3 > most) {
      lines[lines.length - 1] += " \\";
      lines.push(" ");
    }
    lines[lines.length - 1] += lines[lines.length - 1] ? ` ${word}` : word;
  }
  return lines;
}

/** A claim for a LaTeX document that uses amsmath. @type {(claim: Claim, table: ClaimTable) => string} */
export function claimLatex(claim, table) {
  const escaped = (/** @type {string} */ text) => Array.from(text, (sign) => table.signs[sign] ?? (sign >= " " && sign <= "~" ? sign : "?")).join("");
  const set = (/** @type {string} */ part, /** @type {string} */ said) => {
    if (table.code.includes(part)) return setCode(said, table.most_letters);
    if (part === "digest") return (said.match(/.{1,8}/g) ?? []).join("\\allowbreak ");
    return part === "formula" ? `$${said}$` : escaped(said);
  };
  const items = claimParts(claim, table).map(([part, said]) => `\\item[${table.headings[part]}] ${set(part, said)}`);
  return ["\\begin{description}\\sloppy", ...items, "\\end{description}"].join("\n");
}
