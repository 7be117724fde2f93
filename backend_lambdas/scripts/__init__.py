"""SQL scripts that the warehouse's administrator runs: `setup_redshift` those of `sql/setup`, `load_redshift` that of
`sql/load`.
"""
