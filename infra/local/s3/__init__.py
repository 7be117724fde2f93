"""S3: objects that are files, the links that open them, and the events of their changes."""
