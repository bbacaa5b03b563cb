"""How the audit log tells of rosters."""

from collections.abc import Mapping, Sequence

from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Site
from scheduling.models import KeptRoster


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Of which site and from when a roster is. What changed of one says that seldom: then the
    roster itself does, and of one that is gone its number."""
    known = {
        str(pk): (site, day)
        for pk, site, day in KeptRoster.objects.filter(
            pk__in={one.object_id for one in entries if one.object_id.isdecimal()}
        ).values_list("pk", "site__name", "first_day")
    }
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        site, day = known.get(entry.object_id, (None, None))
        if said.get("site") is not None:
            site = names.of(Site, said["site"])
        day = parse_date(str(said.get("first_day") or "")) or day
        parts = [*([site] if site else []), *([date_format(day, "j M Y")] if day else [])]
        words = audit.model_words(entry.model)
        told = f"{words}: {', '.join(parts)}" if parts else f"{words} {entry.object_id}"
        found[entry.pk] = Told(told)
    return found
