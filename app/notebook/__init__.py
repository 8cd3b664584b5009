"""Results of the core in a notebook: the film player in each output, its largest part once."""
