"""The tables of `coaching.models.public`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "PublicShelf",
        {
            "is_on": models.BooleanField(default=False, verbose_name="open to anybody"),
            "is_indexed": models.BooleanField(
                default=False, verbose_name="listed by search engines"
            ),
            "changed_at": models.DateTimeField(),
            "changed_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.OneToOneField(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="public pages of a site",
        verbose_name_plural="public pages of sites",
        ordering=["pk"],
        constraints=[
            models.CheckConstraint(
                name="shelf_listed_is_open", condition=Q(is_on=True) | Q(is_indexed=False)
            ),
        ],
    ),
    table(
        "PublicPage",
        {
            "slug": models.SlugField(max_length=80),
            "at": models.DateTimeField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "page": models.OneToOneField("coaching.librarypage", models.CASCADE, related_name="+"),
        },
        verbose_name="public page",
        verbose_name_plural="public pages",
        ordering=["pk"],
    ),
]
