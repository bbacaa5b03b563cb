"""The tables of `scheduling.models.bids`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "BidRound",
        {
            "revision": models.PositiveIntegerField(),
            "criteria": ArrayField(
                models.CharField(
                    max_length=9,
                    choices=[
                        ("seniority", "Seniority: who was hired first chooses first"),
                        ("turn", "Turn: who chose last in the round before chooses first"),
                        (
                            "fairness",
                            "Fairness: who bore most beyond their fair share of burdens chooses first",
                        ),
                        ("draw", "Draw"),
                    ],
                )
            ),
            "seed": models.PositiveIntegerField(),
            "closes_at": models.DateTimeField(verbose_name="closes"),
            "state": models.CharField(
                max_length=10,
                choices=[
                    ("open", "Open"),
                    ("closed", "Closed"),
                    ("awarded", "Given out"),
                    ("called_off", "Called off"),
                ],
                default="open",
                verbose_name="state",
            ),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "breaks": models.JSONField(default=list),
            "opened_at": models.DateTimeField(),
            "awarded_at": models.DateTimeField(null=True),
            "awarded_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "contract": models.ForeignKey(
                "scheduling.contract",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="contract",
            ),
            "opened_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey(
                "ccm.queue",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="queue",
            ),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="bid_rounds"
            ),
            "team": models.ForeignKey(
                "ccm.team",
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="team",
            ),
            "is_told": models.BooleanField(default=False),
        },
        verbose_name="round of bids",
        verbose_name_plural="rounds of bids",
        ordering=["-opened_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="bid_round_closes_after_it_opens", condition=Q(closes_at__gte=F("opened_at"))
            ),
            models.CheckConstraint(
                name="bid_round_awarded_at_a_time",
                condition=Q(awarded_at__isnull=False, state="awarded")
                | (~Q(state="awarded") & Q(awarded_at=None)),
            ),
        ],
        indexes=[
            models.Index(name="bid_round_due", fields=["state", "closes_at"]),
        ],
    ),
    table(
        "BidLine",
        {
            "number": models.PositiveSmallIntegerField(),
            "shifts": models.JSONField(),
            "counts": models.JSONField(),
            "holder": models.ForeignKey("ccm.agent", models.CASCADE, related_name="+"),
            "round": models.ForeignKey("scheduling.bidround", models.CASCADE, related_name="lines"),
        },
        verbose_name="line of shifts",
        verbose_name_plural="lines of shifts",
        ordering=["number"],
        constraints=[
            models.UniqueConstraint(name="bid_line_once", fields=("round", "number")),
            models.UniqueConstraint(name="bid_line_of_one", fields=("round", "holder")),
        ],
    ),
    table(
        "Bid",
        {
            "ranked": ArrayField(models.PositiveSmallIntegerField(), default=list),
            "ranked_at": models.DateTimeField(null=True),
            "changes": models.PositiveIntegerField(default=0),
            "against": models.JSONField(default=dict),
            "place": models.PositiveSmallIntegerField(null=True),
            "by": ArrayField(models.CharField(max_length=9), default=list),
            "choices": models.JSONField(default=list),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="bids"),
            "line": models.OneToOneField(
                "scheduling.bidline", models.SET_NULL, null=True, related_name="bid"
            ),
            "round": models.ForeignKey("scheduling.bidround", models.CASCADE, related_name="bids"),
            "beyond": models.FloatField(null=True),
        },
        verbose_name="bid",
        verbose_name_plural="bids",
        ordering=["place", "pk"],
        constraints=[
            models.UniqueConstraint(name="bid_once_a_round", fields=("round", "agent")),
            models.UniqueConstraint(name="bid_place_once", fields=("round", "place")),
        ],
    ),
]
