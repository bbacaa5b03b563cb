"""The library: pages with their versions, who has read which, and whether it helped."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import Group
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.models import Site, Team, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer
from coaching.access import library_sites

# Words are found by their English stems; those of other languages as they are written.
CONFIG = "english"
# Takes words as they are: no stems, no stop words, no language.
AS_WRITTEN = "simple"
MOST_WHY, MOST_BODY = 2000, 40_000


class LibraryPageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Pages that are in use, of own sites and of all; whoever writes a page sees it always."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if not scope.roles:
            return self.none()
        read = (Q(site=None) | Q(site__in=scope.sites)) & Q(retired_at=None, is_published=True)
        return self.filter(read | Q(site__in=library_sites(scope)))

    def written_by(self, user: Viewer) -> Self:
        """Those that the user changes: of own sites; those of all sites are an admin's."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=library_sites(scope))


class LibraryPage(models.Model):
    """A page of the library of a site, or of all sites (`site` is null), whatever it says by now.

    What it says is its version's. `roles` are those who must read it where a version says so, of
    `teams` alone where some are named: that narrows agents and supervisors, and nobody else.
    `review_on` is the day by which somebody looks whether it is still right.
    """

    class Kind(models.TextChoices):
        SOP = "sop", _("Procedure")
        SCRIPT = "script", _("Script")
        TREE = "tree", _("Decision tree")
        TROUBLE = "trouble", _("Troubleshooting")
        PRODUCT = "product", _("Product sheet")

    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("site")
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    review_on = models.DateField(_("review"), null=True, blank=True)
    roles = models.ManyToManyField(Group, blank=True, related_name="+")
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    # Whether a version of it is published.
    is_published = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(_("withdrawn"), null=True)
    revision = models.PositiveIntegerField(default=0)

    objects = LibraryPageQuerySet.as_manager()

    class Meta:
        verbose_name = _("page of the library")
        verbose_name_plural = _("pages of the library")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(is_published=True),
                name="library_withdrawn_was_published",
            ),
        ]
        indexes = [models.Index(fields=["site", "kind"], name="library_by_site")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class LibraryVersionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Published versions of pages that the user sees; drafts of those that the user writes."""
        pages = LibraryPage.objects
        written = Q(page__in=pages.written_by(user).values("pk"))
        read = Q(page__in=pages.visible_to(user).values("pk"), published_at__isnull=False)
        return self.filter(read | written)

    def drafts(self) -> Self:
        return self.filter(published_at=None)

    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def current(self) -> Self:
        """The last published one of each page."""
        return self.filter(is_current=True)

    def light(self) -> Self:
        """Without what only the search reads."""
        return self.defer("plain", "found_by", "written_by")


class LibraryVersion(models.Model):
    """What a page says: a draft, of which each page has one at most, or published and frozen.

    `body` is Markdown and `plain` its words alone, which are searched. `must_from` is the number of
    the version that has to be read at least, by those whom the page is for: this one's own where it
    has to be read anew, an earlier one where whoever read that need not read it again; null where
    nobody has to.
    """

    page = models.ForeignKey(LibraryPage, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = LineField(_("title"), max_length=160)
    why = WordsField(_("why"), blank=True, max_length=MOST_WHY)
    body = WordsField(_("text"), blank=True, max_length=MOST_BODY)
    plain = WordsField(blank=True)
    note = LineField(_("what changed"), max_length=300, blank=True)
    must_from = models.PositiveIntegerField(null=True)
    is_current = models.BooleanField(default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True)
    revision = models.PositiveIntegerField(default=0)
    found_by = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=CONFIG)
        + SearchVector("why", weight="B", config=CONFIG)
        + SearchVector("plain", weight="C", config=CONFIG),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # Words as they are, for phrases.
    written_by = models.GeneratedField(
        expression=SearchVector("title", weight="A", config=AS_WRITTEN)
        + SearchVector("why", weight="B", config=AS_WRITTEN)
        + SearchVector("plain", weight="C", config=AS_WRITTEN),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = LibraryVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a page")
        verbose_name_plural = _("versions of pages")
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="library_version_once"),
            models.UniqueConstraint(
                fields=["page"], condition=Q(published_at=None), name="library_one_draft"
            ),
            models.UniqueConstraint(
                fields=["page"], condition=Q(is_current=True), name="library_one_current"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(published_at__isnull=False),
                name="library_current_is_published",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | (~Q(title="") & ~Q(why="") & ~Q(body="")),
                name="library_published_says_why",
            ),
            models.CheckConstraint(
                condition=Q(must_from=None) | Q(must_from__gte=1, must_from__lte=F("number")),
                name="library_read_from_a_version",
            ),
        ]
        indexes = [
            # Searches look in what is in use, not in what was.
            GinIndex(fields=["found_by"], condition=Q(is_current=True), name="library_words"),
            GinIndex(fields=["written_by"], condition=Q(is_current=True), name="library_phrases"),
            # What somebody has still to read, asked with each page that is opened.
            models.Index(
                fields=["page"],
                condition=Q(is_current=True, must_from__isnull=False),
                name="library_must_be_read",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.published_at is None


class PageReceipt(models.Model):
    """Somebody says that they have read a version, once."""

    version = models.ForeignKey(LibraryVersion, models.CASCADE, related_name="receipts")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="library_read_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version_id}"


class PageAnswer(models.Model):
    """Whether a version helped somebody: one answer of each, which may change."""

    version = models.ForeignKey(LibraryVersion, models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    helped = models.BooleanField()
    words = LineField(max_length=500, blank=True)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "user"], name="library_answered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.helped}"
