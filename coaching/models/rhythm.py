"""How often the agents of a team are coached, and where a coach's calendar is."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Team, User
from ccm.models.words import LineField
from ccm.querysets import Viewer

LONGEST_DAYS = 92


class CadenceQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Those of teams that the user leads, and of sites managed."""
        return self.filter(team__in=Team.objects.evaluated_by(user).values("pk"))


class Cadence(models.Model):
    """From a day on so many days may lie between two sessions of an agent of a team; null: as many
    as one likes. One holds until the next begins."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="cadences")
    starts_on = models.DateField(_("from"))
    days = models.PositiveSmallIntegerField(_("every so many days"), null=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = CadenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("rhythm of coaching")
        verbose_name_plural = _("rhythms of coaching")
        ordering = ["team", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["team", "starts_on"], name="cadence_once_a_day"),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__gte=1, days__lte=LONGEST_DAYS),
                name="cadence_of_some_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.starts_on}"


class SessionFeed(models.Model):
    """A secret address at which the sessions that somebody leads are a calendar; one at a time.

    Of the key in it only a hash is kept: it is shown once, and made anew when it is lost.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="session_feeds")
    hash = LineField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("calendar address of sessions")
        verbose_name_plural = _("calendar addresses of sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="session_feed_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"
