"""How the model moves: step rules, gradient flow, the engines that take the steps, and the one driver."""
