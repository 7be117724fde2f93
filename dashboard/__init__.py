"""The Dash and Flask web application: log-in, the WebSocket bridge, pages, panels and charts."""
