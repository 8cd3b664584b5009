"""The model: the loss that is minimised, its configs and states, and where runs start."""
