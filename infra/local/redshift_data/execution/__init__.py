"""Running statements: which code runs which, and what each does to the warehouse."""
