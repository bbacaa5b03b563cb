"""When callers may be contacted, who is not to be, and who must have agreed to be recorded."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models.people import Site, User
from ccm.models.words import LineField
from ccm.querysets import ContactQuerySet, RegionQuerySet


class ContactHours(models.Model):
    """The hours of a site's clock in which it may call back, and hand on surveys.

    `hours` are as `Site.opening` keeps its own: a day without a spell has none. `on_holidays`: the
    same hours hold on the country's public holidays, and on days that the site's own calendar tells
    as such or as closed; else there are none. A site without a row may at any time.
    """

    site = models.OneToOneField(
        Site, models.CASCADE, related_name="contact_hours", verbose_name=_("Site")
    )
    hours = models.JSONField(default=dict, blank=True)
    on_holidays = models.BooleanField(_("also on holidays"), default=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact hours")
        verbose_name_plural = _("contact hours")
        ordering = ["site__name"]

    def __str__(self) -> str:
        return str(self.site)


class DoNotCall(models.Model):
    """That a caller is not to be called back or asked, by the hash that tells the number again
    (`ccm.callers`). A site keeps the entry; no site of the house calls who stands on any.

    `last_on` is the last day on which it holds; null: for good.
    """

    class Reason(models.TextChoices):
        ASKED = "asked", _("asked for it")
        REGISTER = "register", _("stands in a public register")
        DISPUTE = "dispute", _("a dispute or a complaint")
        WRONG = "wrong", _("a wrong number")

    site = models.ForeignKey(
        Site, models.CASCADE, related_name="not_called", verbose_name=_("Site")
    )
    caller_hash = models.CharField(max_length=32, db_index=True)
    caller_masked = models.CharField(max_length=8)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason, default=Reason.ASKED)
    last_on = models.DateField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("number not to be called")
        verbose_name_plural = _("numbers not to be called")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(caller_hash=""), name="not_called_is_somebody"),
            models.UniqueConstraint(fields=["site", "caller_hash"], name="not_called_once"),
        ]

    def __str__(self) -> str:
        return self.caller_masked


class RecordingRegion(models.Model):
    """A country, or a part of one (`region` as `Site.region`; empty: all of it), in which a caller
    must have agreed to be recorded (`must_agree`) before anybody hears or reads the call; or, in a
    part of a country that asks for it, need not have. `why` names the law or the house's rule."""

    country = models.CharField(_("country"), max_length=2)
    region = models.CharField(_("region"), max_length=8, blank=True)
    must_agree = models.BooleanField(_("callers must have agreed"), default=True)
    why = LineField(_("why"), max_length=200, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording rule of a region")
        verbose_name_plural = _("recording rules of regions")
        ordering = ["country", "region"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "region"],
                name="recording_region_once",
                violation_error_message=_("There is a rule of this region already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.region}".strip()
