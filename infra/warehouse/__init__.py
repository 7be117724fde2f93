"""The warehouse: one DuckDB file that answers as Redshift does, with its catalog, privileges and results.

The laptop's Data API (`infra.local.redshift_data`) and `make check` run statements on it.
"""
