"""Rules of a step, one a file: what a run of discrete steps does with its gradient."""
