"""Currencies and texts of files, and in which language a request wants the texts. Pure."""
