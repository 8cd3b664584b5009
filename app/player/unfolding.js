// Remembers in this browser whether a person has unfolded the curves: at a first visit only the first few are shown.

export const FEW_CURVES = 3;
const CURVES_PLACE = "collapse-lab-curves";

/** Whether all curves were wanted last. @type {() => boolean} */
export function wantsAllCurves() {
  try {
    return localStorage.getItem(CURVES_PLACE) === "all";
  } catch {
    return false; // a file, or a frame in a sandbox, may not remember
  }
}

/** @type {(all: boolean) => void} */
export function rememberCurves(all) {
  try {
    localStorage.setItem(CURVES_PLACE, all ? "all" : "few");
  } catch {
    // nothing is lost but the memory
  }
}
