"""Figures for papers: what each shows as plain data, the numbers beside it as a table, and how it becomes a file."""
