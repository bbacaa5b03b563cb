"""The tables of `scheduling.models.proofs`."""

from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "QueueProof",
        {
            "made_at": models.DateTimeField(),
            "why": models.CharField(
                max_length=12,
                choices=[
                    ("no_record", "Nothing was counted yet."),
                    ("not_voice", "Of chats and letters several are served at once."),
                    ("no_calls", "No calls came in these weeks."),
                    ("no_states", "No states of agents tell who was there."),
                    ("few_states", "States tell of too few of its agents who was there."),
                    ("no_times", "It is not known how long its calls took."),
                    ("few_days", "Too few days tell both what came and who was there."),
                ],
                blank=True,
            ),
            "first": models.DateField(null=True),
            "last": models.DateField(null=True),
            "interval_minutes": models.PositiveSmallIntegerField(),
            "variant": models.CharField(max_length=8),
            "chosen": models.CharField(max_length=8),
            "target_seconds": models.PositiveIntegerField(),
            "patience_seconds": models.FloatField(null=True),
            "patience_is_measured": models.BooleanField(default=True),
            "days": models.PositiveSmallIntegerField(default=0),
            "days_known": models.PositiveSmallIntegerField(default=0),
            "shared": models.FloatField(null=True),
            "held": models.JSONField(default=list),
            "by_day": models.JSONField(default=list),
            "patience": models.JSONField(default=dict),
            "handling": models.JSONField(default=dict),
            "day_to_day": models.FloatField(null=True),
            "day_to_day_days": models.PositiveSmallIntegerField(default=0),
            "queue": models.OneToOneField("ccm.queue", models.CASCADE, related_name="proof"),
        },
        verbose_name="proof of models",
        constraints=[
            models.CheckConstraint(
                name="proof_knows_days_of_its_own", condition=Q(days_known__lte=F("days"))
            ),
            models.CheckConstraint(
                name="proof_ends_after_it_begins",
                condition=Q(first=None, last=None) | Q(first__lte=F("last")),
            ),
        ],
    ),
]
