"""The rows of finished statements, typed as the wire contract says."""
