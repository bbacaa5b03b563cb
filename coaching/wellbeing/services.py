"""Keeps a site's limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from coaching.models import WellbeingLimits

SAID = (
    "occupancy_percent", "overtime_minutes", "missed_percent", "pause_minutes", "counts_wishes",
)  # fmt: skip


@transaction.atomic
def keep_limits(
    site: Site, said: Mapping[str, Any], revision: int, who: User, now: datetime
) -> WellbeingLimits:
    """Have these limits hold at a site from now on, of past weeks too. Said twice they are changed
    once. Raises ValidationError where somebody changed them meanwhile."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    there: WellbeingLimits | None = WellbeingLimits.objects.filter(site=site).first()
    row = there or WellbeingLimits(site=site)
    if all(getattr(row, name) == said[name] for name in SAID):
        return row
    if row.revision != revision:
        raise ValidationError(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )
    before = None if there is None else values(there)
    for name in SAID:
        setattr(row, name, said[name])
    row.revision += 1
    row.save()
    audit.record(who, row, before=before, after=values(row), now=now)
    return row


def values(row: WellbeingLimits) -> dict[str, Any]:
    return audit.values_of(row, ("id", "revision"))
