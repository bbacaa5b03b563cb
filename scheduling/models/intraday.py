"""How the rest of a begun day is told of a queue, what was told of it when, and what was done."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, User
from scheduling.models.intraday_querysets import IntradayActionQuerySet
from scheduling.models.rosters import KeptShift, RosterEdit


class DayUpdate(models.Model):
    """How far a day's beginning is believed, learned of a queue's own past days.

    `way` is as `scheduling.forecast.intraday.learned` names it; `weights` are its own, as
    `scheduling.intraday.weights` packs them. `trials` tell how each way would have done on these
    days, as `scheduling.intraday.trials.Trial` says.
    """

    # Made of the record, so no use of a queue's name (`ccm.imports.undo`).
    derived = True

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="day_update")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    days = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=20)
    weights = models.JSONField(default=dict)
    trials = models.JSONField(default=list)

    class Meta:
        verbose_name = _("way to tell the rest of a day")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.queue}"


class Reforecast(models.Model):
    """What was said of the rest of a queue's day when so many of its intervals were over.

    What was said first stays. `known` intervals ended `at`, `minutes_open` after the first that was
    open began; in them `came` so many calls of those `expected`. `morning`, `updated` and `trade`
    are the calls of all that was left: as the day's forecast had it, as the update told it, and by
    the full ratio. `rest` is what did come then; null: the day was not over yet.
    """

    derived = True

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="reforecasts")
    day = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    known = models.PositiveSmallIntegerField()
    minutes_open = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    made_at = models.DateTimeField()
    way = models.CharField(max_length=20)
    came = models.FloatField()
    expected = models.FloatField()
    morning = models.FloatField()
    updated = models.FloatField()
    trade = models.FloatField()
    rest = models.FloatField(null=True)

    class Meta:
        verbose_name = _("reforecast")
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "day", "interval_minutes", "known"], name="reforecast_once"
            ),
            models.CheckConstraint(condition=Q(known__gt=0), name="reforecast_of_a_begun_day"),
        ]
        # Of a site's days those are held against what came that are over; old ones are dropped.
        indexes = [models.Index(fields=["day"], name="reforecast_by_day")]

    def __str__(self) -> str:
        return f"{self.queue}, {self.day}, {self.known}"


class IntradayAction(models.Model):
    """What somebody did about a day as it went, by a change of a published roster (`edit`, which
    has whose shift it was), and what it was predicted to do.

    An activity of a `kind`, which planners call `name`, was to begin at `was_at` and begins at
    `now_at`. So its person is there for longer in [relieves_from, relieves_to), and for less in
    [takes_from, takes_to) (null: in no hour that is open). Of each, and of all `queues` (ids, of
    those that the same people take, that it was done for first), service level and occupancy as
    they were predicted without it and with it; null: nothing told. `calls` are how many more were
    to be answered in time.

    Of overtime and time off the end, or the beginning, of a shift was to be `was_at` and is
    `now_at`, and [relieves_from, relieves_to) are the hours that it adds or takes.
    """

    OFFERS = (("overtime", _("Overtime")), ("time_off", _("Voluntary time off")))

    edit = models.OneToOneField(RosterEdit, models.CASCADE, related_name="intraday_action")
    day = models.DateField()
    queues = models.JSONField()
    kind = models.CharField(max_length=10, choices=[*KeptShift.Activity.choices, *OFFERS])
    name = models.CharField(max_length=80, blank=True)
    was_at = models.DateTimeField()
    now_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    calls = models.FloatField()
    relieves_from = models.DateTimeField()
    relieves_to = models.DateTimeField()
    level_without = models.FloatField(null=True)
    level_with = models.FloatField(null=True)
    occupancy_without = models.FloatField(null=True)
    occupancy_with = models.FloatField(null=True)
    takes_from = models.DateTimeField(null=True)
    takes_to = models.DateTimeField(null=True)
    taken_level_without = models.FloatField(null=True)
    taken_level_with = models.FloatField(null=True)
    taken_occupancy_without = models.FloatField(null=True)
    taken_occupancy_with = models.FloatField(null=True)
    taken_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    taken_at = models.DateTimeField()

    objects = IntradayActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action during a day")
        verbose_name_plural = _("actions during days")
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(was_at=F("now_at")), name="intraday_action_moves_something"
            ),
            models.CheckConstraint(
                condition=Q(relieves_to__gt=F("relieves_from")),
                name="intraday_action_relieves_some_time",
            ),
        ]
        # Of a site, those of a day.
        indexes = [models.Index(fields=["day"], name="intraday_action_by_day")]

    def __str__(self) -> str:
        return f"{self.edit_id}: {self.name} {self.was_at} – {self.now_at}"
