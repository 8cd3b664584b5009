"""The model in motion: step rules, gradient flow, the engines that take the steps, and the one driver."""
