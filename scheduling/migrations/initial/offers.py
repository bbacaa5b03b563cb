"""The tables of `scheduling.models.offers`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "ShiftOffer",
        {
            "kind": models.CharField(
                max_length=8,
                choices=[("overtime", "Overtime"), ("time_off", "Voluntary time off")],
                verbose_name="kind",
            ),
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("open", "Open"),
                    ("filled", "As many as wanted"),
                    ("answered", "Nobody left to answer"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="open",
                verbose_name="state",
            ),
            "day": models.DateField(verbose_name="day"),
            "queues": models.JSONField(),
            "starts_at": models.DateTimeField(),
            "ends_at": models.DateTimeField(),
            "wanted": models.PositiveSmallIntegerField(verbose_name="how many"),
            "until": models.DateTimeField(),
            "level_without": models.FloatField(null=True),
            "level_with": models.FloatField(null=True),
            "occupancy_without": models.FloatField(null=True),
            "occupancy_with": models.FloatField(null=True),
            "asked_at": models.DateTimeField(),
            "asked_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="shift_offers"),
        },
        verbose_name="offer of overtime or time off",
        verbose_name_plural="offers of overtime and time off",
        ordering=["-asked_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="shift_offer_of_some_time", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(name="shift_offer_to_somebody", condition=Q(wanted__gte=1)),
        ],
        indexes=[
            models.Index(name="shift_offer_by_day", fields=["site", "day"]),
        ],
    ),
    table(
        "ShiftOfferAnswer",
        {
            "day": models.DateField(),
            "before": models.JSONField(),
            "after": models.JSONField(),
            "starts_at": models.DateTimeField(),
            "ends_at": models.DateTimeField(),
            "until": models.DateTimeField(),
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("offered", "Not answered"),
                    ("waiting", "To be decided"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("refused", "Refused"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="offered",
                verbose_name="state",
            ),
            "answered_at": models.DateTimeField(null=True),
            "decided_at": models.DateTimeField(null=True),
            "rule": models.CharField(max_length=12, blank=True),
            "facts": models.JSONField(blank=True, default=dict),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="shift_offers"),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "edit": models.ForeignKey(
                "scheduling.rosteredit", models.SET_NULL, null=True, related_name="+"
            ),
            "offer": models.ForeignKey(
                "scheduling.shiftoffer", models.CASCADE, related_name="answers"
            ),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="shift_offers"
            ),
            "reason": models.CharField(max_length=300, blank=True, verbose_name="why"),
        },
        verbose_name="answer to an offer of overtime or time off",
        verbose_name_plural="answers to offers of overtime and time off",
        ordering=["starts_at", "pk"],
        constraints=[
            models.UniqueConstraint(name="shift_offer_answered_once", fields=("offer", "agent")),
            models.CheckConstraint(
                name="shift_offer_answer_of_some_time", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ],
        indexes=[
            models.Index(name="shift_offer_by_agent", fields=["agent", "day"]),
            models.Index(
                name="shift_offer_live",
                fields=["until"],
                condition=Q(state__in=("offered", "waiting")),
            ),
        ],
    ),
]
