"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit
from qa.cards import told as of_cards


def everything() -> None:
    """Called once, when all models are there."""
    for model in of_cards.MODELS:
        audit.register(model._meta.label_lower, of_cards.tell)
