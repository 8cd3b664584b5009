// Colours as numbers, and mixed.

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
