"""Template tags of quality review."""
