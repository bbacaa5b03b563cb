"""Call logs in, records out: one module per format, `load` writes what they read."""
