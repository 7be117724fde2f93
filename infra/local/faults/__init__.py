"""Fault injection: what goes wrong on AWS now and then, switched on by tests while everything runs."""
