"""Writes what a site calls too long on its floor."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Site, User
from ccm.templatetags.figures import DASH
from kpis.floor.models import FloorRules


def rules_of(site: Site) -> FloorRules:
    """The limits of a site; where it has said none the defaults, which are not kept."""
    known: FloorRules | None = getattr(site, "floor_rules", None)
    return known or FloorRules(site=site)


@transaction.atomic
def keep(rules: FloorRules, who: User, now: datetime) -> None:
    """Keep the limits of a site; the audit log has it."""
    there = FloorRules.objects.select_for_update().filter(site=rules.site_id).first()
    before = None if there is None else values(there)
    rules.pk = None if there is None else there.pk
    rules.save(force_insert=there is None, force_update=there is not None)
    after = values(rules)
    if before != after:
        audit.record(who, rules, before=before, after=after, now=now)


def values(rules: FloorRules) -> dict[str, Any]:
    """What the audit log keeps of them."""
    said = audit.values_of(rules, ("id", "pauses", "breaks"))
    pauses = "; ".join(f"{word} {minutes}" for word, minutes in sorted(rules.pauses.items()))
    return said | {"pauses": pauses, "breaks": ", ".join(rules.breaks)}


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Limits of the floor: Leeds", with the floor."""
    words = _("Limits of the floor: %(site)s")
    return {
        one.pk: Told(
            words % {"site": names.site_of(one)},
            reverse("floor"),
        )
        for one in entries
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """The two that are written as one line each."""
    labels = {"pauses": _("Minutes by reason of a pause"), "breaks": _("Words of a break")}
    return (labels[name], value or DASH) if name in labels else None
