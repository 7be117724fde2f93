"""The life of a run: asked once, joined by others, submitted, completed, and everybody notified."""
