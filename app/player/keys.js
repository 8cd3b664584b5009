// Keys: what each does, and whose they are.

export const KEYS = {
  " ": "playOrPause", ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", l: "loop", f: "full", s: "sample", m: "matrix",
  t: "figures",
};

/** With Shift, the arrows turn the stage: radians across and up. */
export const TURNS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };

/** Whether the focused element needs this key for itself: fields any, sliders and lists the arrows, buttons Space. */
export function usesKey(target, key, scrub) {
  if (!(target instanceof Element) || target === scrub) return false;
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End";
  if (target.closest("input[type=range], [role=slider], [role=radiogroup], [role=tablist], [role=menu]")) return moves;
  if (target.closest("input, textarea, select, [contenteditable], [role=combobox], [role=listbox], [role=dialog]")) return true;
  return key === " " && Boolean(target.closest("button, a, summary, [role=button], [role=checkbox], [role=switch]"));
}

/** Once a mouse or a finger has used a control, the keys are the film's again; whoever came by key stays there. */
export function giveKeysBack(root, signal) {
  let pointed = false;
  root.addEventListener("pointerdown", () => { pointed = true; }, { signal });
  root.addEventListener("keydown", () => { pointed = false; }, { signal });
  const leave = (kind) => {
    const focused = document.activeElement; // not the event's target: a button that changes its icon loses that
    if (pointed && root.contains(focused) && focused.matches(kind)) focused.blur();
  };
  root.addEventListener("click", () => leave("button"), { signal }); // a choice is still open then
  root.addEventListener("change", () => leave("select, input"), { signal });
}
