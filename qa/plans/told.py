"""How the audit log tells of plans, draws, swaps, reviews that change hands, and rules."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Member, Names, Told, Values
from ccm.models import AuditEntry, Site, User
from qa.models import DrawnCall, PlanDraw, QualityRules, SamplingPlan
from qa.plans.services import ANY_NUMBER, PEOPLE
from qa.reviews import told as of_reviews
from qa.transcribed.words import HIDDEN

MODELS: tuple[type[models.Model], ...] = (SamplingPlan, PlanDraw, DrawnCall, QualityRules)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by its name, its plan and first day, its call or its site."""
    found = {}
    drawn = [_said(one) for one in entries if one.model == DrawnCall._meta.label_lower]
    calls = of_reviews.calls_words(said.get("call") for said in drawn) if drawn else {}
    plans = [one for one in entries if one.model == SamplingPlan._meta.label_lower]
    reviewer = _reviewers(said or {} for one in plans for said in (one.before, one.after))
    for entry in entries:
        said = _said(entry)
        members: dict[str, Member] = {}
        parts = [audit.model_words(entry.model)]
        url = ""
        if entry.model == SamplingPlan._meta.label_lower:
            parts.append(str(said.get("name", "")))
            url = reverse("sampling_plan", args=[entry.object_id])
            members[PEOPLE] = reviewer
        elif entry.model == PlanDraw._meta.label_lower:
            if said.get("plan") is not None:
                parts += [names.of(SamplingPlan, said["plan"]), _day(said.get("first_day"))]
            url = reverse("sampling_draw", args=[entry.object_id])
        elif entry.model == DrawnCall._meta.label_lower:
            call = str(said.get("call", ""))
            parts.append(calls.get(call, call))
        elif said.get("site") is not None:
            parts.append(names.of(Site, said["site"]))
        words = ": ".join(filter(None, [parts[0], ", ".join(parts[1:])]))
        found[entry.pk] = Told(words, url, members)
    return found


def _said(entry: AuditEntry) -> Values:
    return entry.after or entry.before or {}


def _reviewers(plans: Iterable[Values]) -> Member:
    """How a plan's reviewers are told: by their names, with how many calls they do at most."""
    ids = {one for said in plans for one in said.get(PEOPLE) or {} if str(one).isdecimal()}
    known = User.objects.in_bulk([int(one) for one in ids]) if ids else {}

    def told(key: str, most: str) -> tuple[str, str]:
        who = known.get(int(key)) if key.isdecimal() else None
        name = str(who) if who is not None else f"{audit.model_words('ccm.user')} {key}"
        if most == ANY_NUMBER:
            words = _("any number of calls")
        else:
            words = _("at most %(n)s calls") % {"n": most} if most else ""
        return _("Reviewer %(name)s") % {"name": name}, words

    return told


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
