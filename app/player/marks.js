// The marks of classes, as the data of paths.

/** Marks of radius 1 around the origin; the open ones are the same, not filled. @type {Record<string, string>} */
export const MARKS = {
  circle: "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0", square: "M-1-1h2v2h-2z", diamond: "M0-1l1 1l-1 1l-1-1z",
  cross: "M-.15-1h.3v.85h.85v.3h-.85v.85h-.3v-.85h-.85v-.3h.85z",
};
