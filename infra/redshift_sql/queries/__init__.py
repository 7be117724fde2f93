"""Whole queries: the walk over their clauses, names, joins, grouping, and table definitions."""
