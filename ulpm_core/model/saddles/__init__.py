"""The gallery of saddles: a file each, with its construction, closed forms and words, and one row in `gallery`."""
