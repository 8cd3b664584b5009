// Drawings as plain data: SVG elements in lists, which Node can test, and which only this module hands to the page. SVG
// stays sharp in every size and on paper.

/** @typedef {{ tag: string, has: Record<string, string | number>, words: string, parts: Part[] }} Part an element of a picture */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element of a picture. A class says its colours; numbers are rounded to a hundredth of a pixel.
 * @type {(tag: string, has: Record<string, string | number>, inside?: string | Part[]) => Part}
 */
export function part(tag, has, inside = "") {
  const words = typeof inside === "string" ? inside : "";
  return { tag, has, words, parts: typeof inside === "string" ? [] : inside };
}

/** Puts a picture into an element in place of what is there. @type {(host: Element, parts: Part[]) => void} */
export function drawParts(host, parts) {
  host.replaceChildren(...parts.map(elementOf));
}

/** An empty drawing inside `host`. @type {(host: Element, className: string) => SVGSVGElement} */
export function makeDrawing(host, className) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", className);
  host.append(drawing);
  return drawing;
}

/** @type {(part: Part) => Element} */
function elementOf({ tag, has, words, parts }) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(has)) element.setAttribute(name, String(typeof value === "number" ? rounded(value) : value));
  element.textContent = words;
  element.append(...parts.map(elementOf));
  return element;
}

/** A number to two digits behind its point. @type {(value: number) => number} */
export function rounded(value) {
  return Math.round(100 * value) / 100;
}

/** Words at a place. @type {(x: number, y: number, words: string, has?: Record<string, string | number>) => Part} */
export function wordsAt(x, y, words, has = {}) {
  return part("text", { x, y, ...has }, words);
}

/**
 * A line through points, in pixels, as the data of a path; null lifts the pen, and a point alone is a dot of round caps.
 * @type {(points: (number[] | null)[]) => string}
 */
export function pathThrough(points) {
  let pen = "M";
  return points.map((point, i) => {
    if (!point) {
      pen = "M";
      return "";
    }
    const move = `${pen}${rounded(point[0])} ${rounded(point[1])}`;
    const isAlone = pen === "M" && !points[i + 1];
    pen = "L";
    return isAlone ? `${move}h0` : move;
  }).join("");
}
