"""How the audit log tells of rosters."""

from collections.abc import Mapping, Sequence

from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Site


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Of which site and from when a roster is."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts = []
        if said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        day = parse_date(str(said.get("first_day", "")))
        if day is not None:
            parts.append(date_format(day, "j M Y"))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found
