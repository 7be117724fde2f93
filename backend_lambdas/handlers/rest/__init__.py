"""The functions behind the REST API: one file a function."""
