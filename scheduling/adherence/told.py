"""How the audit log tells of adherence: of whom, of which site, and when."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Model
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Site
from scheduling.models import AdherenceException, AdherenceRules, PauseReason

MODELS: tuple[type[Model], ...] = (AdherenceException, AdherenceRules, PauseReason)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts = []
        if said.get("agent") is not None:
            parts.append(names.of(Agent, said["agent"]))
        if said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        if said.get("reason") and "activity" in said:
            parts.append(str(said["reason"]))
        begun = parse_datetime(str(said.get("starts_at") or ""))
        day = begun.date() if begun else _day(str(said.get("starts_on") or ""))
        if day is not None:
            parts.append(date_format(day, "j M Y"))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found


def _day(word: str) -> date | None:
    return parse_date(word) if word else None
