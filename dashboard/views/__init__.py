"""What users keep of the pages: the routes by which the browser reads and writes it, and where each panel stands."""
