"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""


def everything() -> None:
    """Called once, when all models are there."""
