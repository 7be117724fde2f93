"""Signing in: challenges, sessions, and the signed tokens that come of them."""
