"""Forecasts of queues: the newest, those that were published, and how these did."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site, User
from scheduling.models.plans import QueueGroup
from scheduling.querysets import (
    DayAheadQuerySet,
    ForecastDayQuerySet,
    ForecastQuerySet,
    ScoredDayQuerySet,
    StrayedQuerySet,
)


def _values() -> "ArrayField[Any, Any]":
    """A number of each interval of a day."""
    return ArrayField(models.FloatField())


def _edges() -> "ArrayField[Any, Any]":
    """An edge of a band for each interval; null: no errors tell of it yet."""
    return ArrayField(models.FloatField(null=True))


class Forecast(models.Model):
    """What is expected of a queue, as it was known at a moment.

    The newest of a queue has no `version`: it is made anew each night, and when planners said what
    goes into it. Published it gets one, and is never changed after that. Its days follow
    `known_until`, the last day it was made of.

    `trials` are the methods that were tried on the queue's own weeks, the nearest first, as
    `scheduling.forecast.choosing.Trial` says. `weeks` are those of its days, each seven from the
    first on: (first day, calls, low and high of 80 %, low and high of 95 %).
    """

    # It is made of the record, and no use of what it names.
    derived = True

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="forecasts")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=60)
    by_trial = models.BooleanField()
    trials = models.JSONField(default=list)
    weeks = models.JSONField(default=list)
    # Whether errors of its own were enough for bands of 95 %; else those of so many similar queues
    # stand in, and of none the largest of its own.
    has_own_tails = models.BooleanField()
    # Of so many days there were errors of its own.
    error_days = models.PositiveSmallIntegerField(default=0)
    borrowed_from = models.PositiveSmallIntegerField(default=0)
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


class DayTold(models.Model):
    """A day that is forecast, each list with the intervals of the day by the clock on the wall.

    `open` is how often each is there: 0 closed, 2 where the clock shows it twice. `aht_seconds` are
    null where no handle time is known.
    """

    day = models.DateField()
    holiday = models.CharField(max_length=100, blank=True)
    open = _values()
    calls = _values()
    low80 = _edges()
    high80 = _edges()
    low95 = _edges()
    high95 = _edges()
    aht_seconds = ArrayField(models.FloatField(null=True))
    total = models.FloatField()
    total_low80 = models.FloatField(null=True)
    total_high80 = models.FloatField(null=True)
    total_low95 = models.FloatField(null=True)
    total_high95 = models.FloatField(null=True)

    class Meta:
        abstract = True


class ForecastDay(DayTold):
    """A day of a forecast. `naive` is what the same weekday of the last known week had, and
    `naive_aht_seconds` how long its contacts took: what the forecast is held against."""

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="days")
    naive = _values()
    # Of the whole day; null: on no such weekday was a contact handled.
    naive_aht_seconds = models.FloatField(null=True)
    # With the overrides that stood when it was published; null: none did, or it was not.
    planned = ArrayField(models.FloatField(), null=True)

    objects = ForecastDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["forecast", "day"], name="forecast_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.day}"


class AskedBefore(models.Model):
    """What the method of a queue's newest forecast would have said in the weeks before, with what
    came: what bands are made of, those of its groups and of queues with too few errors, too.

    `told` is as `scheduling.made.kept` packs it; the last day of what came is `known_until`.
    """

    # It is made of the record, and no use of what it names.
    derived = True

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="asked_before")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    told = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.queue}, {self.known_until}"


class GroupForecast(models.Model):
    """What is expected of queues as one: the sum of their newest forecasts, with bands of its own.
    `weeks` are as those of a forecast."""

    group = models.OneToOneField(QueueGroup, models.CASCADE, related_name="forecast")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    has_own_tails = models.BooleanField()
    error_days = models.PositiveSmallIntegerField(default=0)
    weeks = models.JSONField(default=list)
    # How many of its queues it is of: those of a forecast by the same intervals.
    queues = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.group}, {self.made_at}"


class GroupDay(DayTold):
    """A day of a forecast of queues as one."""

    forecast = models.ForeignKey(GroupForecast, models.CASCADE, related_name="days")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["forecast", "day"], name="group_day_once")]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.day}"


class Held(models.Model):
    """A day of a forecast, held against what came: sums over its open intervals, never ratios.

    `lead` is how many days ahead it was forecast, 1 the day after the last known. Of `banded`
    intervals it was said between what they were to lie.

    Handle times are of the intervals of which it was said how long contacts take: `handled` of
    them, and the seconds that all of them took. The errors are seconds by which as many contacts
    were to take more, or less.
    """

    day = models.DateField()
    lead = models.PositiveSmallIntegerField()
    intervals = models.PositiveSmallIntegerField()
    banded = models.PositiveSmallIntegerField()
    actual = models.FloatField()
    expected = models.FloatField()
    error = models.FloatField()
    naive_error = models.FloatField()
    within80 = models.PositiveSmallIntegerField()
    within95 = models.PositiveSmallIntegerField()
    handled = models.PositiveIntegerField(default=0)
    handle_seconds = models.FloatField(default=0)
    handle_error = models.FloatField(default=0)
    naive_handle_error = models.FloatField(default=0)

    class Meta:
        abstract = True


class ScoredDay(Held):
    """A day of a published forecast."""

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="scored")
    scored_at = models.DateTimeField()
    # With overrides, of days that had any.
    planned_error = models.FloatField(null=True)

    objects = ScoredDayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["forecast", "day"], name="scored_day_once")]

    def __str__(self) -> str:
        return f"{self.forecast_id}: {self.day}"


class DayAhead(Held):
    """A day of a queue, published or not, as the newest forecast told it before it was over: of
    `lead` 1 the night before, of more where what is known came later.

    `said` is what it told, as `scheduling.made.ledger.Said` has it, to hold it again against what
    came while logs may come late; null: not any more.
    """

    # It is made of the record, and no use of what it names.
    derived = True

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="days_ahead")
    # Of the whole day and its band of 95 %; null: there was none.
    is_outside = models.BooleanField(null=True)
    said = models.JSONField(null=True)

    objects = DayAheadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "day"], name="day_ahead_once")]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.day}"


class Strayed(models.Model):
    """An alert: `days` of the last `of` days of a queue that were told the night before lay outside
    their band of 95 %, until they keep to it again."""

    # It is made of the record, and no use of what it names.
    derived = True

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="strayed")
    raised_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    cleared_at = models.DateTimeField(null=True)

    objects = StrayedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["queue"], condition=Q(cleared_at=None), name="strayed_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id}: {self.days}/{self.of}"


class ForecastRun(models.Model):
    """How far a site's forecasts, scores, scenarios and proofs are done: all of them for what is
    known up to `done_until`; last tried for what was known up to `tried_until`.

    A run that was cut goes on with what was not made since `begun_at`. `is_behind` says that not of
    all queues so much was known: what is imported later is worth a run of its own."""

    site = models.OneToOneField(Site, models.CASCADE, related_name="forecast_run")
    done_until = models.DateField(null=True)
    tried_until = models.DateField(null=True)
    tried_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    is_behind = models.BooleanField(default=False)
    # Somebody published, or said what goes into forecasts: others are to be made.
    wanted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.site}: {self.done_until}"
