"""Writes what a session is prepared with, again where that is asked for."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from coaching.models import AgendaItem, Preparation, Session
from coaching.preparing import finding
from coaching.preparing.finding import Prepared
from coaching.preparing.points import Found, Plan, There, reconcile


def agent_of(session: Session) -> Agent | None:
    """Whom a session is prepared about; None: it is with several. One query."""
    people = list(session.participants.select_related("agent__site")[:2])
    return people[0].agent if len(people) == 1 else None


def prepare(session: Session, who: User, now: datetime) -> Preparation:
    """Fill the agenda of a planned session with one agent by what its coach may read, as it is now.

    Done again it keeps what somebody has touched, renews the rest, adds what is new, and takes away
    what is not found any more, unless its agent reads the agenda by then; `Preparation.changed`
    tells of it. Raises ValidationError where the session is not planned, or is with several.
    """
    agent = agent_of(session)
    if agent is None:
        raise ValidationError(_("A session with several is not prepared: write its agenda."))
    if session.state != Session.State.PLANNED:
        raise ValidationError(_("The session is over: its agenda stays."))
    made = finding.prepared(session, agent, now)
    return _kept(session, agent, made, who, now)


@transaction.atomic
def _kept(session: Session, agent: Agent, made: Prepared, who: User, now: datetime) -> Preparation:
    there = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
    if there.state != Session.State.PLANNED:
        raise ValidationError(_("The session is over: its agenda stays."))
    rows = AgendaItem.objects.filter(session=there)
    standing = {one.pk: one for one in rows.exclude(found_as="")}
    plan = reconcile(
        [There(one.pk, one.found_as, one.facts, one.is_touched) for one in standing.values()],
        made.found,
        is_shared=there.shared_at is not None,
    )
    before = Preparation.objects.filter(session=there).first()
    changed = {} if before is None else _changed(plan, standing)
    for pk, one in plan.renew.items():
        standing[pk].facts = dict(one.facts)
        standing[pk].source = one.source
    AgendaItem.objects.bulk_update([standing[pk] for pk in plan.renew], ["facts", "source"])
    rows.filter(pk__in=[one.pk for one in plan.gone]).delete()
    _add(there, agent, plan.add, now)
    spans = made.spans
    kept: Preparation
    kept, _made = Preparation.objects.update_or_create(
        session=there,
        defaults={
            "first": spans.now.first if spans else None,
            "last": spans.now.last if spans else None,
            "before_first": spans.before.first if spans else None,
            "before_last": spans.before.last if spans else None,
            "why": spans.why if spans else "",
            "untold": made.untold,
            "changed": changed,
            "made_by": who,
            "made_at": now,
        },
    )
    _log(kept, plan, who, now, is_first=before is None)
    return kept


def _log(kept: Preparation, plan: Plan, who: User, now: datetime, *, is_first: bool) -> None:
    """How many points a preparation put on the agenda, made anew and took off. What they say is not
    in the log."""
    many = {"added": len(plan.add), "renewed": len(plan.renew), "gone": len(plan.gone)}
    of = {"session": kept.session_id}
    after = of | {name: n for name, n in many.items() if n}
    if is_first or after != of:
        audit.record(who, kept, before=None if is_first else of, after=after, now=now)


def _add(session: Session, agent: Agent, found: Sequence[Found], now: datetime) -> None:
    """New points stand below all others, in the order that they were found in. Where their agent
    reads the agenda already, the coach is asked first: none of them is ticked."""
    last = AgendaItem.objects.filter(session=session).aggregate(last=Max("place"))["last"] or 0
    AgendaItem.objects.bulk_create(
        AgendaItem(
            session=session, agent=agent, source=one.source, facts=dict(one.facts),
            found_as=one.key, call_id=one.call, place=last + place, made_at=now,
            is_kept=session.shared_at is None,
        )
        for place, one in enumerate(found, start=1)
    )  # fmt: skip


def _changed(plan: Plan, standing: dict[int, AgendaItem]) -> dict[str, object]:
    """What another preparation changed; what is gone with its facts, so that it can be named."""
    return {
        "added": [one.key for one in plan.add],
        "renewed": [standing[pk].found_as for pk in plan.renew],
        "gone": [
            {"source": standing[one.pk].source, "facts": dict(one.facts)} for one in plan.gone
        ],
    }
