"""What the rest of the site is given of reviews when a process begins: their counts in the sidebar,
their changes in words, and who listens to what else changes."""

from ccm import audit, navigation
from qa.after import listed, reads, releasing
from qa.after import told as of_disputes
from qa.calibration import reads as calibrations
from qa.calibration import services as sessions
from qa.calibration import told as of_sessions
from qa.signals import review_finished


def everything() -> None:
    """Called once, when all models are there."""
    navigation.register("my_reviews", reads.unread_facts, reads.unread_count)
    navigation.register("disputes", listed.facts, listed.count)
    navigation.register("calibrations", calibrations.facts, calibrations.count)
    audit.register("qa.dispute", of_disputes.tell)
    audit.register("qa.calibrationsession", of_sessions.tell)
    review_finished.connect(releasing.on_finished, dispatch_uid="qa.after.releasing")
    review_finished.connect(sessions.on_finished, dispatch_uid="qa.calibration.sessions")
