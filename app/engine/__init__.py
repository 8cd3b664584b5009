"""Hands the engine in the browser what it reads from Python: its one table, and its script."""
