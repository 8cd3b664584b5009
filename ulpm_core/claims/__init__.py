"""A figure as a claim: its value and digits, what it means, what makes it again, and how to check it without us."""
