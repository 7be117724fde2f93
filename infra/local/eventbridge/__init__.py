"""EventBridge: events to the rules of the template, and functions called by schedules."""
