"""OAuth: what a browser is sent to authorize with, and what an application asks afterwards."""
