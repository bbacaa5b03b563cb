"""Who looked at what is held of whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.people import Agent, User


class Viewing(models.Model):
    """That somebody opened pages about an agent who is not themselves: a row a day of UTC and kind
    of page, however often that was. The agent reads it on *My data*."""

    class What(models.TextChoices):
        FIGURES = "figures", _("Figures")
        CALL = "call", _("A call")
        EVALUATION = "evaluation", _("Team's month")
        DAY = "day", _("Day and adherence")
        TERMS = "terms", _("Terms of work")
        TIME_OFF = "time_off", _("Time off")
        REVIEW = "review", _("A review")
        COACHING = "coaching", _("Coaching")
        RECORD = "record", _("Record")

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="viewings")
    viewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    what = models.CharField(_("what"), max_length=12, choices=What)
    day = models.DateField(_("day"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1)
    logged = models.PositiveIntegerField(default=0)
    """How many of these the audit log tells."""

    class Meta:
        verbose_name = _("viewing")
        verbose_name_plural = _("viewings")
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "viewer", "what", "day"], name="viewing_once_a_day"
            ),
        ]
        # Which are to be told to the audit log still: none, most of the time.
        indexes = [
            models.Index(fields=["day"], name="viewing_by_day"),
            models.Index(
                fields=["id"],
                condition=models.Q(logged__lt=models.F("times")),
                name="viewing_to_be_logged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.what} {self.day}"


class ListViewing(models.Model):
    """That somebody opened a page on which people are rows or choices among others
    (`ccm.among_others`), by the name of its address: a row a day of UTC, however often that was.
    Whom it showed is not kept. The audit log is told of it."""

    viewer = models.ForeignKey(User, models.CASCADE, related_name="+")
    page = models.CharField(_("page"), max_length=40)
    day = models.DateField(_("day"))
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    times = models.PositiveIntegerField(_("times"), default=1)
    logged = models.PositiveIntegerField(default=0)
    """How many of these the audit log tells."""

    class Meta:
        verbose_name = _("list of people that was looked at")
        verbose_name_plural = _("lists of people that were looked at")
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["viewer", "page", "day"], name="list_viewing_once_a_day"
            ),
        ]
        # Which are to be told to the audit log still: none, most of the time.
        indexes = [
            models.Index(fields=["day"], name="list_viewing_by_day"),
            models.Index(
                fields=["id"],
                condition=models.Q(logged__lt=models.F("times")),
                name="list_viewing_to_be_logged",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} {self.page} {self.day}"


class ViewingMark(models.Model):
    """How far the stream was written down of who looked: the id of its last entry. One row."""

    entry = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.entry
