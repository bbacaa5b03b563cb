"""Sessions from their plan to both signatures."""
