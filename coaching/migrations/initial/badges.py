"""The tables of `coaching.models.badges`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "BadgeRule",
        {
            "name": models.CharField(max_length=80, verbose_name="name"),
            "kind": models.CharField(
                max_length=7,
                choices=[
                    ("years", "Years in the centre"),
                    ("calls", "Calls answered"),
                    ("reviews", "Months of good reviews in a row"),
                ],
                verbose_name="for",
            ),
            "number": models.PositiveIntegerField(verbose_name="how many"),
            "percent": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="reviews of at least, %"
            ),
            "fewest": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="reviews a month at least"
            ),
            "made_at": models.DateTimeField(),
            "ended_at": models.DateTimeField(null=True),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="rule of a badge",
        verbose_name_plural="rules of badges",
        ordering=["kind", "number", "pk"],
        constraints=[
            models.CheckConstraint(name="badge_for_something", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="badge_for_reviews_says_which",
                condition=Q(fewest__gte=1, kind="reviews", percent__gte=1, percent__lte=100)
                | (~Q(kind="reviews") & Q(fewest=None, percent=None)),
            ),
        ],
    ),
    table(
        "Badge",
        {
            "given_on": models.DateField(verbose_name="given"),
            "is_shown": models.BooleanField(default=False),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="badges"),
            "rule": models.ForeignKey("coaching.badgerule", models.PROTECT, related_name="given"),
        },
        verbose_name="badge",
        verbose_name_plural="badges",
        ordering=["-given_on", "pk"],
        constraints=[
            models.UniqueConstraint(name="badge_given_once", fields=("rule", "agent")),
        ],
        indexes=[
            models.Index(name="badge_by_agent", fields=["agent", "-given_on"]),
        ],
    ),
]
