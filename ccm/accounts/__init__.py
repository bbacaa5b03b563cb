"""Who may sign in and as what: users and their roles, the links by which they choose a password,
keys for machines, who stands in for whom, and reach in an emergency."""
