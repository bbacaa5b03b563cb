"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm.models import Agent, Queue
from ccm.signals import names_merged
from qa import merging


def everything() -> None:
    """Called once, when all models are there."""
    for named in (Agent, Queue):
        uid = f"qa.merging.{named.__name__}"
        names_merged.connect(merging.follow_merged, sender=named, dispatch_uid=uid)
