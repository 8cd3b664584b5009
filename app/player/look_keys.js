// The keys of a link that say how a film is looked at, as `app/page/look.py` has them.

export const LOOK_KEYS = ["view", "camera", "at", "speed", "theme", "captions", "curve", "film"];
