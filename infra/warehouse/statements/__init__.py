"""Statements: which code runs which, and what each does to the warehouse. Called by whoever runs them."""
