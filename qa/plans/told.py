"""How the audit log tells of plans, draws, swaps, reviews that change hands, and rules."""

from collections.abc import Mapping, Sequence

from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, Site
from qa.models import DrawnCall, PlanDraw, QualityRules, SamplingPlan
from qa.transcribed.words import HIDDEN

MODELS: tuple[type[models.Model], ...] = (SamplingPlan, PlanDraw, DrawnCall, QualityRules)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by its name, its plan and first day, its call or its site."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        parts = [audit.model_words(entry.model)]
        url = ""
        if entry.model == SamplingPlan._meta.label_lower:
            parts.append(str(said.get("name", "")))
            url = reverse("sampling_plan", args=[entry.object_id])
        elif entry.model == PlanDraw._meta.label_lower:
            parts += [names.of(SamplingPlan, said["plan"]), _day(said.get("first_day"))]
            url = reverse("sampling_draw", args=[entry.object_id])
        elif entry.model == DrawnCall._meta.label_lower:
            parts.append(str(said.get("call", "")))
        elif said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        found[entry.pk] = Told(": ".join(filter(None, [parts[0], ", ".join(parts[1:])])), url)
    return found


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What a site has made unreadable in transcripts; none said: everything."""
    if name != "masked" or not isinstance(value, list):
        return None
    kinds = {kind.value: str(words) for kind, words in HIDDEN.items()}
    said = ", ".join(kinds.get(one, str(one)) for one in value)
    return _("Made unreadable in transcripts"), said or _("all")


def _day(said: object) -> str:
    day = parse_date(str(said or ""))
    return "" if day is None else date_format(day, "j M Y")
