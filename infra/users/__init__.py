"""Who may use Pushboard, by the command line: `python -m infra.users`."""
