"""What a session is prepared with, so that nobody begins with an empty page: what has changed,
which calls show it, what stands open, and what could not be told."""
