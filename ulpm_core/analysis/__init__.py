"""What a run shows: collapse metrics and projections for display."""
