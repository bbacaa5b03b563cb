"""The tables of `scheduling.models.fairness`."""

from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "KeptWish",
        {
            "day": models.DateField(),
            "wants": models.BooleanField(),
            "is_refused": models.BooleanField(),
            "rule": models.CharField(max_length=40, blank=True),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, related_name="roster_wishes"),
            "roster": models.ForeignKey(
                "scheduling.keptroster", models.CASCADE, related_name="wishes"
            ),
        },
        constraints=[
            models.UniqueConstraint(
                name="kept_wish_once", fields=("roster", "agent", "day", "wants")
            ),
            models.CheckConstraint(
                name="kept_wish_refused_by_a_rule", condition=Q(is_refused=True) | Q(rule="")
            ),
        ],
        indexes=[
            models.Index(name="kept_wish_by_agent", fields=["agent", "day"]),
            models.Index(
                name="kept_wish_untold", fields=["roster"], condition=Q(is_refused=True, rule="")
            ),
        ],
    ),
]
