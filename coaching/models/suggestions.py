"""The suggestions box."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.kept import Late
from ccm.models import Site, User
from ccm.models.words import LineField, WordsField
from ccm.querysets import Viewer

OUT_AFTER_DAYS = 2
"""A nameless suggestion is read once the day of UTC is so many days later than its own: its day is
over everywhere by then, so that nobody sees it come in while its writer sits there."""


class SuggestionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """All of sites that the user answers for, what is published at own sites, and what the user
        put their name to."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None or not scope.roles:
            return self.none()
        published = Q(site__in=scope.sites, is_published=True)
        return self.filter(Q(site__in=scope.managed_sites) | published | Q(by=user.pk))

    def managed_by(self, user: Viewer) -> Self:
        """Those that the user answers."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=scope.managed_sites)

    def out(self, now: datetime) -> Self:
        """Those that anybody reads by now: see `OUT_AFTER_DAYS`."""
        return self.out_until(last_day_out(now))

    def out_until(self, last: date | Late) -> Self:
        """The same by the last day whose nameless ones are read."""
        return self.filter(Q(is_anonymous=False) | Q(day__lte=last))


def last_day_out(now: datetime) -> date:
    """The last day whose nameless suggestions are read at `now`, which is in UTC."""
    return now.date() - timedelta(days=OUT_AFTER_DAYS)


class Suggestion(models.Model):
    """What somebody would have done better, what became of it, and what it was answered.

    `day` is the day at its site that it was written on: no moment is kept, of none. Of one without
    a name nothing tells who wrote it: there is no user, no entry in the audit log, its id is
    random, and rows of a day stand in no order but that of their ids (`coaching.suggestions.mixing`
    sees to the order that the database itself keeps).
    """

    class State(models.TextChoices):
        NEW = "new", _("New")
        SEEN = "seen", _("Looked at")
        PLANNED = "planned", _("Planned")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not to be done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    day = models.DateField(_("day"))
    title = LineField(_("in short"), max_length=160)
    words = WordsField(_("in words"), max_length=3000, blank=True)
    is_anonymous = models.BooleanField(_("without a name"))
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("from")
    )
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.NEW)
    answer = WordsField(_("answer"), max_length=3000, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    is_published = models.BooleanField(_("published"), default=False)
    revision = models.PositiveIntegerField(default=0)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["-day", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_anonymous=False) | Q(by=None), name="suggestion_without_name_of_none"
            ),
            models.CheckConstraint(
                condition=Q(is_published=False) | (~Q(answer="") & ~Q(state="new")),
                name="suggestion_published_is_answered",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="suggestion_answer_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "-day"], name="suggestion_by_site"),
            # Those that wait are counted in the sidebar of who answers them.
            models.Index(fields=["day"], condition=Q(state="new"), name="suggestion_waits"),
        ]

    def __str__(self) -> str:
        return self.title
