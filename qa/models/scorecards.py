"""Scorecards, their versions, and the criteria that stay the same over them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Site, User
from ccm.models.words import LineField
from qa.models.querysets import ScorecardQuerySet, VersionQuerySet


class Scorecard(models.Model):
    """What calls are reviewed by, at one site or (`site` null) at all of them. One that reviews
    were made by is closed, never removed."""

    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="scorecards",
        verbose_name=_("site"),
    )  # fmt: skip
    name = LineField(_("name"), max_length=120)
    words = LineField(_("what it is for"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                nulls_distinct=False,
                name="scorecard_once_a_site",
                violation_error_message=_("There is another scorecard of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> str:
        """The clock that its times are told by: its site's, or, where it is of all sites, UTC."""
        return "UTC" if self.site is None else self.site.zone


class CardVersion(models.Model):
    """A version of a scorecard: `form` as `qa.cards.document` writes it.

    A draft is changed until it is published, and there is one at a time; `revision` grows with each
    change, so that of two who change it one is told. What is published never changes: reviews keep
    their version (the database refuses, migration 0001).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    card = models.ForeignKey(Scorecard, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    form = models.JSONField()
    note = LineField(_("what changed"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a scorecard")
        verbose_name_plural = _("versions of scorecards")
        ordering = ["card", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["card", "number"], name="card_version_number_once"),
            models.UniqueConstraint(
                fields=["card"], condition=Q(state="draft"), name="card_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | Q(state="published", published_at__isnull=False),
                name="card_version_published_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class CardCriterion(models.Model):
    """A criterion of a scorecard, the same over its versions: its `key` is its id in their forms.

    `name` and `section` are as the last published version words them; `kind` too.
    """

    card = models.ForeignKey(Scorecard, models.CASCADE, related_name="criteria")
    key = models.CharField(max_length=40)
    name = LineField(_("name"), max_length=160)
    section = LineField(_("section"), max_length=160, blank=True)
    kind = models.CharField(max_length=8)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["card", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["card", "key"], name="criterion_once_a_card")
        ]

    def __str__(self) -> str:
        return self.name
