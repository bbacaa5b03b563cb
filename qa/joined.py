"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit, navigation
from ccm.models import Agent, Queue
from ccm.signals import names_merged
from qa.plans import merging as plans_merging
from qa.plans import queue
from qa.plans import told as of_plans


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("reviews", queue.facts, queue.count)
    for model in of_plans.MODELS:
        audit.register(model._meta.label_lower, of_plans.tell)
    for named in (Agent, Queue):
        uid = f"{plans_merging.follow_merged.__module__}.{named.__name__}"
        names_merged.connect(plans_merging.follow_merged, sender=named, dispatch_uid=uid)
