"""What the engine in the browser reads from Python: its one table, and its script."""
