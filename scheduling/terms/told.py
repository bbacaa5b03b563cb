"""What the audit log keeps of the terms of work, and how it tells them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry, Queue, Site
from ccm.templatetags.figures import DASH
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RosterSession,
    Rotation,
    ShiftTemplate,
    SiteRules,
)
from scheduling.terms import limits, words

Kept: TypeAlias = (
    Contract | ShiftTemplate | Rotation | Availability | Pairing | SiteRules | RosterSession
)
Spell: TypeAlias = AgentContract | AgentRotation | AgentSkill
MODELS = (
    Contract, ShiftTemplate, Rotation, Availability, Pairing, SiteRules, RosterSession,
    AgentContract, AgentRotation, AgentSkill,
)  # fmt: skip

_UNSAID = ("id", "said_by", "said_at")
_AS_THEY_ARE = ("lengths", "spells", "weekdays", "pauses")


def values(row: Kept | Spell) -> dict[str, Any]:
    """What the audit log keeps of a row: what a person can say of it."""
    found = audit.values_of(row, _UNSAID)
    found |= {name: getattr(row, name) for name in _AS_THEY_ARE if name in found}
    if isinstance(row, SiteRules):
        found["weights"] = dict(sorted(row.weights.items()))
    if isinstance(row, Rotation):
        found["days"] = pattern_words(row)
    if isinstance(row, RosterSession):
        found["people"] = sorted(row.people.values_list("pk", flat=True))
    return found


def pattern_words(rotation: Rotation) -> str:
    """What a rotation says of its days, in one line."""
    told: dict[tuple[int, int], list[str]] = {}
    for one in rotation.days.select_related("template").order_by("week", "weekday", "pk"):
        name = one.template.name if one.template else _("off")
        told.setdefault((one.week, one.weekday), []).append(name)
    return "; ".join(
        f"{week} {words.weekdays([weekday])}: {' / '.join(names)}"
        for (week, weekday), names in told.items()
    )


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """What entries of the terms of work are about: by name, or whose they are."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts: list[str] = [str(said["name"])] if said.get("name") else []
        for field, kind in (
            ("agent", Agent), ("one", Agent), ("other", Agent), ("contract", Contract),
            ("rotation", Rotation), ("queue", Queue),
        ):  # fmt: skip
            if said.get(field) is not None:
                parts.append(names.of(kind, said[field]))
        if entry.model == "scheduling.siterules" and said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {', '.join(parts)}")
    return found


_CLOCKS = ("first_start", "last_start", "from_minute", "to_minute", "night_from", "night_to",
           "late_from")  # fmt: skip


def write(said: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A value as people write it; None: as of any row."""
    if value in (None, "", []):
        return (_label(name), DASH) if name in limits.rules() else None
    written = None
    if name in _CLOCKS:
        written = words.clock(value)
    elif name == "weekdays":
        written = words.weekdays(value)
    elif name == "weekday":
        written = words.weekdays([value])
    elif name == "lengths":
        written = ", ".join(map(words.hours, value))
    elif name == "spells":
        written = words.spells(value)
    elif name == "pauses":
        written = words.pauses(value)
    elif limits.is_minutes(name):
        # A soft rule's weight has the name of its rule.
        written = str(value) if name in said.get("weights", {}) else words.hours(value)
    elif name in limits.rules():
        written = str(value)
    return None if written is None else (_label(name), written)


def _label(name: str) -> str:
    if name in limits.rules():
        return words.rule(name)
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if field.name == name:
                label = str(field.verbose_name)
                return label[:1].upper() + label[1:]
    return name
