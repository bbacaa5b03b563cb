"""What callers said: the tags of comments, and what became of a complaint that returns."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue, Site, SurveyResponse, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from qa.access import sites_reviewed, sites_told
from qa.models import Finding

MOST_WORDS = 200


class VoiceTagQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Tags of sites of which the user reads comments."""
        return self.filter(site__in=sites_told(user).order_by().values("pk"))

    def kept_by(self, user: Viewer) -> Self:
        """Those that the user makes and changes: who sees all comments of a site does."""
        return self.filter(site__in=sites_reviewed(user).order_by().values("pk"))

    def standing(self) -> Self:
        return self.filter(retired_at=None)


class VoiceTag(models.Model):
    """What several comments of a site are about. A comment has it that is found by its `words`
    (as a search takes them), or that somebody gave it; not one from which somebody took it."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    name = LineField(_("name"), max_length=60)
    words = LineField(_("words"), max_length=MOST_WORDS, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(_("retired"), null=True)
    revision = models.PositiveIntegerField(default=0)

    objects = VoiceTagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag of comments")
        verbose_name_plural = _("tags of comments")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="voice_tag_has_a_name"),
            models.UniqueConstraint(
                "site",
                Lower("name"),
                condition=Q(retired_at=None),
                name="voice_tag_once_a_site",
                violation_error_message=_("There is another tag of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VoiceMark(models.Model):
    """That somebody gave a comment a tag, or took it from it, whatever the tag's words find.

    Answers go with their calls' months: the mark stays and says nothing then.
    """

    tag = models.ForeignKey(VoiceTag, models.CASCADE, related_name="marks")
    survey = models.ForeignKey(
        SurveyResponse, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    is_on = models.BooleanField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tag", "survey"], name="voice_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}: {self.survey_id}"


class ComplaintQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        return self.filter(finding__in=Finding.objects.visible_to(user).order_by().values("pk"))


class Complaint(models.Model):
    """That a finding stands for a complaint that returned: the comments of a `tag`, of a `queue`
    or of all, on site days from `first` to `last`, of which `comments` of `many` had it.

    Whose it is and how far it is, its finding says.
    """

    finding = models.OneToOneField(Finding, models.CASCADE, related_name="+")
    tag = models.ForeignKey(VoiceTag, models.PROTECT, related_name="complaints")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    first = models.DateField()
    last = models.DateField()
    comments = models.PositiveIntegerField()
    many = models.PositiveIntegerField()

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="complaint_days"),
            models.CheckConstraint(
                condition=Q(comments__gt=0, comments__lte=F("many")), name="complaint_of_some"
            ),
        ]

    def __str__(self) -> str:
        return str(self.finding)
