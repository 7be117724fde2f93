"""The client of the gateway's REST API, and the results it keeps."""
