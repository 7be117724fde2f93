"""What a department has beside its reports: its own file, which all of them share, and its pages."""
