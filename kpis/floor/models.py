"""What a site calls too long on its floor."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Site
from ccm.models.words import LinesField, TreeField
from kpis.floor.limits import BREAKS, DEFAULTS, PAUSES, Limits


def default_breaks() -> list[str]:
    return list(BREAKS)


def default_pauses() -> dict[str, int]:
    return dict(PAUSES)


def _minutes(name: str, words: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(default=DEFAULTS[name], verbose_name=words)


class FloorRules(models.Model):
    """How long what may take at a site, in minutes; 0: as long as it takes.

    `breaks` are words that tell a break among reasons of pauses; `pauses` are the minutes of pauses
    whose reason holds a word, before `pause_minutes`, which is that of all others. A site without a
    row has the defaults (`kpis.floor.limits`).
    """

    site = models.OneToOneField(Site, models.CASCADE, related_name="floor_rules")
    pause_minutes = _minutes("pause", _("In a pause"))
    pauses = TreeField(default=default_pauses, blank=True)
    wrapup_minutes = _minutes("wrapup", _("In wrap-up"))
    call_minutes = _minutes("call", _("On one call"))
    work_minutes = _minutes("work", _("At work without a break"))
    breaks = LinesField(models.CharField(max_length=40), default=default_breaks, blank=True)
    callback_minutes = models.PositiveSmallIntegerField(
        default=DEFAULTS["callback"], verbose_name=_("To call back")
    )

    class Meta:
        verbose_name = _("limits of the floor")
        constraints = [
            # Without a promised time there is no other.
            models.CheckConstraint(
                condition=Q(callback_minutes__gt=0), name="floor_callbacks_are_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name}: {self.site}"

    @property
    def limits(self) -> Limits:
        return Limits(
            pause=self.pause_minutes,
            wrapup=self.wrapup_minutes,
            call=self.call_minutes,
            work=self.work_minutes,
            callback=self.callback_minutes,
            pauses=self.pauses,
            breaks=tuple(self.breaks),
        )
