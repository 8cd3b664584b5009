"""Films as videos: the same player, driven in Chromium frame by frame."""
