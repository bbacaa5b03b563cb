"""How the rest of a begun day is told of a queue, and what was told of it when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue


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
