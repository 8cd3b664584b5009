"""What is shown, said and kept of a run."""
