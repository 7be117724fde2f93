"""Jobs as the dashboard shows them: a card each, their runs with steps, and what is told of them on other pages."""
