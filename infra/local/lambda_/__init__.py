"""Lambda: the template's functions, run with an environment, modules and logs of their own."""
