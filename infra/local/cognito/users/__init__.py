"""Accounts of a pool: sign-up, recovery, groups, and what administrators do with them."""
