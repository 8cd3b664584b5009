"""The engine for many runs at once and for GPUs: torch."""
