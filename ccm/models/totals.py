"""What sources tell that keep no single calls: totals of spans of time."""

from django.db import models
from django.db.models import F, Q

from ccm.models.calls import Queue
from ccm.models.people import Agent, Site


class IntervalCount(models.Model):
    """A source's totals of one span, [starts_at, ends_at), on a queue and, or, of an agent.

    Kept apart and never mixed into counts of calls: what they leave out cannot be known.
    `wait_ms` and `talk_ms` are sums over the answered; null is unknown.
    """

    source = models.CharField(max_length=80)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    # As the source wrote them, empty for none: what makes the row the same one when told again.
    queue_name = models.CharField(max_length=120, blank=True)
    agent_name = models.CharField(max_length=160, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    offered = models.BigIntegerField(null=True)
    answered = models.BigIntegerField(null=True)
    abandoned = models.BigIntegerField(null=True)
    wait_ms = models.BigIntegerField(null=True)
    talk_ms = models.BigIntegerField(null=True)
    handle_ms = models.BigIntegerField(null=True)
    answered_within = models.BigIntegerField(null=True)
    threshold_seconds = models.PositiveIntegerField(null=True)
    extra = models.JSONField(null=True)
    batch = models.ForeignKey(
        "ccm.ImportBatch",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="count_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["source", "queue_name", "agent_name", "starts_at", "ends_at"],
                name="count_once_a_span",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.offered} from {self.starts_at}"
