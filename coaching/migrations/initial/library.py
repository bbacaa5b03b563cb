"""The tables of `coaching.models.library`."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import (
    CombinedSearchVector,
    SearchConfig,
    SearchVector,
    SearchVectorField,
)
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "LibraryPage",
        {
            "kind": models.CharField(
                max_length=7,
                choices=[
                    ("sop", "Procedure"),
                    ("script", "Script"),
                    ("tree", "Decision tree"),
                    ("trouble", "Troubleshooting"),
                    ("product", "Product sheet"),
                ],
                verbose_name="kind",
            ),
            "review_on": models.DateField(null=True, blank=True, verbose_name="review"),
            "is_published": models.BooleanField(default=False),
            "made_at": models.DateTimeField(),
            "retired_at": models.DateTimeField(null=True, verbose_name="withdrawn"),
            "revision": models.PositiveIntegerField(default=0),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "owner": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="owner",
            ),
            "site": models.ForeignKey(
                "ccm.site",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="site",
            ),
            "roles": models.ManyToManyField("auth.group", blank=True, related_name="+"),
            "teams": models.ManyToManyField("ccm.team", blank=True, related_name="+"),
        },
        verbose_name="page of the library",
        verbose_name_plural="pages of the library",
        ordering=["pk"],
        constraints=[
            models.CheckConstraint(
                name="library_withdrawn_was_published",
                condition=Q(retired_at=None) | Q(is_published=True),
            ),
        ],
        indexes=[
            models.Index(name="library_by_site", fields=["site", "kind"]),
        ],
    ),
    table(
        "LibraryVersion",
        {
            "number": models.PositiveIntegerField(),
            "title": models.CharField(max_length=160, verbose_name="title"),
            "why": models.TextField(max_length=2000, blank=True, verbose_name="why"),
            "body": models.TextField(max_length=40000, blank=True, verbose_name="text"),
            "plain": models.TextField(blank=True),
            "note": models.CharField(max_length=300, blank=True, verbose_name="what changed"),
            "must_from": models.PositiveIntegerField(null=True),
            "is_current": models.BooleanField(default=False),
            "made_at": models.DateTimeField(),
            "published_at": models.DateTimeField(null=True, verbose_name="published"),
            "revision": models.PositiveIntegerField(default=0),
            "found_by": models.GeneratedField(
                db_persist=True,
                expression=CombinedSearchVector(
                    CombinedSearchVector(
                        SearchVector("title", config="english", weight="A"),
                        "||",
                        SearchVector("why", config="english", weight="B"),
                        SearchConfig("english"),
                    ),
                    "||",
                    SearchVector("plain", config="english", weight="C"),
                    SearchConfig("english"),
                ),
                output_field=SearchVectorField(),
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "page": models.ForeignKey(
                "coaching.librarypage", models.CASCADE, related_name="versions"
            ),
            "published_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="version of a page",
        verbose_name_plural="versions of pages",
        ordering=["page", "-number"],
        constraints=[
            models.UniqueConstraint(name="library_version_once", fields=("page", "number")),
            models.UniqueConstraint(
                name="library_one_draft", fields=("page",), condition=Q(published_at=None)
            ),
            models.UniqueConstraint(
                name="library_one_current", fields=("page",), condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="library_current_is_published",
                condition=Q(is_current=False) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="library_published_says_why",
                condition=Q(published_at=None) | (~Q(title="") & ~Q(why="") & ~Q(body="")),
            ),
            models.CheckConstraint(
                name="library_read_from_a_version",
                condition=Q(must_from=None) | Q(must_from__gte=1, must_from__lte=F("number")),
            ),
        ],
        indexes=[
            GinIndex(name="library_words", fields=["found_by"], condition=Q(is_current=True)),
            models.Index(
                name="library_must_be_read",
                fields=["page"],
                condition=Q(is_current=True, must_from__isnull=False),
            ),
        ],
    ),
    table(
        "PageReceipt",
        {
            "read_at": models.DateTimeField(),
            "user": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
            "version": models.ForeignKey(
                "coaching.libraryversion", models.CASCADE, related_name="receipts"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="library_read_once", fields=("version", "user")),
        ],
    ),
    table(
        "PageAnswer",
        {
            "helped": models.BooleanField(),
            "words": models.CharField(max_length=500, blank=True),
            "said_at": models.DateTimeField(),
            "user": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
            "version": models.ForeignKey(
                "coaching.libraryversion", models.CASCADE, related_name="answers"
            ),
        },
        ordering=["-said_at", "-pk"],
        constraints=[
            models.UniqueConstraint(name="library_answered_once", fields=("version", "user")),
        ],
    ),
]
