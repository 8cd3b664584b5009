// Where films stand that share a stage: one alone, two beside each other, three or four two by two, each under its name.

/** A film's part of the stage, in pixels from its left and its top. @typedef {{ x: number, y: number, width: number, height: number }} Cell */

const NAME_HEIGHT = 24; // pixels, over each of several films

/**
 * The cells of so many films in a stage of so many pixels, in rows; `big` is how many times larger than usual names are.
 * @type {(count: number, size: { width: number, height: number }, big: number) => Cell[]}
 */
export function cellsOf(count, { width, height }, big) {
  const columns = Math.min(2, count), rows = Math.ceil(count / 2);
  const name = count > 1 ? Math.min(NAME_HEIGHT * big, height / rows) : 0;
  const size = { width: width / columns, height: height / rows - name };
  return Array.from({ length: count }, (_, i) => ({ x: (i % 2) * size.width, y: Math.floor(i / 2) * (height / rows) + name, ...size }));
}

/** Which cell a place on the stage belongs to, or lies nearest to. @type {(cells: Cell[], x: number, y: number) => number} */
export function cellAt(cells, x, y) {
  /** @type {(cell: Cell) => number} */
  const off = (cell) => Math.hypot(cell.x + cell.width / 2 - x, cell.y + cell.height / 2 - y);
  return cells.reduce((nearest, cell, i) => (off(cell) < off(cells[nearest]) ? i : nearest), 0);
}
