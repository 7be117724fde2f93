"""Panels: what stands in one, and how a finished run becomes what it shows."""
