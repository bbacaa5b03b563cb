"""Django's engine for PostgreSQL, with somebody told before each commit (`base`)."""
