"""Regularisers, one a file: what is minimised beside the loss."""
