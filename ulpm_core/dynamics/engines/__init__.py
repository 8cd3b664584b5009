"""The engines that take the steps: compiled code for one core, batches in torch, and the choice between them."""
