"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""


def everything() -> None:
    """Called once, when all models are there."""
