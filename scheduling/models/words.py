"""What people know that no history tells: events, their word against a forecast, days to keep."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site, User
from scheduling.querysets import EventQuerySet, OverrideQuerySet


class KnownEvent(models.Model):
    """What people know will come, or came: a campaign, a launch, a mailing, an outage.

    Either `calls` are added on each of its days and fade after them, each day keeping `keeps` of
    the one before; or what comes is `factor` times as much; or neither is told, and what past
    events of its `kind` did is taken. Forecasts learn nothing else from its days. Of several on one
    day the factors multiply each other, and then the calls are added.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="known_events")
    queues = models.ManyToManyField(Queue, related_name="known_events", verbose_name=_("queues"))
    kind = models.CharField(_("kind"), max_length=60)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    calls = models.FloatField(_("calls more a day"), null=True, blank=True)
    keeps = models.FloatField(_("of which the next day keeps"), default=0)
    factor = models.FloatField(_("times as many"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("known event")
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="event_ends_after_it"),
            models.CheckConstraint(
                condition=Q(calls=None) | Q(factor=None), name="event_adds_or_multiplies"
            ),
            models.CheckConstraint(condition=Q(keeps__gte=0, keeps__lt=1), name="event_fades_away"),
            models.CheckConstraint(
                condition=Q(factor=None) | Q(factor__gte=0), name="event_takes_no_more_than_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.first}"


class Override(models.Model):
    """A planner's word against what a forecast says of some days, with its reason.

    It lies over the forecast, never in it: the forecast's own numbers stay, and both are scored.
    `factor` is of each interval from `starts` to `ends` on the clock (null: of the whole day);
    `calls` are all of these intervals together, on each day. Where overrides are of the same
    intervals of a day, the one that was made last stands alone.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    queue = models.ForeignKey(
        Queue, models.CASCADE, related_name="overrides", verbose_name=_("queue")
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("to"), null=True, blank=True)
    factor = models.FloatField(_("times as many"), null=True, blank=True)
    calls = models.FloatField(_("calls a day"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("override")
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="override_ends_after"),
            models.CheckConstraint(
                condition=Q(factor__gte=0, calls=None) | Q(calls__gte=0, factor=None),
                name="override_says_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}, {self.first}"


class DayWord(models.Model):
    """Whether forecasts learn from a day of the past, by somebody's word: an outlier that is kept,
    or a day that is kept out."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="day_words")
    day = models.DateField()
    is_kept = models.BooleanField()
    reason = models.CharField(max_length=300, blank=True)
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = _("word on a day")
        constraints = [models.UniqueConstraint(fields=["queue", "day"], name="day_word_once")]

    def __str__(self) -> str:
        return f"{self.queue}, {self.day}"
