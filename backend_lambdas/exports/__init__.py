"""Exports: rows that the warehouse writes to S3, and links to their files."""
