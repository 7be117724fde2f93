"""The way to AWS, by the command line: `python -m infra.deploy`."""
