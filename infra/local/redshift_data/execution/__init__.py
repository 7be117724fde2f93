"""Running statements: submitted, queued, on a connection or a session, and the event of each end."""
