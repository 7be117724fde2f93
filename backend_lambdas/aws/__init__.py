"""How AWS is called: clients, retries, the Data API, telemetry."""
