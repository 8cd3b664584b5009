"""Studies: what one run shows, over a grid of parameters and many seeds."""
