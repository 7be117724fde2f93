"""Redshift's SQL: what it has (`fence`), and how DuckDB says the same (`rewrite`). A library; it opens nothing."""
