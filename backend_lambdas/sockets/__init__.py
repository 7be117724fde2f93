"""Open sockets: whose they are, what they wait for, and how they are told."""
