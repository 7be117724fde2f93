"""Expressions: Redshift's types, literals, arithmetic, comparison and casts."""
