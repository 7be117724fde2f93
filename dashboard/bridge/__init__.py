"""The bridge between a browser tab's WebSocket and that tab's own gateway connection."""
