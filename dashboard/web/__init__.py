"""What holds for every HTTP request: its public address, security headers, where it may come from."""
