"""API Gateway: the WebSocket API, the REST API, and the events they give to functions."""
