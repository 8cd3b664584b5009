"""What is minimised, and where it starts."""
