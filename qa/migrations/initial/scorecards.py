"""The tables of `qa.models.scorecards`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Scorecard",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "words": models.CharField(max_length=300, blank=True, verbose_name="what it is for"),
            "made_at": models.DateTimeField(),
            "closed_at": models.DateTimeField(null=True, blank=True, verbose_name="closed"),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="scorecards",
                verbose_name="site",
            ),
        },
        verbose_name="scorecard",
        verbose_name_plural="scorecards",
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="scorecard_once_a_site",
                fields=("site", "name"),
                nulls_distinct=False,
                violation_error_message="There is another scorecard of this name already.",
            ),
        ],
    ),
    table(
        "CardVersion",
        {
            "number": models.PositiveIntegerField(verbose_name="version"),
            "state": models.CharField(
                max_length=9,
                choices=[("draft", "Draft"), ("published", "Published")],
                default="draft",
            ),
            "form": models.JSONField(),
            "note": models.CharField(max_length=300, blank=True, verbose_name="what changed"),
            "revision": models.PositiveIntegerField(default=0),
            "made_at": models.DateTimeField(),
            "published_at": models.DateTimeField(null=True, blank=True, verbose_name="published"),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "published_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "card": models.ForeignKey("qa.scorecard", models.CASCADE, related_name="versions"),
        },
        verbose_name="version of a scorecard",
        verbose_name_plural="versions of scorecards",
        ordering=["card", "-number"],
        constraints=[
            models.UniqueConstraint(name="card_version_number_once", fields=("card", "number")),
            models.UniqueConstraint(
                name="card_version_one_draft", fields=("card",), condition=Q(state="draft")
            ),
            models.CheckConstraint(
                name="card_version_published_has_a_time",
                condition=Q(published_at=None, state="draft")
                | Q(published_at__isnull=False, state="published"),
            ),
        ],
    ),
    table(
        "CardCriterion",
        {
            "key": models.CharField(max_length=40),
            "name": models.CharField(max_length=160, verbose_name="name"),
            "section": models.CharField(max_length=160, blank=True, verbose_name="section"),
            "kind": models.CharField(max_length=8),
            "card": models.ForeignKey("qa.scorecard", models.CASCADE, related_name="criteria"),
        },
        verbose_name="criterion",
        verbose_name_plural="criteria",
        ordering=["card", "pk"],
        constraints=[
            models.UniqueConstraint(name="criterion_once_a_card", fields=("card", "key")),
        ],
    ),
]
