"""Speed, measured side by side in one run: ratios, never a timed assertion in a test."""
