"""How far the preparation of a session goes: of which days, when, and what it could not tell."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import User
from ccm.models.words import LineField
from coaching.models.sessions import Session


class Preparation(models.Model):
    """What the agenda of a session was last filled with; what was found are its points.

    Figures are of the days from `first` to `last`, held against those from `before_first` to
    `before_last`; no days: nothing is counted of the agent's site. `why` is a word of
    `coaching.preparing.spans` for how the days were chosen. `untold` is what could not be told and
    `changed` what another preparation changed, both as `coaching.preparing.words` reads them.
    """

    session = models.OneToOneField(Session, models.CASCADE, related_name="preparation")
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    before_first = models.DateField(null=True)
    before_last = models.DateField(null=True)
    why = LineField(max_length=8, blank=True)
    untold = models.JSONField(default=list, blank=True)
    changed = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("preparation of a session")
        verbose_name_plural = _("preparations of sessions")
        constraints = [
            models.CheckConstraint(
                condition=Q(first=None, last=None, before_first=None, before_last=None)
                | Q(
                    first__isnull=False,
                    last__isnull=False,
                    last__gte=F("first"),
                    before_first__isnull=False,
                    before_last__isnull=False,
                    before_last__gte=F("before_first"),
                    first__gt=F("before_last"),
                ),
                name="preparation_of_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}"
