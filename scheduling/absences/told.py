"""How the audit log tells of time off."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Site
from scheduling.absences import words
from scheduling.models import (
    DayAllowance,
    LeaveKind,
    LeaveOpening,
    LeaveRequest,
    LeaveRules,
)
from scheduling.terms.words import clock

MODELS: tuple[type[models.Model], ...] = (
    LeaveKind, LeaveRules, LeaveOpening, DayAllowance, LeaveRequest,
)  # fmt: skip
_MINUTES = ("year_minutes", "carries", "overdraws", "minutes", "carried", "full_week_minutes")
_CLOCKS = ("from_minute", "to_minute")


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Of whom, of which site and of which day an entry is."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts: list[str] = [str(said["name"])] if said.get("name") else []
        for field, kind in (("agent", Agent), ("kind", LeaveKind)):
            if said.get(field) is not None:
                parts.append(names.of(kind, said[field]))
        of_site = entry.model in ("scheduling.leaverules", "scheduling.dayallowance")
        if of_site and said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        days = [parse_date(str(said.get(name, ""))) for name in ("first_on", "last_on", "day")]
        first, last, day = days
        if first and last:
            parts.append(words.days(first, last))
        elif day:
            parts.append(words.day(day))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found


def write(said: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A value as people write it; None: as of any row."""
    if value is None:
        return None
    if name in _MINUTES:
        return _label(name), words.hours(value)
    if name in _CLOCKS:
        return _label(name), clock(value)
    return None


def _label(name: str) -> str:
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if field.name == name:
                label = str(field.verbose_name)
                return label[:1].upper() + label[1:]
    return name
