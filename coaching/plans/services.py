"""Writes plans. The audit log has that they were made, changed and ended; not what they say."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.models import Action, Plan, PlanStep

State, Kind = Plan.State, Plan.Kind
UNSAID = ("id", "goal", "words", "ended_words", "made_by", "made_at", "revision")
TWICE = timedelta(minutes=2)


class Runs(ValidationError):
    """A plan of the kind runs already: `plan`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            _("“%(goal)s” runs already, until %(day)s: one plan of a kind runs at a time.")
            % {"goal": plan.goal, "day": date_format(plan.until_on, "j M Y")}
        )


class Stale(ValidationError):
    """Somebody else has changed the plan meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan is to say."""

    kind: str
    toward: str
    goal: str
    words: str
    starts_on: date
    until_on: date


@transaction.atomic
def make(agent: Agent, aim: Aim, who: User, now: datetime) -> Plan:
    """A new plan of an agent. A post that comes twice makes one.

    Raises Runs where one of the kind runs already, and ValidationError as `_check`.
    """
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    _check(aim)
    running = Plan.objects.running().filter(agent=agent, kind=aim.kind).first()
    if running is not None:
        is_same = (running.goal, running.until_on) == (aim.goal, aim.until_on)
        if running.made_by_id == who.pk and now - running.made_at < TWICE and is_same:
            there: Plan = running
            return there
        raise Runs(running)
    made: Plan = Plan.objects.create(agent=agent, made_by=who, made_at=now, **_said(aim))
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def change(plan: Plan, aim: Aim, revision: int, who: User, now: datetime) -> Plan:
    """Have a running plan say something else; said twice it is said once. Raises Stale where
    somebody has changed it meanwhile, ValidationError where it is over, and as `_check`."""
    there = _locked(plan)
    if all(getattr(there, name) == value for name, value in _said(aim).items()):
        return there
    _is_running(there, revision)
    _check(aim)
    if aim.kind != there.kind:
        raise ValidationError(_("A plan stays of its kind."))
    before = values(there)
    for name, value in _said(aim).items():
        setattr(there, name, value)
    return _kept(there, before, who, now)


@transaction.atomic
def end(plan: Plan, state: str, words: str, revision: int, who: User, now: datetime) -> Plan:
    """Say that a plan is met, or ended without it, and how. Said twice it ends once.

    Raises ValidationError without words, and as `change`.
    """
    there = _locked(plan)
    if there.state == state != State.RUNNING:
        return there
    _is_running(there, revision)
    if state not in (State.MET, State.ENDED):
        raise ValidationError(_("A plan is met, or it ends without it."))
    if not words:
        raise ValidationError({"words": _("Say how it ended: the agent reads it.")})
    before = values(there)
    there.state, there.ended_at, there.ended_words = state, now, words
    return _kept(there, before, who, now)


@transaction.atomic
def step(plan: Plan, step: Step, who: User, now: datetime) -> Action:
    """Agree on a step of a running plan, as `following.agree`. Raises ValidationError where the
    plan is over, and for a step of somebody else."""
    there = _locked(plan)
    _is_running(there)
    if step.agent.pk != there.agent_id:
        raise ValidationError(_("A step of a plan is its agent's."))
    action = following.agree(step, None, who, now)
    PlanStep.objects.get_or_create(action=action, defaults={"plan": there})
    return action


def values(plan: Plan) -> dict[str, Any]:
    return audit.values_of(plan, UNSAID)


def _said(aim: Aim) -> dict[str, Any]:
    return {
        "kind": aim.kind, "toward": aim.toward, "goal": aim.goal, "words": aim.words,
        "starts_on": aim.starts_on, "until_on": aim.until_on,
    }  # fmt: skip


def _check(aim: Aim) -> None:
    if not aim.goal:
        raise ValidationError({"goal": _("Say what the goal is.")})
    if aim.until_on < aim.starts_on:
        raise ValidationError({"until_on": _("It ends before it begins.")})
    if aim.kind == Kind.DEVELOPMENT and not aim.toward:
        raise ValidationError({"toward": _("Say where development leads.")})
    if aim.kind != Kind.DEVELOPMENT and aim.toward:
        raise ValidationError({"toward": _("Only development leads somewhere else.")})


def _is_running(there: Plan, revision: int | None = None) -> None:
    if there.state != State.RUNNING:
        raise ValidationError(_("The plan is over: what it says stays."))
    if revision is not None and there.revision != revision:
        raise Stale


def _locked(plan: Plan) -> Plan:
    there: Plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    return there


def _kept(there: Plan, before: dict[str, Any], who: User, now: datetime) -> Plan:
    there.revision += 1
    there.save()
    if before != values(there):
        audit.record(who, there, before=before, after=values(there), now=now)
    return there
