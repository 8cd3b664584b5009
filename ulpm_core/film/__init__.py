"""Films: the pictures, curves and sentences of a run, and the bytes that hold them."""
