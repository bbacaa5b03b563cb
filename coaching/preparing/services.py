"""Writes what a session is prepared with, again where that is asked for."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from coaching.models import AgendaItem, Preparation, Session
from coaching.preparing import finding
from coaching.preparing.finding import Prepared
from coaching.preparing.points import (
    BESIDE,
    EARLIER,
    Found,
    Plan,
    There,
    placed,
    reconcile,
    same_matter,
)

Source = AgendaItem.Source


def agent_of(session: Session) -> Agent | None:
    """Whom a session is prepared about; None: it is with several. One query."""
    people = list(session.participants.select_related("agent__site")[:2])
    return people[0].agent if len(people) == 1 else None


def prepare(session: Session, who: User, now: datetime) -> Preparation:
    """Fill the agenda of a planned session with one agent by what its coach may read, as it is now.

    Done again it keeps what somebody has said and ticked, renews the figures beneath, puts what is
    new in its place, and takes away what is not found any more. Of that stays, marked by the days
    that it was found of, what somebody has touched, and all of an agenda that its agent reads.
    `Preparation.changed` tells of it. Raises ValidationError where the session is not planned, or
    is with several.
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
    found = _join(there, made.found)
    standing = {one.pk: one for one in rows.exclude(found_as="")}
    plan = reconcile(
        [
            There(one.pk, one.found_as, one.facts, one.is_used, one.is_kept)
            for one in standing.values()
        ],
        found,
        is_shared=there.shared_at is not None,
    )
    before = Preparation.objects.filter(session=there).first()
    changed = {} if before is None else _changed(plan, standing)
    rows.filter(pk__in=[one.pk for one in plan.gone]).delete()
    moved = _renew(plan, standing)
    left = _leave(plan, standing, before)
    _place(rows, [*moved, *_add(there, agent, plan.add, now)], left)
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


def join(session: Session) -> None:
    """Have what rules proposed of a planned session, which the transaction holds, tell beneath what
    was found about the same: one point where there were two. What somebody has touched stays."""
    rows = AgendaItem.objects.filter(session=session).exclude(found_as="")
    _join(session, [Found(one.found_as, one.source, one.facts) for one in rows], renews=False)


def _join(session: Session, found: Sequence[Found], *, renews: bool = True) -> list[Found]:
    """Put what was found about the criterion or KPI of what a rule proposed beneath that; the rest
    of it. Strengths stand by themselves: they are no reason that a rule has. `renews`: what is
    beneath and not found any more goes."""
    rows = AgendaItem.objects.filter(session=session)
    proposed = list(rows.filter(found_as="", facts__has_key="proposal"))
    keys = {one.pk: same_matter(one.facts) for one in proposed}
    wanted = frozenset[str]().union(*keys.values())
    there = list(rows.filter(found_as__in=wanted))
    is_shared = session.shared_at is not None
    stays = {one.found_as for one in there if one.is_used or is_shared or not one.is_kept}
    joined = {
        one.key: one
        for one in found
        if one.key in wanted - stays and one.source not in OPENED_WITH and EARLIER not in one.facts
    }
    rows.filter(pk__in=[one.pk for one in there if one.found_as in joined]).delete()
    for point in proposed:
        beside = [_beneath(joined[key]) for key in sorted(keys[point.pk] & joined.keys())]
        if beside or renews:
            point.facts = {name: one for name, one in point.facts.items() if name != BESIDE}
            point.facts |= {BESIDE: beside} if beside else {}
    AgendaItem.objects.bulk_update(proposed, ["facts"])
    return [one for one in found if one.key not in joined]


def _beneath(one: Found) -> dict[str, object]:
    return {"source": one.source, "facts": dict(one.facts)}


def _log(kept: Preparation, plan: Plan, who: User, now: datetime, *, is_first: bool) -> None:
    """How many points a preparation put on the agenda, made anew and took off. What they say is not
    in the log."""
    many = {"added": len(plan.add), "renewed": len(plan.renew), "gone": len(plan.gone)}
    of = {"session": kept.session_id}
    after = of | {name: n for name, n in many.items() if n}
    if is_first or after != of:
        audit.record(who, kept, before=None if is_first else of, after=after, now=now)


OPENED_WITH = (Source.ACTION, Source.STRENGTH)


def _add(session: Session, agent: Agent, found: Sequence[Found], now: datetime) -> list[AgendaItem]:
    """New points. Where their agent reads the agenda already, the coach is asked first: none of
    them is ticked but what a session opens with."""
    return list(
        AgendaItem.objects.bulk_create(
            AgendaItem(
                session=session, agent=agent, source=one.source, facts=dict(one.facts),
                found_as=one.key, call_id=one.call, made_at=now,
                is_kept=session.shared_at is None or one.source in OPENED_WITH,
            )
            for one in found
        )
    )  # fmt: skip


def _renew(plan: Plan, standing: dict[int, AgendaItem]) -> list[AgendaItem]:
    """Have points say what was found now. Those that come of another source by now."""
    moved = []
    for pk, one in plan.renew.items():
        point = standing[pk]
        if point.source != one.source:
            moved.append(point)
        point.facts, point.source = dict(one.facts), one.source
        point.found_as, point.call_id = one.key, one.call
    fields = ["facts", "source", "found_as", "call"]
    AgendaItem.objects.bulk_update([standing[pk] for pk in plan.renew], fields)
    return moved


def _leave(
    plan: Plan, standing: dict[int, AgendaItem], before: Preparation | None
) -> list[AgendaItem]:
    """Have what is not found any more say of which days it was. Those of them that nobody has
    used, but for steps: that one is closed tells itself."""
    left = [standing[one.pk] for one in plan.left if standing[one.pk].source != Source.ACTION]
    days = {} if before is None or before.first is None else _days_of(before)
    dated = [one for one in left if EARLIER not in one.facts]
    for one in dated:
        one.facts = one.facts | {EARLIER: days}
    AgendaItem.objects.bulk_update(dated, ["facts"])
    return [one for one in left if not one.is_used]


def _days_of(one: Preparation) -> dict[str, str]:
    assert one.first is not None
    assert one.last is not None
    return {"from": one.first.isoformat(), "to": one.last.isoformat()}


def _place(
    rows: QuerySet[AgendaItem], new: Sequence[AgendaItem], left: Sequence[AgendaItem]
) -> None:
    """Put new points in their places, and below all others what is left of earlier days."""
    there = {one.pk: one for one in rows.order_by("place", "pk")}
    last = {one.pk for one in left}
    apart = last | {one.pk for one in new}
    order = placed(
        # What somebody put on it stands where it was put, of whatever source it is.
        [(pk, one.found_as and one.source) for pk, one in there.items() if pk not in apart],
        [(one.pk, one.source) for one in new],
    )
    order += [pk for pk in there if pk in last]
    for place, pk in enumerate(order, start=1):
        there[pk].place = place
    AgendaItem.objects.bulk_update(there.values(), ["place"])


def _changed(plan: Plan, standing: dict[int, AgendaItem]) -> dict[str, object]:
    """What another preparation changed; what is gone with its facts, so that it can be named."""
    return {
        "added": [one.key for one in plan.add],
        "renewed": [one.key for one in plan.renew.values()],
        "gone": [
            {"source": standing[one.pk].source, "facts": dict(one.facts)} for one in plan.gone
        ],
        "left": [one.key for one in plan.left if standing[one.pk].source != Source.ACTION],
    }
