"""What becomes of a finished review: it is released, read, disputed, answered, decided."""
