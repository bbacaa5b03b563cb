"""Rules over KPIs, and the alerts they raised."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site, User, Webhook
from ccm.models.words import LineField
from kpis.alerts.judging import Bounds
from kpis.querysets import AlertQuerySet, AlertRuleQuerySet

LONGEST_NOTE = 300


class AlertRule(models.Model):
    """What raises an alert: a KPI of a site or a queue beyond a bound, over a trailing window.

    `kpi` is "id" or "id:variant"; the bounds are in its unit. `window` is minutes, whole quarter
    hours; 0 is the site's day so far. In quiet hours (site time) nobody is told; whoever would have
    been is told afterwards, if it still stands.
    """

    class Side(models.TextChoices):
        BELOW = "below", _("falls below")
        ABOVE = "above", _("rises above")

    class Level(models.TextChoices):
        WARN = "warn", _("Caution")
        BAD = "bad", _("Critical")

    class Window(models.IntegerChoices):
        QUARTER = 15, _("15 minutes")
        HALF = 30, _("30 minutes")
        HOUR = 60, _("1 hour")
        TWO = 120, _("2 hours")
        FOUR = 240, _("4 hours")
        DAY = 0, _("today")

    site = models.ForeignKey(Site, models.CASCADE, related_name="alert_rules")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="+")
    name = LineField(max_length=80)
    kpi = models.CharField(max_length=60)
    side = models.CharField(max_length=5, choices=Side)
    raises_at = models.DecimalField(max_digits=14, decimal_places=4)
    clears_at = models.DecimalField(max_digits=14, decimal_places=4)
    window = models.PositiveSmallIntegerField(choices=Window, default=Window.HALF)
    least_n = models.PositiveIntegerField(default=10)
    level = models.CharField(max_length=4, choices=Level, default=Level.WARN)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    is_on = models.BooleanField(default=True)
    told = models.ManyToManyField(User, blank=True, related_name="+")
    webhooks = models.ManyToManyField(Webhook, blank=True, related_name="+")
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    # When it was last looked at, and why nothing could be said then (empty: something could).
    checked_at = models.DateTimeField(null=True, editable=False)
    unknown = models.CharField(max_length=200, blank=True, editable=False)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="alert_rule_once",
                violation_error_message=_("The site has a rule of this name already."),
            ),
            models.CheckConstraint(
                condition=Q(side="below", clears_at__gte=F("raises_at"))
                | Q(side="above", clears_at__lte=F("raises_at")),
                name="alert_clears_on_the_good_side",
                violation_error_message=_("It clears on the other side of the bound."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def bounds(self) -> Bounds:
        return Bounds(
            "below" if self.side == self.Side.BELOW else "above",
            float(self.raises_at),
            float(self.clears_at),
            self.least_n,
        )


class Alert(models.Model):
    """A rule's bound was passed, until the figure came back, or the rule was changed. `words` say
    what was seen, as the rule stood then."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts")
    level = models.CharField(max_length=4, choices=AlertRule.Level)
    words = models.CharField(max_length=300)
    raised_at = models.DateTimeField()
    # The figure then and at its last look, in the KPI's unit, and of how many.
    raised_value = models.FloatField()
    value = models.FloatField(null=True)
    n = models.IntegerField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    # Its figure did not come back: it ended because its rule was changed, or watched no more.
    ended_by_change = models.BooleanField(default=False, db_default=False)
    told_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)
    note = LineField(max_length=LONGEST_NOTE, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(cleared_at=None), name="alert_raised_once"
            )
        ]
        indexes = [models.Index(fields=["-raised_at"], name="alert_newest")]

    def __str__(self) -> str:
        return self.words
