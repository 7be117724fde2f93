"""The entry points: one file for each Lambda function, which parses, calls one thing and answers."""
