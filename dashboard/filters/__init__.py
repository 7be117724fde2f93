"""Filters: their controls, their values in an address, and those that are filled from a report's rows."""
