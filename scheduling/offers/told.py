"""How the audit log tells of offers of overtime and time off."""

from collections.abc import Mapping, Sequence

from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Site
from scheduling.models import ShiftOffer, ShiftOfferAnswer

MODELS = (ShiftOffer, ShiftOfferAnswer)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose it is, or of which site, and of which day."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts = [
            names.of(model, said[field])
            for field, model in (("agent", Agent), ("site", Site))
            if said.get(field) is not None
        ]
        day = parse_date(str(said.get("day") or ""))
        if day is not None:
            parts.append(date_format(day, "j M Y"))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found
