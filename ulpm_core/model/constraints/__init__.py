"""Constraints, one a file: where W and H must stay while the loss is minimised."""
