"""Redshift's functions by name, each translated to what means the same in DuckDB."""
