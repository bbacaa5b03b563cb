"""Reviews of calls: how they are begun, filled, kept and finished."""
