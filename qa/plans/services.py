"""Writes plans and a site's rules of review; each time the audit log has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import User
from qa.models import PlanReviewer, QualityRules, SamplingPlan

_UNSAID = ("id",)
# A plan's reviewers in the log: by their ids, how many calls each does at most.
PEOPLE, ANY_NUMBER = "people", "any"


class Stale(ValidationError):
    """A plan that somebody else changed since it was seen."""

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this plan since you opened the page: look again."))


def values(plan: SamplingPlan) -> dict[str, Any]:
    """What the audit log keeps of a plan, and what tells whether it was changed meanwhile."""
    said = audit.values_of(plan, _UNSAID)
    return said | {
        "strata": ", ".join(plan.strata),
        "bands": ", ".join(map(str, plan.bands)),
        "parts": ", ".join(f"{label} = {part}" for label, part in sorted(plan.parts.items())),
        "teams": sorted(one.pk for one in plan.teams.all()),
        "queues": sorted(one.pk for one in plan.queues.all()),
        PEOPLE: {
            str(one.user_id): ANY_NUMBER if one.capacity is None else str(one.capacity)
            for one in sorted(plan.reviewers.all(), key=lambda one: one.user_id)
        },
    }


def mark(plan: SamplingPlan) -> str:
    """A text that differs once anybody has changed the plan."""
    from qa.plans.drawing import digest

    return digest(f"{name} {said}" for name, said in values(plan).items())


@transaction.atomic
def keep(
    plan: SamplingPlan,
    related: Mapping[str, Any],
    reviewers: Mapping[int, int | None],
    who: User,
    now: datetime,
    seen: str = "",
) -> SamplingPlan:
    """Keep a plan, new or changed, with its teams and queues (`related`) and reviewers (capacity by
    user). Raises Stale where somebody changed it since it was `seen`, and ValidationError where
    there is another of its name or what is settled would change."""
    before = None
    if plan.pk:
        there = SamplingPlan.objects.select_for_update().get(pk=plan.pk)
        if seen != mark(there):
            raise Stale
        fixed = ("card_id", "cadence", "starts_on")
        if any(getattr(there, name) != getattr(plan, name) for name in fixed) and (
            there.draws.exists()
        ):
            raise ValidationError(
                _("Its scorecard and periods stay as they are: it has drawn already.")
            )
        before = values(there)
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError:
        raise ValidationError(_("There is another plan of this name already.")) from None
    for name in ("teams", "queues"):
        getattr(plan, name).set(related[name])
    plan.reviewers.all().delete()
    PlanReviewer.objects.bulk_create(
        [PlanReviewer(plan=plan, user_id=user, capacity=most) for user, most in reviewers.items()]
    )
    kept = SamplingPlan.objects.get(pk=plan.pk)
    after = values(kept)
    if before != after:
        audit.record(who, kept, before=before, after=after, now=now)
    return kept


@transaction.atomic
def end(plan: SamplingPlan, who: User, now: datetime) -> bool:
    """Have a plan draw nothing of periods that end after today; False: it had ended."""
    there = SamplingPlan.objects.select_for_update(of=("self",)).select_related("site")
    row = there.get(pk=plan.pk)
    if row.ended_on is not None:
        return False
    before = values(row)
    row.ended_on = day_of(now, row.site.calendar)
    row.save(update_fields=["ended_on"])
    audit.record(who, row, before=before, after=values(row), now=now)
    return True


@transaction.atomic
def go_on(plan: SamplingPlan, who: User, now: datetime) -> bool:
    """Have a plan that ended draw again; False: it had not."""
    row = SamplingPlan.objects.select_for_update().get(pk=plan.pk)
    if row.ended_on is None:
        return False
    before = values(row)
    row.ended_on = None
    row.save(update_fields=["ended_on"])
    audit.record(who, row, before=before, after=values(row), now=now)
    return True


def _rules(rules: QualityRules) -> dict[str, Any]:
    return audit.values_of(rules, _UNSAID) | {"masked": list(rules.masked)}


@transaction.atomic
def keep_rules(rules: QualityRules, who: User, now: datetime) -> QualityRules:
    """Keep a site's rules of review."""
    there = QualityRules.objects.select_for_update().filter(site=rules.site_id).first()
    before = None if there is None else _rules(there)
    if there is not None:
        rules.pk = there.pk
    # Of two who say rules first the second changes what the first said.
    QualityRules.objects.bulk_create([rules], update_conflicts=True, unique_fields=["site"],
        update_fields=["dispute_days", "answer_days", "escalate_days", "needs_consent",
                       "masked"])  # fmt: skip
    kept = QualityRules.objects.get(site=rules.site_id)
    after = _rules(kept)
    if before != after:
        audit.record(who, kept, before=before, after=after, now=now)
    return kept
