"""Report files: how they are read, checked and found, and how a user's values are bound."""
