"""Reads of what was done about days as they went."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models

from ccm.access import scope_of
from ccm.models import Site
from ccm.querysets import Viewer


class IntradayActionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Of sites whose figures the user sees; whose shift it was is another question
        (`ShiftChange`)."""
        scope = scope_of(user)
        return self if scope.everything else self.filter(edit__roster__site__in=scope.figure_sites)

    def on(self, site: Site, day: date) -> Self:
        return self.filter(edit__roster__site=site, day=day)
