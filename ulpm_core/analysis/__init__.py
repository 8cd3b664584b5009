"""Measures of a run: collapse, margins, certificates, curvature, slopes, and projections for display."""
