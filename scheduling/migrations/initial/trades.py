"""The tables of `scheduling.models.trades`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Trade",
        {
            "kind": models.CharField(
                max_length=7,
                choices=[
                    ("cover", "Cover"),
                    ("swap", "Swap"),
                    ("give_up", "Give up"),
                    ("open", "Open shift"),
                ],
                verbose_name="kind",
            ),
            "state": models.CharField(
                max_length=9,
                choices=[
                    ("offered", "Offered"),
                    ("answered", "Answered"),
                    ("waiting", "To be decided"),
                    ("done", "Done"),
                    ("refused", "Refused"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="offered",
                verbose_name="state",
            ),
            "day": models.DateField(verbose_name="day"),
            "shift": models.JSONField(),
            "back_day": models.DateField(null=True),
            "back": models.JSONField(null=True),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "until": models.DateTimeField(),
            "asked_at": models.DateTimeField(),
            "decided_at": models.DateTimeField(null=True),
            "rule": models.CharField(max_length=12, blank=True),
            "facts": models.JSONField(blank=True, default=dict),
            "asked_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "decided_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "edit": models.ForeignKey(
                "scheduling.rosteredit", models.SET_NULL, null=True, related_name="+"
            ),
            "giver": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, related_name="trades_given"
            ),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="trades"
            ),
            "taker": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, related_name="trades_taken"
            ),
            "to": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, related_name="trades_offered"
            ),
            "reason": models.CharField(max_length=300, blank=True, verbose_name="why"),
        },
        verbose_name="trade of a shift",
        verbose_name_plural="trades of shifts",
        ordering=["-asked_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="trade_given_by_somebody_or_open",
                condition=Q(giver=None, kind="open") | (~Q(kind="open") & Q(giver__isnull=False)),
            ),
            models.CheckConstraint(
                name="trade_swaps_for_something",
                condition=Q(back=None, back_day=None)
                | Q(back__isnull=False, back_day__isnull=False, kind="swap", taker__isnull=False),
            ),
            models.UniqueConstraint(
                name="trade_of_a_shift_once_at_a_time",
                fields=("roster", "giver", "day"),
                condition=Q(state__in=("offered", "answered", "waiting")),
            ),
        ],
        indexes=[
            models.Index(
                name="trade_live",
                fields=["until"],
                condition=Q(state__in=("offered", "answered", "waiting")),
            ),
        ],
    ),
]
