"""Pages of quality review."""
