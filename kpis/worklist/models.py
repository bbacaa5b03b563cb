"""Who calls somebody back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models import Call, Site, User


class CallBackOwner(models.Model):
    """Somebody took it upon them to call the caller of a call back, or was asked to.

    One at a time a call. The call may be dropped with its month, so the reference has no database
    constraint.
    """

    call = models.OneToOneField(
        Call, models.DO_NOTHING, related_name="call_back_owner", db_constraint=False
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="call_backs", verbose_name=_("Owner")
    )
    at = models.DateTimeField()
    made_at = models.DateTimeField(_("Called back"), null=True, blank=True)
    """When somebody said that the caller was called back: a switch may not tell of calls out."""

    class Meta:
        ordering = ["at"]
        verbose_name = _("call back")

    def __str__(self) -> str:
        return f"{self.owner}: {self.call_id}"
