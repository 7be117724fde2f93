"""The warehouse: one DuckDB file with its catalog, privileges, results and the bucket beside it."""
