"""What a person sees: screens and the film player."""
