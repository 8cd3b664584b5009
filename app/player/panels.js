// Which panels hold some curves alone: those of a tour's scene, or the one that a speaker chose.

/** @import { Header, Panel } from "./types.d.ts" */

/** The panels that hold these curves, in their order; a curve that stands in none has its own. @type {(header: Pick<Header, "panels" | "curves">, show: string[]) => Panel[]} */
export function panelsOf({ panels, curves }, show) {
  const left = [...show];
  /** @type {Panel[]} */
  const found = [];
  while (left.length) {
    const [name] = left;
    const panel = panels.find((each) => each.curves.includes(name));
    const together = panel ? panel.curves.filter((curve) => left.includes(curve)) : [name];
    const title = panel?.title ?? curves.find((curve) => curve.name === name)?.label ?? name;
    found.push({ set: "run", title, curves: together });
    left.splice(0, left.length, ...left.filter((curve) => !together.includes(curve)));
  }
  return found;
}

/**
 * Every curve that stands in a panel of a film, and what it is called in a list.
 * @type {(header: Pick<Header, "panels" | "curves">) => [string, string][]}
 */
export function listedCurves({ panels, curves }) {
  const names = new Set(panels.flatMap((panel) => panel.curves));
  return [...names].map((name) => {
    const panel = panels.find((each) => each.curves.includes(name));
    const label = curves.find((curve) => curve.name === name)?.label ?? name;
    return [name, (panel?.curves.length ?? 0) > 1 ? `${panel?.title}: ${label}` : panel?.title ?? label];
  });
}
