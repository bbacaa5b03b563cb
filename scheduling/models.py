"""Forecasts of queues: how each is made, the newest, those that were published, and their scores."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, User
from scheduling.querysets import ForecastQuerySet, ScoredDayQuerySet

__all__ = [
    "DayWord",
    "Forecast",
    "ForecastDay",
    "ForecastPlan",
    "KnownEvent",
    "Override",
    "ScoredDay",
    "StaffingPlan",
]


def _values() -> "ArrayField[Any, Any]":
    """A number of each interval of a day."""
    return ArrayField(models.FloatField())


def _edges() -> "ArrayField[Any, Any]":
    """An edge of a band for each interval; null: no errors tell of it yet."""
    return ArrayField(models.FloatField(null=True))


class ForecastPlan(models.Model):
    """How a queue is forecast, where somebody has said so.

    A queue without a plan is forecast by half hours, by the method that was nearest on its own
    weeks. `analogue` is a queue of which a new one has the `share`.
    """

    class Interval(models.IntegerChoices):
        QUARTER = 15, _("quarter hours")
        HALF = 30, _("half hours")
        HOUR = 60, _("hours")

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="forecast_plan")
    interval_minutes = models.PositiveSmallIntegerField(
        _("by"), choices=Interval, default=Interval.HALF
    )
    method = models.CharField(_("method"), max_length=20, blank=True)
    analogue = models.ForeignKey(
        Queue, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("like")
    )
    share = models.DecimalField(
        _("share of it"),
        max_digits=6,
        decimal_places=3,
        default=1,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        verbose_name = _("way to forecast")
        constraints = [
            models.CheckConstraint(
                condition=Q(interval_minutes__in=(15, 30, 60)), name="forecast_by_an_interval"
            ),
            models.CheckConstraint(
                condition=Q(analogue=None) | ~Q(analogue=F("queue")),
                name="forecast_like_another_queue",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.queue}"


class StaffingPlan(models.Model):
    """What a queue's people are reckoned by, where somebody has said so.

    A share of 0 of `shrinkage`: nobody has said how much of paid time is not for calls. `patience`
    null: as it is measured on the queue's own calls. `sure` is how sure it is to be that no more
    calls come than people are reckoned for.
    """

    class Sure(models.IntegerChoices):
        EVEN = 50, _("what is expected")
        MOST = 90, _("what 9 of 10 days stay below")

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="staffing_plan")
    shrinkage = models.DecimalField(_("shrinkage"), max_digits=5, decimal_places=4, default=0)
    occupancy = models.DecimalField(
        _("occupancy at most"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    patience_seconds = models.PositiveIntegerField(_("patience"), null=True, blank=True)
    sure = models.PositiveSmallIntegerField(_("staffed for"), choices=Sure, default=Sure.EVEN)

    class Meta:
        verbose_name = _("way to staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(shrinkage__gte=0, shrinkage__lt=1), name="staffing_shrinks_in_part"
            ),
            models.CheckConstraint(
                condition=Q(occupancy=None) | Q(occupancy__gt=0, occupancy__lte=1),
                name="staffing_occupied_in_part",
            ),
            models.CheckConstraint(
                condition=Q(patience_seconds=None) | Q(patience_seconds__gt=0),
                name="staffing_with_patience",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.queue}"


class KnownEvent(models.Model):
    """What people know will come, or came: a campaign, a launch, a mailing, an outage.

    Either `calls` are added on each of its days and fade after them, each day keeping `keeps` of
    the one before; or what comes is `factor` times as much; or neither is told, and what past
    events of its `kind` did is taken. Forecasts learn nothing else from its days.
    """

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="known_events")
    kind = models.CharField(_("kind"), max_length=60)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    calls = models.FloatField(_("calls more a day"), null=True, blank=True)
    keeps = models.FloatField(_("of which the next day keeps"), default=0)
    factor = models.FloatField(_("times as many"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

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
    `calls` are all of these intervals together, on each day.
    """

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="overrides")
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("to"), null=True, blank=True)
    factor = models.FloatField(_("times as many"), null=True, blank=True)
    calls = models.FloatField(_("calls a day"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

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
    """Whether a day of the past is kept when forecasts learn, by somebody's word: an outlier that is
    kept, or a day that is kept out."""

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


class Forecast(models.Model):
    """What is expected of a queue, as it was known at a moment.

    The newest of a queue has no `version`: each night it is made anew. Published it gets one, and
    is never changed after that. Its days follow `known_until`, the last day it was made of.

    `trials` are the methods that were tried on the queue's own weeks, the nearest first, as
    `scheduling.forecast.choosing.Trial` says. `weeks` are those of its days, each seven from the
    first on: (first day, calls, low and high of 80 %, low and high of 95 %).
    """

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="forecasts")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=60)
    by_trial = models.BooleanField()
    trials = models.JSONField(default=list)
    weeks = models.JSONField(default=list)
    # Whether errors of its own were enough for bands of 95 %; else the largest stands in.
    has_own_tails = models.BooleanField()
    outliers = models.JSONField(default=list)
    history_days = models.PositiveIntegerField()

    version = models.PositiveIntegerField(null=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    objects = ForecastQuerySet.as_manager()

    class Meta:
        verbose_name = _("forecast")
        constraints = [
            models.UniqueConstraint(
                fields=["queue"], condition=Q(version=None), name="forecast_newest_once"
            ),
            models.UniqueConstraint(fields=["queue", "version"], name="forecast_version_once"),
            models.CheckConstraint(
                condition=Q(version=None, published_at=None)
                | Q(version__isnull=False, published_at__isnull=False),
                name="forecast_published_as_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}, {self.version or self.made_at}"


class ForecastDay(models.Model):
    """A day of a forecast, each list with the intervals of the day by the clock on the wall.

    `open` is how often each is there: 0 closed, 2 where the clock shows it twice. `naive` is what
    the same weekday of the last known week had: what the forecast is held against. `aht_seconds`
    are null where no handle time is known.
    """

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="days")
    day = models.DateField()
    holiday = models.CharField(max_length=100, blank=True)
    open = _values()
    calls = _values()
    low80 = _edges()
    high80 = _edges()
    low95 = _edges()
    high95 = _edges()
    naive = _values()
    # With the overrides that stood when it was published; null: none did, or it was not.
    planned = ArrayField(models.FloatField(), null=True)
    aht_seconds = ArrayField(models.FloatField(null=True))
    total = models.FloatField()
    total_low80 = models.FloatField(null=True)
    total_high80 = models.FloatField(null=True)
    total_low95 = models.FloatField(null=True)
    total_high95 = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["forecast", "day"], name="forecast_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.day}"


class ScoredDay(models.Model):
    """A day of a published forecast, held against what came. Sums, never ratios.

    `lead` is how many days ahead it was forecast, 1 the day after the last known.
    """

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="scored")
    day = models.DateField()
    lead = models.PositiveSmallIntegerField()
    scored_at = models.DateTimeField()
    intervals = models.PositiveSmallIntegerField()
    actual = models.FloatField()
    expected = models.FloatField()
    error = models.FloatField()
    naive_error = models.FloatField()
    # With overrides, of days that had any; without them, of the same days.
    planned_error = models.FloatField(null=True)
    within80 = models.PositiveSmallIntegerField()
    within95 = models.PositiveSmallIntegerField()

    objects = ScoredDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["forecast", "day"], name="scored_day_once")]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.day}"
