"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit
from ccm.models import Agent, Queue
from ccm.signals import names_merged
from qa import merging
from qa.cards import told as of_cards


def everything() -> None:
    """Called once, when all models are there."""
    for model in of_cards.MODELS:
        audit.register(model._meta.label_lower, of_cards.tell)
    for named in (Agent, Queue):
        uid = f"qa.merging.{named.__name__}"
        names_merged.connect(merging.follow_merged, sender=named, dispatch_uid=uid)
