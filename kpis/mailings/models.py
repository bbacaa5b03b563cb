"""What is mailed when to whom, and how each time went."""

from typing import cast
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Delivery, Site, User
from ccm.models.people import known_zone
from kpis.mailings.moments import Every as EveryWord
from kpis.mailings.moments import Rhythm
from kpis.querysets import MailingQuerySet


class Mailing(models.Model):
    """A saved report, or the recap of a site, that goes out at an hour by a zone's clock.

    Each of those told gets what they may see themselves. `weekday` (0: Monday) is of those that go
    out each week. Moments up to `since` are none of it: it was not there, off, or of other times.
    `next_at` is its next moment; null: it is off.
    """

    class Every(models.TextChoices):
        DAY = "day", _("Each day")
        WEEK = "week", _("Each week")
        MONTH = "month", _("On the first of the month")

    class Attached(models.TextChoices):
        NOTHING = "", _("Nothing")
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    report = models.ForeignKey(
        "kpis.SavedReport", models.CASCADE, null=True, related_name="mailings"
    )
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    every = models.CharField(max_length=5, choices=Every, default=Every.DAY)
    weekday = models.PositiveSmallIntegerField(default=0)
    hour = models.PositiveSmallIntegerField(default=7)
    zone = models.CharField(max_length=64, validators=[known_zone])
    attached = models.CharField(max_length=4, choices=Attached, blank=True)
    told = models.ManyToManyField(User, blank=True, related_name="mailings")
    is_on = models.BooleanField(default=True)
    since = models.DateTimeField()
    next_at = models.DateTimeField(null=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(report=None) ^ Q(site=None), name="mailing_of_a_report_or_a_recap"
            ),
            models.CheckConstraint(
                condition=Q(weekday__lt=7, hour__lt=24), name="mailing_at_an_hour_of_a_weekday"
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="mailing_due")]

    def __str__(self) -> str:
        if self.site is not None:
            return _("Recap of %(site)s") % {"site": self.site}
        return str(self.report)

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(cast(EveryWord, self.every), self.weekday, self.hour, ZoneInfo(self.zone))


class MailingRun(models.Model):
    """One time that a mailing goes out: made once a day of its zone, and whenever somebody asks.

    It is made, and is sent or tried again, in the transaction that puts its mails into the outbox.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Tried again")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Left out")

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="runs")
    day = models.DateField()
    # Who wanted it at once; null: it was due.
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    is_asked = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    # Why it failed, in words; and who was told nothing, and why.
    error = models.CharField(max_length=300, blank=True)
    left_out = models.TextField(blank=True)
    mails = models.ManyToManyField(Delivery, related_name="+")
    # Whether its owner was told that mails of it were given up.
    refusal_told = models.BooleanField(default=False)

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "day"],
                condition=Q(is_asked=False),
                name="mailing_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id} on {self.day}"
