"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit, call_acts
from qa.reviews import beside_calls
from qa.reviews import told as of_reviews


def everything() -> None:
    """Called once, when all models are there."""
    _words()
    call_acts.register(beside_calls.acts)


def _words() -> None:
    """How each change reads in the log of changes."""
    audit.register(of_reviews.REVIEW, of_reviews.tell, of_reviews.write)
    audit.register(of_reviews.RECORDING, of_reviews.tell_recordings)
