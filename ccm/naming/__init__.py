"""The names that logs write, and what people say about them."""
