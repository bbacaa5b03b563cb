"""Writes trials; each change is in the audit log."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import audit
from ccm.intervals import day_of, site_day
from ccm.models import Agent, Site, Team, User
from coaching.access import agents_coached
from coaching.effect import measures
from coaching.models import Trial, TrialAgent, TrialChange
from coaching.progress import FEWEST_COACHED
from coaching.trials import reads

TWICE = timedelta(minutes=2)
"""The same from the same person within so long is one post that came twice."""
SHORTEST, LONGEST = 14, 91
"""Days of a trial."""
SAID = ("title", "words", "kpi", "hoped", "team", "starts_on", "ends_on")
"""What is registered, beside who takes part."""
UNSAID = ("id", "words", "made_by", "made_at", "stopped_by", "decided_words", "decided_by",
          "told", "revision")  # fmt: skip
"""What the audit log keeps nothing of."""


class Stale(ValidationError):
    """Somebody else has changed the trial meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be registered. Who is in the `team` today takes part, and so do the `agents`."""

    title: str
    words: str
    kpi: str
    hoped: str
    team: Team | None
    starts_on: date
    ends_on: date
    agents: Sequence[Agent] = ()


@transaction.atomic
def register(site: Site, plan: Plan, who: User, now: datetime) -> Trial:
    """Register a trial that begins on a later day. A post that comes twice makes one.

    Raises ValidationError for days that cannot be, fewer than five agents, some whom `who` does not
    coach, and some who are in another trial on any of these days.
    """
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    same: Trial | None = Trial.objects.filter(
        site=site, made_by=who, made_at__gt=now - TWICE, title=plan.title,
        starts_on=plan.starts_on, kpi=plan.kpi,
    ).first()  # fmt: skip
    if same is not None:
        return same
    agents = _checked(site, plan, who, now)
    trial = Trial(site=site, made_by=who, made_at=now)
    _say(trial, plan)
    trial.save()
    TrialAgent.objects.bulk_create(TrialAgent(trial=trial, agent_id=pk) for pk in sorted(agents))
    audit.record(who, trial, before=None, after=values(trial), now=now)
    return trial


@transaction.atomic
def change(trial: Trial, plan: Plan, revision: int, who: User, now: datetime) -> Trial:
    """Have a trial that has not begun say something else; what it said before is kept.

    Raises Stale where it is not of that revision any more, ValidationError as `register`, and where
    it has begun or was stopped.
    """
    Site.objects.select_for_update(no_key=True).get(pk=trial.site_id)
    there = _locked(trial)
    if there.is_locked(now):
        raise ValidationError(_("It has begun: what was registered stays as it is."))
    _refuse_stopped(there)
    if there.revision != revision:
        raise Stale
    agents = _checked(there.site, plan, who, now, there)
    before, said = values(there), said_by(there)
    taking = {*there.agents.values_list("agent", flat=True)}
    _say(there, plan)
    if said_by(there) == said and taking == agents:
        return there
    TrialChange.objects.create(trial=there, by=who, at=now, said=said | {"agents": sorted(taking)})
    there.revision += 1
    there.save()
    there.agents.filter(agent__in=taking - agents).delete()
    TrialAgent.objects.bulk_create(
        TrialAgent(trial=there, agent_id=pk) for pk in sorted(agents - taking)
    )
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


@transaction.atomic
def stop(trial: Trial, why: str, who: User, now: datetime) -> Trial:
    """Stop a trial before it is over: nothing is told of it then. Stopped twice it is stopped once.

    Raises ValidationError without a why, and where it is over.
    """
    there = _locked(trial)
    if there.stopped_at is not None:
        return there
    if not why:
        raise ValidationError({"why": _("Say why it is stopped.")})
    if reads.is_over(there, now):
        raise ValidationError(_("It is over: decide what becomes of the idea."))
    before = values(there)
    there.stopped_at, there.stopped_by, there.why_stopped = now, who, why
    there.revision += 1
    there.save()
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


@transaction.atomic
def decide(
    trial: Trial, decision: str, words: str, told: dict[str, Any], who: User, now: datetime
) -> Trial:
    """Decide what becomes of the idea of a trial that is over; `told` is what was told of it. The
    same decision said twice is made once.

    Raises ValidationError without words, before it is over and told, and where it was stopped or
    decided on otherwise.
    """
    there = _locked(trial)
    _refuse_stopped(there)
    if there.decision:
        if (there.decision, there.decided_words) == (decision, words):
            return there
        raise ValidationError(_("It is decided already."))
    if not reads.is_over(there, now):
        raise ValidationError(_("It is not over yet."))
    if not reads.is_told(there, now):
        said = _("Its last calls have their figures on %(day)s: nothing is told of it before.")
        day = date_format(reads.told_on(there), "j M Y")
        raise ValidationError(said % {"day": day})
    if decision not in Trial.Decision.values or not words:
        raise ValidationError({"words": _("Say why.")})
    before = values(there)
    there.decision, there.decided_words, there.told = decision, words, told
    there.decided_by, there.decided_at = who, now
    there.revision += 1
    there.save()
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


def values(trial: Trial) -> dict[str, Any]:
    return audit.values_of(trial, UNSAID)


def said_by(trial: Trial) -> dict[str, Any]:
    """What is registered of a trial, as JSON has it."""
    said = {name: getattr(trial, name) for name in SAID if name != "team"}
    days = {name: said[name].isoformat() for name in ("starts_on", "ends_on")}
    return said | days | {"team": trial.team_id}


def _say(trial: Trial, plan: Plan) -> None:
    for name in SAID:
        setattr(trial, name, getattr(plan, name))
    trial.begins_at = site_day(plan.starts_on, trial.site.calendar).start


def _locked(trial: Trial) -> Trial:
    rows = Trial.objects.select_for_update(of=("self",)).select_related("site")
    there: Trial = rows.get(pk=trial.pk)
    return there


def _refuse_stopped(trial: Trial) -> None:
    if trial.stopped_at is not None:
        raise ValidationError(_("It was stopped."))


def _checked(
    site: Site, plan: Plan, who: User, now: datetime, there: Trial | None = None
) -> set[int]:
    """Who takes part. Raises ValidationError."""
    today = day_of(now, site.calendar)
    if plan.starts_on <= today:
        raise ValidationError({"starts_on": _("It begins on a later day than today.")})
    if not SHORTEST <= (plan.ends_on - plan.starts_on).days + 1 <= LONGEST:
        said = _("It takes from %(least)d to %(most)d days.")
        raise ValidationError({"ends_on": said % {"least": SHORTEST, "most": LONGEST}})
    if plan.kpi not in measures.known():
        raise ValidationError({"kpi": _("No effect is told on this KPI.")})
    agents = {one.pk for one in plan.agents}
    if plan.team is not None:
        agents |= reads.members(plan.team, today)
    new = agents if there is None else agents - {*there.agents.values_list("agent", flat=True)}
    coached = agents_coached(who).filter(site=site, left_on=None)
    out_of_reach = len(new) - coached.filter(pk__in=new).count()
    if out_of_reach:
        words = ngettext(
            "%(n)d of them is none whom you coach.",
            "%(n)d of them are none whom you coach.",
            out_of_reach,
        )
        raise ValidationError({"agents": words % {"n": out_of_reach}})
    if len(agents) < FEWEST_COACHED:
        said = _("Of fewer than %(least)d agents nothing is told: choose more.")
        raise ValidationError({"agents": said % {"least": FEWEST_COACHED}})
    _refuse_taken(site, plan, agents, there)
    return agents


def _refuse_taken(site: Site, plan: Plan, agents: Collection[int], there: Trial | None) -> None:
    """Two ideas at once cannot be told apart."""
    others = reads.at_the_same_time(site, plan.starts_on, plan.ends_on, there)
    taken = TrialAgent.objects.filter(trial__in=others.values("pk"), agent__in=agents)
    names = sorted({*taken.values_list("agent__name", flat=True)})
    if names:
        said = _("In another trial on these days: %(names)s.")
        raise ValidationError({"agents": said % {"names": ", ".join(names)}})
