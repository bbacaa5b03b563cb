"""What of the library anybody may read: the shelf of a site, and the pages on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Site, User
from coaching.models.library import LibraryPage


class PublicShelf(models.Model):
    """Whether the public pages of a site are there for anybody, without signing in; none: they are
    not. `is_indexed`: search engines may list them."""

    site = models.OneToOneField(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    is_on = models.BooleanField(_("open to anybody"), default=False)
    is_indexed = models.BooleanField(_("listed by search engines"), default=False)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("public pages of a site")
        verbose_name_plural = _("public pages of sites")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_on=True) | Q(is_indexed=False), name="shelf_listed_is_open"
            ),
        ]

    def __str__(self) -> str:
        return str(self.site)


class PublicPage(models.Model):
    """That a page of the library is for anybody: what of it is published last, while it is in use.
    `slug` is how its address names it."""

    page = models.OneToOneField(LibraryPage, models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=80)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("public page")
        verbose_name_plural = _("public pages")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.slug
