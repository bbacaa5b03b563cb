"""A figure that explains itself, and the calls behind it."""
