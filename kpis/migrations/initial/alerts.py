"""The tables of `kpis.alerts.models`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "AlertRule",
        {
            "name": models.CharField(max_length=80),
            "kpi": models.CharField(max_length=60),
            "side": models.CharField(
                max_length=5, choices=[("below", "falls below"), ("above", "rises above")]
            ),
            "raises_at": models.DecimalField(max_digits=14, decimal_places=4),
            "clears_at": models.DecimalField(max_digits=14, decimal_places=4),
            "window": models.PositiveSmallIntegerField(
                choices=[
                    (15, "15 minutes"),
                    (30, "30 minutes"),
                    (60, "1 hour"),
                    (120, "2 hours"),
                    (240, "4 hours"),
                    (0, "today"),
                ],
                default=30,
            ),
            "least_n": models.PositiveIntegerField(default=10),
            "level": models.CharField(
                max_length=4, choices=[("warn", "Caution"), ("bad", "Critical")], default="warn"
            ),
            "quiet_from": models.TimeField(null=True, blank=True),
            "quiet_until": models.TimeField(null=True, blank=True),
            "is_on": models.BooleanField(default=True),
            "checked_at": models.DateTimeField(null=True, editable=False),
            "unknown": models.CharField(max_length=200, blank=True, editable=False),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, blank=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="alert_rules"),
            "told": models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+"),
            "webhooks": models.ManyToManyField("ccm.webhook", blank=True, related_name="+"),
        },
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="alert_rule_once",
                fields=("site", "name"),
                violation_error_message="The site has a rule of this name already.",
            ),
            models.CheckConstraint(
                name="alert_clears_on_the_good_side",
                condition=Q(clears_at__gte=F("raises_at"), side="below")
                | Q(clears_at__lte=F("raises_at"), side="above"),
                violation_error_message="It clears on the other side of the bound.",
            ),
        ],
    ),
    table(
        "Alert",
        {
            "level": models.CharField(
                max_length=4, choices=[("warn", "Caution"), ("bad", "Critical")]
            ),
            "words": models.CharField(max_length=300),
            "raised_at": models.DateTimeField(),
            "raised_value": models.FloatField(),
            "value": models.FloatField(null=True),
            "n": models.IntegerField(),
            "cleared_at": models.DateTimeField(null=True, blank=True),
            "told_at": models.DateTimeField(null=True, blank=True),
            "seen_at": models.DateTimeField(null=True, blank=True),
            "note": models.CharField(max_length=300, blank=True),
            "seen_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "rule": models.ForeignKey("kpis.alertrule", models.CASCADE, related_name="alerts"),
            "ended_by_change": models.BooleanField(default=False, db_default=False),
        },
        ordering=["-raised_at"],
        constraints=[
            models.UniqueConstraint(
                name="alert_raised_once", fields=("rule",), condition=Q(cleared_at=None)
            ),
        ],
        indexes=[
            models.Index(name="alert_newest", fields=["-raised_at"]),
        ],
    ),
]
