"""Certificates: kinds of them, and who has which until when."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ccm.access import scope_of
from ccm.kept import Late
from ccm.models import Agent, Site, User
from ccm.models.words import LineField
from ccm.querysets import Viewer
from coaching.access import course_sites


class CertificateKindQuerySet(models.QuerySet[Any]):
    def kept_by(self, user: Viewer) -> Self:
        """Kinds that the user makes and changes: of own sites."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(site__in=course_sites(scope))


class CertificateKind(models.Model):
    """What passing a course may give at a site, such as data protection.

    It is valid for so many months, or for good; whoever leads is told `warn_days` before the end.
    """

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    name = LineField(_("name"), max_length=120)
    valid_months = models.PositiveSmallIntegerField(_("valid for, months"), null=True, blank=True)
    warn_days = models.PositiveSmallIntegerField(_("told of ahead, days"), default=30)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = CertificateKindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of certificate")
        verbose_name_plural = _("kinds of certificates")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="certificate_kind_once"),
            models.CheckConstraint(
                condition=~Q(name="") & (Q(valid_months=None) | Q(valid_months__gte=1)),
                name="certificate_kind_is_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CertificateQuerySet(models.QuerySet[Any]):
    def current(self) -> Self:
        """Of each person and kind the one that counts: not withdrawn, and not renewed since."""
        return self.filter(is_current=True)

    def warned_of(self, today: date | Late) -> Self:
        """Those whose end is near, or over, of who is there still."""
        return self.current().of_who_is_there(today).filter(warn_from__lte=today)

    def of_who_is_there(self, today: date | Late) -> Self:
        """But those of agents who have left, and of who signs in no more."""
        gone = Agent.objects.filter(user=OuterRef("user"), left_on__lte=today)
        return self.filter(~Exists(gone), user__is_active=True)


class Certificate(models.Model):
    """Somebody passed what gives it. It holds to the end of the day before `expires_on`; null: for
    good. From `warn_from` on its end is told of. Renewed, it is no longer the current one."""

    kind = models.ForeignKey(CertificateKind, models.PROTECT, related_name="certificates")
    user = models.ForeignKey(
        User, models.PROTECT, related_name="certificates", verbose_name=_("who")
    )
    course = models.ForeignKey("coaching.Course", models.PROTECT, related_name="+")
    # The version that was passed; its number alone, so that neither knows the other's table.
    version = models.PositiveIntegerField(_("version"))
    given_on = models.DateField(_("given"))
    given_at = models.DateTimeField()
    expires_on = models.DateField(_("valid until"), null=True)
    warn_from = models.DateField(null=True)
    is_current = models.BooleanField(default=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    why_withdrawn = LineField(_("why it is withdrawn"), max_length=300, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-given_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "user"],
                condition=Q(is_current=True),
                name="certificate_one_current",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, why_withdrawn="")
                | (Q(withdrawn_at__isnull=False, is_current=False) & ~Q(why_withdrawn="")),
                name="certificate_withdrawn_says_why",
            ),
            models.CheckConstraint(
                condition=Q(expires_on=None, warn_from=None)
                | Q(expires_on__gt=F("given_on"), warn_from__lte=F("expires_on")),
                name="certificate_ends_after_it_begins",
            ),
        ]
        # Counted beside its entry with each page that is opened.
        indexes = [
            models.Index(
                fields=["warn_from"], condition=Q(is_current=True), name="certificate_warned_of"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} {self.user_id}"

    def is_over(self, today: date) -> bool:
        end: date | None = self.expires_on
        return end is not None and end <= today
