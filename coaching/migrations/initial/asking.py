"""The tables of `coaching.models.asking`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "AskingRule",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "questions": ArrayField(
                models.CharField(
                    max_length=4,
                    choices=[
                        ("csat", "Satisfaction"),
                        ("nps", "Recommendation"),
                        ("ces", "Effort"),
                        ("fcr", "Solved at first contact"),
                    ],
                )
            ),
            "share": models.DecimalField(max_digits=5, decimal_places=4, verbose_name="share"),
            "rest_days": models.PositiveSmallIntegerField(default=30, verbose_name="days of rest"),
            "first_hour": models.PositiveSmallIntegerField(default=9, verbose_name="from"),
            "last_hour": models.PositiveSmallIntegerField(default=20, verbose_name="to"),
            "seed": models.CharField(max_length=32, editable=False),
            "is_on": models.BooleanField(default=True, verbose_name="switched on"),
            "since": models.DateTimeField(editable=False),
            "revision": models.PositiveIntegerField(default=0, editable=False),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                related_name="+",
                editable=False,
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
            "webhook": models.ForeignKey(
                "ccm.webhook",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="webhook",
            ),
            "queues": models.ManyToManyField("ccm.queue", blank=True, related_name="+"),
        },
        verbose_name="rule of asking callers",
        verbose_name_plural="rules of asking callers",
        ordering=["name", "pk"],
        constraints=[
            models.CheckConstraint(
                name="asking_share_of_calls", condition=Q(share__gt=0, share__lte=1)
            ),
            models.CheckConstraint(name="asking_asks_something", condition=Q(questions__len__gt=0)),
            models.CheckConstraint(name="asking_lets_rest", condition=Q(rest_days__gte=1)),
            models.CheckConstraint(
                name="asking_within_a_day",
                condition=Q(first_hour__lt=F("last_hour"), last_hour__lte=24),
            ),
            models.UniqueConstraint(
                name="asking_rule_once_a_site",
                fields=("site", "name"),
                violation_error_message="There is another rule of this name already.",
            ),
        ],
    ),
    table(
        "AskedCall",
        {
            "caller_hash": models.CharField(max_length=32, blank=True),
            "state": models.CharField(
                max_length=6,
                choices=[
                    ("drawn", "To be handed on"),
                    ("handed", "Handed on"),
                    ("failed", "Not taken"),
                    ("left", "Left out"),
                ],
            ),
            "why": models.CharField(
                max_length=8,
                choices=[
                    ("withheld", "nobody knows who called"),
                    ("never", "does not want to be asked"),
                    ("resting", "was asked lately"),
                    ("over", "the link was over before it could be handed on"),
                    ("cannot", "the call cannot be asked about"),
                ],
                blank=True,
            ),
            "drawn_at": models.DateTimeField(),
            "due_at": models.DateTimeField(null=True),
            "tries": models.PositiveSmallIntegerField(default=0),
            "error": models.CharField(max_length=300, blank=True),
            "handed_at": models.DateTimeField(null=True),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
            ),
            "invitation": models.OneToOneField(
                "ccm.surveyinvitation", models.CASCADE, null=True, related_name="+"
            ),
            "rule": models.ForeignKey("coaching.askingrule", models.PROTECT, related_name="asked"),
        },
        ordering=["-drawn_at", "-pk"],
        constraints=[
            models.UniqueConstraint(name="asked_once_a_call", fields=("call",)),
            models.CheckConstraint(
                name="asked_left_out_for_a_reason", condition=Q(state="left") ^ Q(why="")
            ),
            models.CheckConstraint(
                name="asked_by_a_link",
                condition=Q(state="left") | (Q(invitation__isnull=False) & ~Q(caller_hash="")),
            ),
            models.CheckConstraint(
                name="asked_handed_has_a_time", condition=Q(state="handed") ^ Q(handed_at=None)
            ),
        ],
        indexes=[
            models.Index(name="asked_by_rule", fields=["rule", "drawn_at"]),
            models.Index(
                name="asked_lately", fields=["caller_hash", "drawn_at"], condition=~Q(state="left")
            ),
            models.Index(name="asked_due", fields=["due_at"], condition=Q(state="drawn")),
        ],
    ),
]
