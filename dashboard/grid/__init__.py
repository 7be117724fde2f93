"""The rows behind a panel as a grid: sorted, filtered, added up and pivoted on the server, exactly."""
