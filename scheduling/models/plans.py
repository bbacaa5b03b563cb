"""How a queue is forecast and staffed, where somebody has said so."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site
from ccm.models.words import LineField
from scheduling.querysets import PlannedQuerySet
from scheduling.simulation.centre import MOST_SLOTS
from scheduling.staffing.shrinkage import Kind, Shrinkage


class ForecastPlan(models.Model):
    """How a queue is forecast, where somebody has said so.

    A queue without a plan is forecast by half hours, by the method that was nearest on its own
    weeks. `analogue` is a queue of which a new one has the `share`. Or somebody typed its curve:
    `weekday_calls`, Monday first, which lie in the day as `course` says: (minute of the clock,
    calls) of stretches of one length, in any unit. `handle_seconds` hold until its own calls tell.
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
    weekday_calls = ArrayField(models.FloatField(), size=7, null=True, blank=True)
    course = models.JSONField(default=list, blank=True)
    handle_seconds = models.PositiveIntegerField(_("handle time"), null=True, blank=True)

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
            models.CheckConstraint(
                condition=Q(analogue=None) | Q(weekday_calls=None), name="forecast_by_one_way"
            ),
            models.CheckConstraint(
                condition=Q(weekday_calls=None, course=[])
                | (Q(weekday_calls__len=7) & ~Q(course=[])),
                name="forecast_by_a_whole_curve",
            ),
            models.CheckConstraint(
                condition=Q(handle_seconds=None) | Q(handle_seconds__gt=0),
                name="forecast_of_calls_that_take_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.queue}"

    @property
    def is_typed(self) -> bool:
        """Whether it is forecast by a curve that somebody typed."""
        return self.weekday_calls is not None


class QueueGroup(models.Model):
    """Queues that the same people serve: their calls are forecast as one, and so are the positions
    that these take."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="queue_groups")
    name = LineField(_("name"), max_length=80)
    queues = models.ManyToManyField(Queue, related_name="groups", verbose_name=_("queues"))

    objects = PlannedQuerySet.as_manager()

    class Meta:
        verbose_name = _("queue group")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="queue_group_once",
                violation_error_message=_("The site has a group of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StaffingPlan(models.Model):
    """What a queue's people are reckoned by, where somebody has said so.

    `shrinkage_kinds` are (name, share as a decimal) of what paid time goes to that is not for
    calls; none: nobody has said. `patience` null: as it is measured on the queue's own calls.
    `sure` is how sure it is to be that no more calls come than people are reckoned for. Somebody
    holds `slots` contacts at once, each of which takes `stretch` longer for every one beside it.
    The queue's service level is aimed at anyhow, and all else that is said with it.
    """

    class Sure(models.IntegerChoices):
        EVEN = 50, _("what is expected")
        MOST = 90, _("what 9 of 10 days stay below")

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="staffing_plan")
    shrinkage_kinds = models.JSONField(_("shrinkage"), default=list, blank=True)
    shrinks_the_rest = models.BooleanField(_("each of what is left"), default=False)
    asa_seconds = models.PositiveIntegerField(_("mean wait at most"), null=True, blank=True)
    abandonment = models.DecimalField(
        _("abandoned at most"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    occupancy = models.DecimalField(
        _("occupancy at most"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    patience_seconds = models.PositiveIntegerField(_("patience"), null=True, blank=True)
    sure = models.PositiveSmallIntegerField(_("staffed for"), choices=Sure, default=Sure.EVEN)
    slots = models.PositiveSmallIntegerField(_("contacts at once"), default=1)
    stretch = models.DecimalField(_("each longer by"), max_digits=5, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("way to staff")
        constraints = [
            models.CheckConstraint(
                condition=Q(abandonment=None) | Q(abandonment__gt=0, abandonment__lte=1),
                name="staffing_loses_in_part",
            ),
            models.CheckConstraint(
                condition=Q(asa_seconds=None) | Q(asa_seconds__gt=0), name="staffing_lets_wait"
            ),
            models.CheckConstraint(
                condition=Q(slots__gte=1, slots__lte=MOST_SLOTS, stretch__gte=0),
                name="staffing_of_contacts_at_once",
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

    @property
    def shrinkage(self) -> Shrinkage:
        kinds = tuple(Kind(name, Decimal(share)) for name, share in self.shrinkage_kinds)
        return Shrinkage(kinds, self.shrinks_the_rest)

    @shrinkage.setter
    def shrinkage(self, said: Shrinkage) -> None:
        self.shrinkage_kinds = [[one.name, str(one.share)] for one in said.kinds]
        self.shrinks_the_rest = said.of_the_rest
