"""What the rest of the site is given of coaching when a process begins: counts in the sidebar,
changes in words, and who listens to what else changes."""

from ccm import audit
from coaching.holding import told


def everything() -> None:
    """Called once, when all models are there."""
    audit.register("coaching.session", told.tell)
    audit.register("coaching.action", told.tell_actions)
