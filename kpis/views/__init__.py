"""Pages of the figures: who, which, what, render."""
