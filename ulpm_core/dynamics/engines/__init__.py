"""What takes the steps: compiled code for one core, or batches in torch; which of them, and at what cost."""
