"""What a client's message asks for: read, judged, and answered where something is wrong with it."""
