"""The lab without a server: one file, a folder for a static host, and films that carry their knobs."""
