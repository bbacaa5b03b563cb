"""What people have of their own schedule beside its pages: a calendar's address, and notices."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent
from scheduling.models.rosters import KeptRoster, RosterEdit


class CalendarFeed(models.Model):
    """A secret address at which somebody's published shifts are a calendar; one at a time.

    Of the key in it only a hash is kept: it is shown once, and made anew when it is lost.
    """

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="calendar_feeds")
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["agent"],
                condition=Q(revoked_at=None),
                name="calendar_feed_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.made_at:%Y-%m-%d}"


class RosterNotice(models.Model):
    """That people were told of a roster's publication, or (`edit`) of changes at short notice: each
    is told once."""

    roster = models.ForeignKey(KeptRoster, models.CASCADE, related_name="notices")
    edit = models.ForeignKey(RosterEdit, models.CASCADE, null=True, related_name="notices")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("notice of a roster")
        verbose_name_plural = _("notices of rosters")
        constraints = [
            models.UniqueConstraint(
                fields=["roster", "edit"], nulls_distinct=False, name="roster_notice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.roster_id}: {self.edit_id or self.roster.state}"
