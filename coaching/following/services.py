"""Writes actions; each change is in the audit log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Agent, User
from coaching.models import Action, Session
from qa.models import CardCriterion

State = Action.State
UNSAID = ("id", "words", "ended_words", "made_by", "made_at", "revision")
"""What the audit log keeps nothing of."""
TWICE = timedelta(minutes=2)
MOST_OPEN = 10
"""Small steps are few."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step to be agreed on, measured by a KPI, a criterion, or nothing."""

    agent: Agent
    words: str
    due_on: date
    kpi: str = ""
    criterion: CardCriterion | None = None


@transaction.atomic
def agree(step: Step, session: Session | None, who: User, now: datetime) -> Action:
    """Agree on a step. A post that comes twice makes one.

    Raises ValidationError for no words, a day that is over, two measures, and for more than ten
    that are open.
    """
    locked = Agent.objects.select_related("site").select_for_update(no_key=True, of=("self",))
    agent = locked.get(pk=step.agent.pk)
    _check(step, day_of(now, agent.site.calendar))
    rows = Action.objects.filter(agent=step.agent)
    same = rows.filter(
        made_by=who, made_at__gt=now - TWICE, words=step.words, due_on=step.due_on, kpi=step.kpi,
        criterion=step.criterion,
    ).first()  # fmt: skip
    if same is not None:
        there: Action = same
        return there
    if rows.standing().count() >= MOST_OPEN:
        words = _("%(who)s has %(n)s open steps: end one first.")
        raise ValidationError(words % {"who": step.agent.name, "n": MOST_OPEN})
    made: Action = Action.objects.create(
        agent=step.agent, session=session, words=step.words, due_on=step.due_on, kpi=step.kpi,
        criterion=step.criterion, made_by=who, made_at=now,
    )  # fmt: skip
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


def _check(step: Step, today: date) -> None:
    if not step.words:
        raise ValidationError({"words": _("Say what the step is.")})
    if step.due_on < today:
        raise ValidationError({"due_on": _("That day is over: choose today or later.")})
    if step.kpi and step.criterion is not None:
        raise ValidationError({"criterion": _("A step has one measure: a KPI or a criterion.")})


@transaction.atomic
def end(action: Action, state: str, words: str, revision: int, who: User, now: datetime) -> Action:
    """Say that a step is done, or dropped, and how it went.

    Said twice it stays as it ended first. Raises ValidationError where it was changed meanwhile,
    for no such end, and where it is dropped without words.
    """
    there: Action = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if there.state == state:
        return there
    if there.state != State.OPEN or there.revision != revision:
        raise ValidationError(_("Somebody has changed it meanwhile: look again."))
    if state not in (State.DONE, State.DROPPED):
        raise ValidationError(_("A step is done, or it is dropped."))
    if state == State.DROPPED and not words:
        raise ValidationError({"words": _("Say why it is dropped.")})
    before = values(there)
    there.state, there.ended_at, there.ended_words = state, now, words
    there.revision += 1
    there.save()
    audit.record(who, there, before=before, after=values(there), now=now)
    return there


def values(action: Action) -> dict[str, Any]:
    """What the log of changes keeps of an action."""
    return audit.values_of(action, UNSAID)
