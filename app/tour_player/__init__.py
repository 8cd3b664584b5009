"""The player of tours, in a browser: a tour as data, the player's modules, and the offline file of a tour."""
