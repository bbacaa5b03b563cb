"""Months ahead of queues, and scenarios: what is planned of work and people, side by side."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site, User
from scheduling.querysets import ScenarioQuerySet


class QueueMonths(models.Model):
    """A queue's months ahead and its usual week, of its newest forecast; made with that each night,
    so that a scenario need not read what was counted.

    `months` are (first day, calls) of whole months that follow `known_until`, and `edges` between
    what these lie (80 % low and high, 95 % low and high; empty: too few months tell). `rates` are
    the same of months that were, by the weight of their days, and `came` their calls. `by_trend`
    false: too few whole months were known, and each month has the calls of usual weeks. Of the
    week, weekdays x intervals: `calls`, `open`, and `aht_seconds`, null where none is known.
    """

    # It is made of the record, and no use of what it names.
    derived = True

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="months_ahead")
    made_at = models.DateTimeField()
    known_until = models.DateField()
    interval_minutes = models.PositiveSmallIntegerField()
    months = models.JSONField()
    edges = models.JSONField(default=list)
    rates = models.JSONField()
    came = models.JSONField(default=list)
    by_trend = models.BooleanField()
    calls = models.JSONField()
    open = models.JSONField()
    aht_seconds = models.JSONField()
    # As callers of the last weeks were; null: too few left to tell.
    patience_seconds = models.FloatField(null=True)
    patience_left = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("months ahead")

    def __str__(self) -> str:
        return f"{self.queue_id}, {self.known_until}"


def _share(words: Any, places: int = 4) -> "models.DecimalField[Any, Any]":
    """A share, of which nobody need have told anything."""
    return models.DecimalField(
        words, max_digits=places + 4, decimal_places=places, null=True, blank=True
    )


class Scenario(models.Model):
    """What a site's work and people are planned to be, against how it is. Shares are 0 to 1.

    What is null is as it is. The one with `is_base` is how it is: it changes nothing of the work,
    and holds what no record knows of the people. `hires` are the people who are to begin, by the
    first day of their month. No queues named: all of the site.

    `work` is what it came to when it was last reckoned, of months known until a day:
    `scheduling.scenarios.reckoned.Work` as JSON; null: not yet.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="scenarios")
    name = models.CharField(_("name"), max_length=80)
    is_base = models.BooleanField(default=False)
    queues = models.ManyToManyField(
        Queue, related_name="scenarios", blank=True, verbose_name=_("queues")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    volume = _share(_("calls, more or fewer"))
    growth = _share(_("calls, each month"))
    aht = _share(_("handle time, longer or shorter"))
    aht_seconds = models.PositiveIntegerField(_("handle time"), null=True, blank=True)
    service_level = _share(_("service level"))
    target_seconds = models.PositiveIntegerField(_("within"), null=True, blank=True)
    patience_seconds = models.PositiveIntegerField(_("patience"), null=True, blank=True)
    occupancy = _share(_("occupancy at most"))
    hours = models.JSONField(_("opening hours"), default=dict, blank=True)
    moved = _share(_("of closed hours comes in others"))
    beside = _share(_("a new hour has, of the nearest"))

    fte = models.DecimalField(
        _("people now"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    paid_hours = models.DecimalField(
        _("paid hours a month"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    shrinkage = _share(_("shrinkage"))
    attrition = _share(_("leave in a month"))
    training_months = models.PositiveSmallIntegerField(_("training"), null=True, blank=True)
    # Empty: everything from the first month after training on; null: as it is.
    ramp = ArrayField(
        models.DecimalField(max_digits=4, decimal_places=3),
        null=True,
        blank=True,
        verbose_name=_("then does"),
    )
    overtime = _share(_("overtime at most"))
    cost_per_hour = models.DecimalField(
        _("cost of a paid hour"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    lead_weeks = models.PositiveSmallIntegerField(_("weeks to recruit"), null=True, blank=True)
    hires = models.JSONField(_("people who begin"), default=dict, blank=True)

    work = models.JSONField(null=True)
    reckoned_at = models.DateTimeField(null=True)
    known_until = models.DateField(null=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        ordering = ["-is_base", Lower("name")]
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(is_base=True), name="scenario_as_it_is_once"
            ),
            models.UniqueConstraint(
                "site",
                Lower("name"),
                name="scenario_named_once",
                violation_error_message=_("There is a scenario of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(aht=None) | Q(aht_seconds=None), name="scenario_handles_one_way"
            ),
            models.CheckConstraint(
                condition=Q(is_base=False)
                | Q(
                    volume=None, growth=None, aht=None, aht_seconds=None, service_level=None,
                    target_seconds=None, patience_seconds=None, occupancy=None, hours={},
                ),
                name="scenario_as_it_is_changes_nothing",
            ),
            models.CheckConstraint(
                condition=(Q(volume=None) | Q(volume__gte=-1))
                & (Q(growth=None) | Q(growth__gt=-1))
                & (Q(aht=None) | Q(aht__gt=-1))
                & (Q(aht_seconds=None) | Q(aht_seconds__gt=0))
                & (Q(patience_seconds=None) | Q(patience_seconds__gt=0))
                & (Q(service_level=None) | Q(service_level__gt=0, service_level__lt=1))
                & (Q(occupancy=None) | Q(occupancy__gt=0, occupancy__lte=1)),
                name="scenario_of_work_that_can_be",
            ),
            models.CheckConstraint(
                condition=(Q(fte=None) | Q(fte__gte=0))
                & (Q(paid_hours=None) | Q(paid_hours__gt=0))
                & (Q(shrinkage=None) | Q(shrinkage__gte=0, shrinkage__lt=1))
                & (Q(attrition=None) | Q(attrition__gte=0, attrition__lt=1))
                & (Q(overtime=None) | Q(overtime__gte=0))
                & (Q(cost_per_hour=None) | Q(cost_per_hour__gte=0)),
                name="scenario_of_people_that_can_be",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.name)
