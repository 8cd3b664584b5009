"""Gradient flow, the limit of small steps: the driver, its methods and its clocks."""
