"""The tables of `coaching.models.challenges`."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Challenge",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "kpi": models.CharField(max_length=40, verbose_name="KPI"),
            "first_on": models.DateField(verbose_name="from"),
            "last_on": models.DateField(verbose_name="until"),
            "fewest": models.PositiveIntegerField(
                default=30,
                verbose_name="of at least",
                validators=[MinValueValidator(1), MaxValueValidator(100000)],
            ),
            "reward": models.CharField(max_length=300, verbose_name="reward"),
            "made_at": models.DateTimeField(),
            "outcome": models.CharField(
                max_length=5,
                choices=[
                    ("won", "Won"),
                    ("close", "Too close to call"),
                    ("few", "Too few took part"),
                ],
                blank=True,
                verbose_name="outcome",
            ),
            "decided_at": models.DateTimeField(null=True),
            "given_at": models.DateTimeField(null=True),
            "given_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "team": models.ForeignKey(
                "ccm.team", models.PROTECT, related_name="+", verbose_name="team"
            ),
            "winner": models.ForeignKey("ccm.agent", models.PROTECT, null=True, related_name="+"),
        },
        verbose_name="challenge",
        verbose_name_plural="challenges",
        ordering=["-last_on", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="challenge_ends_after_it_begins", condition=Q(last_on__gte=F("first_on"))
            ),
            models.CheckConstraint(
                name="challenge_decided_at_a_time",
                condition=Q(decided_at=None, outcome="")
                | (~Q(outcome="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="challenge_won_by_somebody",
                condition=Q(outcome="won", winner__isnull=False)
                | (~Q(outcome="won") & Q(given_at=None, winner=None)),
            ),
        ],
        indexes=[
            models.Index(name="challenge_by_team", fields=["team", "-last_on"]),
            models.Index(
                name="challenge_is_undecided", fields=["last_on"], condition=Q(outcome="")
            ),
        ],
    ),
]
