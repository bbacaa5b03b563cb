"""What was wished of rosters when they were published, and what became of it."""

from django.db import models
from django.db.models import Q

from ccm.models import Agent
from scheduling.models.rosters import KeptRoster


class KeptWish(models.Model):
    """What somebody wished of a day when a roster was published: to work or to have some shift
    (`wants`), or not to. Whatever they said of it in one direction is one wish: it is granted by
    any of the shifts that they would have liked, and refused by any that they would rather not
    have.

    `rule` is what refused it, as `scheduling.roster.conflicts` names it, or a word of
    `scheduling.rosters.wishes`; empty where it was granted, or nobody has found out yet.
    """

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="wishes")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="roster_wishes")
    day = models.DateField()
    wants = models.BooleanField()
    is_refused = models.BooleanField()
    rule = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "agent", "day", "wants"], name="kept_wish_once"
            ),
            models.CheckConstraint(
                condition=Q(is_refused=True) | Q(rule=""), name="kept_wish_refused_by_a_rule"
            ),
        ]
        indexes = [
            # Of somebody, those of some days.
            models.Index(fields=["agent", "day"], name="kept_wish_by_agent"),
            # Those of which nobody has found out why.
            models.Index(
                fields=["roster"], condition=Q(is_refused=True, rule=""), name="kept_wish_untold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.agent_id} {self.day}"
