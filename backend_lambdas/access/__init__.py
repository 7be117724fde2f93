"""Who may do what: users and their groups, and the record of what they downloaded."""
